"""What a log line holds: always one line, always its request, never a person."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Door, Role, acting, tied_to
from engine.config import Settings
from engine.jobs.asking import enqueue
from engine.notices.delivering import deliver_due
from engine.notices.sending import Parcel, SendingError
from models.audit import AuditEntry
from models.job import Job
from models.notification import DeliveryChannel
from models.organisation import Staff
from models.service_record import ServiceRecord
from server.logs import JsonLine, PlainLine, configuration
from server.watching import Watch
from tests.factories.browsing import token
from tests.factories.notification import told
from tests.factories.pages import in_english
from tests.factories.quality import contact, house
from tests.factories.working import work_off
from tests.fixtures.client import ClientAs
from tests.fixtures.mail import Mailbox

CANARIES = ("欧阳金丝雀", "13900001111", "canary@customer.example", "浙A12345", "金丝雀巷8号")
NAME, PHONE, MAIL, PLATE, ADDRESS = CANARIES
HOSTILE = "quiet\r\n2026-01-01 ERROR forged\x1b[31m\u2028\u202e line"


@contextmanager
def lines(form: logging.Formatter) -> Iterator[io.StringIO]:
    """Everything that anybody logs inside the block, down to DEBUG, in that form."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(form)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def failing() -> None:
    statement, told_by_database = "INSERT INTO t VALUES (:x)", f"duplicate key value: ({PHONE})"
    raise IntegrityError(statement, {"x": NAME}, ValueError(told_by_database))


def let_go(session: Session, *rows: object) -> None:
    """Commit, and leave the database to the pages; the rows can still be read."""
    session.commit()
    for row in rows:
        session.refresh(row)
    session.expunge_all()
    session.rollback()


@pytest.mark.parametrize("form", [JsonLine(), PlainLine()], ids=["json", "plain"])
def test_line_cannot_be_broken(form: logging.Formatter) -> None:
    with lines(form) as written:
        logging.getLogger("engine.sample").warning("said %s", HOSTILE, extra={"route": HOSTILE})
    assert len(written.getvalue().splitlines()) == 1
    assert "\x1b" not in written.getvalue()
    assert "\u202e" not in written.getvalue()


@pytest.mark.parametrize("form", [JsonLine(), PlainLine()], ids=["json", "plain"])
def test_exception_tells_where_and_not_what(form: logging.Formatter) -> None:
    with lines(form) as written:
        try:
            failing()
        except IntegrityError:
            logging.getLogger("engine.sample").exception("it failed")
    said = written.getvalue()
    assert "IntegrityError" in said
    assert "test_logs.py" in said
    assert "failing" in said
    assert not any(canary in said for canary in CANARIES)


def test_library_s_arguments_are_left_out() -> None:
    with lines(JsonLine()) as written:
        logging.getLogger("urllib3.sample").info("parameters %r", (NAME,))
        logging.getLogger("engine.sample").info("batch %s", 7)
    first, second = map(json.loads, written.getvalue().splitlines())
    assert first["message"] == "parameters %r"
    assert second["message"] == "batch 7"


def test_json_line_bears_the_request_under_way() -> None:
    with lines(JsonLine()) as written, tied_to("abcdef123456"):
        logging.getLogger("plugins.sample").info("done", extra={"job": 3})
    assert json.loads(written.getvalue()) | {"at": ""} == {
        "at": "",
        "level": "INFO",
        "logger": "plugins.sample",
        "message": "done",
        "job": 3,
        "request_id": "abcdef123456",
    }


@pytest.mark.parametrize(("form", "formatter"), [("json", "JsonLine"), ("plain", "PlainLine")])
def test_form_is_chosen_by_the_settings(form: str, formatter: str) -> None:
    chosen = configuration(Settings(log_format=form))  # type: ignore[arg-type]  # one of the two
    assert chosen["formatters"]["line"]["()"] == f"server.logs.{formatter}"


def test_every_answer_bears_the_number_of_its_request(client: FlaskClient, session: Session) -> None:
    first, second = (client.get("/no-such-page").headers["X-Request-ID"] for _twice in range(2))
    assert len(first) == 32
    assert first != second


