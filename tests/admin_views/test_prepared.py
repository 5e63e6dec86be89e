"""Large files: made beside the page, by the page itself, for the person who asked and nobody else."""

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from admin_views.base import exporting
from engine import clock, prepared
from engine.acting import SYSTEM, Door, Role, acting
from engine.transitions.performing import perform
from models.accounts import Account
from models.audit import AuditEntry
from models.job import Job, JobState
from models.prepared_file import PreparedFile, PreparedPart
from tests.factories.accounts import sign_in
from tests.factories.browsing import post
from tests.factories.pages import in_english, read
from tests.factories.quality import House, contact, house
from tests.factories.working import prepared as taken
from tests.factories.working import work_off
from tests.fixtures.crew import Browse

ADDRESS = "/service_record/export/csv/"


@pytest.fixture
def at(session: Session, monkeypatch: pytest.MonkeyPatch) -> House:
    """More records than are exported at once."""
    monkeypatch.setattr(exporting, "LARGE", 3)
    made = house(session)
    for number in range(5):
        session.add(contact(made, f"R-{number}", customer_name="金丝雀"))
    session.commit()
    return made


@pytest.fixture
def manager(at: House, browse: Browse) -> FlaskClient:
    return in_english(browse(at.manager))


def test_large_table_is_offered_and_looking_asks_for_nothing(session: Session, manager: FlaskClient) -> None:
    assert "Making this file takes a while" in read(manager, ADDRESS)
    assert session.scalars(select(Job.id)).all() == []


def test_large_table_comes_as_the_list_shows_it(session: Session, manager: FlaskClient) -> None:
    answer = taken(manager, f"{ADDRESS}?search=R-")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=service_record_")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert len(rows) == 1 + 5
    assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "export")).all() == ["export"]


def test_file_that_is_taken_away_slowly_keeps_nobody_from_writing(
    session: Session, at: House, manager: FlaskClient
) -> None:
    with taken(manager, ADDRESS, buffered=False) as slow:
        assert next(iter(slow.response))
        session.add(contact(at, "R-meanwhile"))
        session.commit()


def test_page_says_how_far_it_is(manager: FlaskClient) -> None:
    where = post(manager, "/prepared/ask", {"address": ADDRESS}).location
    assert "The file is being made" in read(manager, where)
    assert post(manager, "/prepared/ask", {"address": ADDRESS}).location == where
    assert work_off(manager.application) == 1
    assert "The file is ready" in read(manager, where)


def test_file_rests_encrypted_and_goes_after_a_day(session: Session, manager: FlaskClient) -> None:
    taken(manager, ADDRESS)
    stored = b"".join(bytes(part) for part in session.execute(text("SELECT content FROM prepared_part")).scalars())
    assert len(stored) > 100
    assert b"R-1" not in stored
    prepared.forget_old(session, clock.now() + prepared.KEPT / 2)
    assert session.scalars(select(PreparedFile.id)).all() != []
    prepared.forget_old(session, clock.now() + prepared.KEPT * 2)
    assert session.scalars(select(PreparedFile.id)).all() == []
    assert session.scalars(select(PreparedPart.id)).all() == []


def test_file_is_nobody_else_s(at: House, manager: FlaskClient, browse: Browse) -> None:
    where = taken(manager, ADDRESS).request.path
    other = browse(at.lead, Role.ADMINISTRATOR)
    assert other.get(where).status_code == 404
    assert other.get(where.removesuffix("/file")).status_code == 404


def test_rights_are_those_of_the_making(session: Session, at: House, manager: FlaskClient) -> None:
    """Between asking and making the account was shut."""
    where = post(manager, "/prepared/ask", {"address": ADDRESS}).location
    with acting(SYSTEM, Door.COMMAND):
        account = session.scalars(select(Account).where(Account.staff_id == at.manager.id)).one()
        perform(session, account, "disable", reason="left")
        session.commit()
    assert work_off(manager.application) == 1
    session.expire_all()
    job = session.scalars(select(Job)).one()
    assert (job.state, job.error) == (JobState.DEAD, "HopelessError: shut")
    assert session.scalars(select(PreparedFile.id)).all() == []
    assert where


def test_file_is_taken_with_the_rights_with_which_it_was_made(
    session: Session, at: House, manager: FlaskClient
) -> None:
    path = taken(manager, ADDRESS).request.path
    with acting(SYSTEM, Door.COMMAND):
        account = session.scalars(select(Account).where(Account.staff_id == at.manager.id)).one()
        account.roles = [Role.HR.value]
        session.commit()
        session.refresh(account)
        session.expunge(account)
        session.rollback()
    assert sign_in(manager.application.test_client(), account).get(path).status_code == 404


def test_whoever_may_not_export_gets_no_file(session: Session, at: House, browse: Browse) -> None:
    agent = browse(at.agents[0])
    assert post(agent, "/prepared/ask", {"address": ADDRESS}).status_code == 303
    assert work_off(agent.application) == 1
    session.expire_all()
    assert session.scalars(select(Job.error)).one() == "HopelessError: 403"
    number = session.scalars(select(Job.id)).one()
    assert "The file could not be made: You may not take it." in read(in_english(agent), f"/prepared/{number}")
    assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "denied")).all() != []


@pytest.mark.parametrize(
    "address", ["", "/", "//evil.example/export", "https://evil.example/", "/service_record/", "/no/such", "/x" * 2000]
)
def test_only_files_of_our_own_pages_are_made(manager: FlaskClient, app: Flask, address: str) -> None:
    assert post(manager, "/prepared/ask", {"address": address}).status_code == 400