def test_error_page_audit_and_log_know_the_same_number(session: Session, client_as: ClientAs) -> None:
    at = house(session)
    let_go(session, at.agents[0])
    agent = in_english(client_as(at.agents[0]))
    with lines(JsonLine()) as written:
        answer = agent.get("/audit_entry/", buffered=True)
    number = answer.headers["X-Request-ID"]
    assert answer.status_code == 403
    assert number in answer.get_data(as_text=True)
    with acting(SYSTEM, Door.COMMAND):
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "denied")).one()
    assert entry.request_id == number
    request = next(line for line in map(json.loads, written.getvalue().splitlines()) if line["message"] == "request")
    assert (request["request_id"], request["status"], request["actor"]) == (number, 403, at.agents[0].id)


@pytest.mark.parametrize(
    ("proxies", "sent", "is_taken"),
    [
        (1, "0f3b-4711.proxy_1", True),
        (0, "0f3b-4711.proxy_1", False),
        (1, "short", False),
        (1, "x" * 41, False),
        (1, 'a"b c\x00defgh', False),
        (1, "", False),
    ],
)
def test_number_from_outside_counts_from_a_trusted_proxy_alone(
    app: Flask, proxies: int, sent: str, is_taken: bool
) -> None:
    before = app.config["DUTYBOOK"]
    app.config["DUTYBOOK"] = before.model_copy(update={"proxies": proxies})
    try:
        watch = Watch(app)
    finally:
        app.config["DUTYBOOK"] = before
    assert (watch._id_of({"HTTP_X_REQUEST_ID": sent}) == sent) is is_taken


def test_long_work_bears_the_number_of_the_request_that_asked(session: Session, app: Flask) -> None:
    with acting(SYSTEM, Door.COMMAND, "the-request-that-asked"):
        enqueue(session, "send.mail", "send.mail")
        session.commit()
    with lines(JsonLine()) as written:
        assert work_off(app) == 1
    done = next(line for line in map(json.loads, written.getvalue().splitlines()) if line["message"].startswith("task"))
    assert done["request_id"] == "the-request-that-asked"
    assert done["job"] == session.scalars(select(Job.id)).one()


class Unsent:
    """Fails as a mail server does that quotes what it was sent."""

    def send(self, parcel: Parcel) -> None:
        msg = f"550 <{MAIL}> unknown"
        raise SendingError(msg)

    def rest(self) -> None:
        """No connection to end."""


def test_logs_hold_nobody_s_data(
    session: Session, app: Flask, client_as: ClientAs, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Customers go through lists, details, searches, forms, exports, a crash and a failed mail."""
    at = house(session)
    at.manager.email = MAIL
    values = {"customer_name": NAME, "customer_contact": PHONE, "customer_details": ADDRESS, "question": PLATE}
    record = contact(at, "R-1", **values)
    session.add(record)
    let_go(session, at.manager, at.department, record)
    number = record.id
    manager = client_as(at.manager, Role.MANAGER, Role.HR)
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.view_functions, "inbox.index", lambda **_given: failing())
    with lines(JsonLine()) as written, lines(PlainLine()) as plain:
        for path in (
            "/service_record/",
            f"/service_record/details/?id={number}",
            f"/service_record/?search={NAME}&flt0_0={PHONE}",
            f"/service_record/{PHONE}/",
            f"/no/{NAME}/{MAIL}",
            "/service_record/export/csv/",
            "/notices/",
        ):
            manager.get(path, buffered=True)
        form = {"customer_name": NAME, "customer_contact": PHONE, "question": PLATE * 9, "csrf_token": token(manager)}
        for path in ("/service_record/new/", "/service_record/find/", "/login"):
            manager.post(path, data=form | {"contact": PHONE, "login": MAIL, "password": NAME}, buffered=True)
        with acting(SYSTEM, Door.COMMAND):
            session.add(ServiceRecord(number=NAME, department_id=at.department.id))
            with pytest.raises(Exception, match=r".") as wrong:
                session.commit()
            logging.getLogger("engine.sample").error("not written", exc_info=wrong.value)
            session.rollback()
            told(session, session.get_one(Staff, at.manager.id), name={"zh": NAME, "en": NAME})
            session.commit()
        deliver_due(session, {DeliveryChannel.EMAIL: Unsent()}, clock.now())
    for said in (written.getvalue(), plain.getvalue()):
        assert "/service_record/details/" in said
        assert "Integrity" in said
        found = [canary for canary in CANARIES if canary in said or json.dumps(canary)[1:-1] in said]
        assert found == []
