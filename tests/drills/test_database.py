"""F5, F6: the database is held, cut or full in the middle: a clear sentence, nothing half written, and on it goes."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from engine import database
from engine.acting import SYSTEM, Door, acting
from models.audit import AuditEntry
from tests.drills import invariants
from tests.drills.nursery import Nursery
from tests.drills.occurrences import crowd, fall_due
from tests.drills.sinks import WebSink, arrived
from tests.factories.browsing import token, version_in
from tests.factories.office import Office
from tests.factories.pages import in_chinese
from tests.fixtures.client import ClientAs
from tests.fixtures.mail import Mailbox

pytestmark = pytest.mark.slow

BUSY = "The database is busy"


@pytest.fixture
def impatient(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second is long enough to wait for a lock here."""
    monkeypatch.setitem(database.PRAGMAS, "busy_timeout", "100")
    monkeypatch.setattr(database, "PATIENCE", "100ms")
    monkeypatch.setattr(app, "testing", False)
    with app.app_context():
        database.db.engine.dispose()


@contextmanager
def held(url: str) -> Iterator[None]:
    """Somebody else has the database in the middle of a write."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
        return
    engine = create_engine(url)
    with engine.connect() as other:
        other.execute(text("LOCK TABLE team IN ACCESS EXCLUSIVE MODE"))
        yield
        other.rollback()
    engine.dispose()


def renaming(office: Office, client: FlaskClient, name: str) -> tuple[str, dict[str, str]]:
    """An edit of the team, ready to be sent."""
    url = f"/team/edit/?id={office.team.id}"
    page = client.get(url)
    fields = {"tier": "1", "channels-shown": "1", "channels": str(office.channel.id)}
    return url, {"csrf_token": token(client), "version": version_in(page), "name": name, **fields}


def entries(office: Office) -> int:
    with office.session() as session:
        return session.query(AuditEntry).count()


@pytest.mark.usefixtures("impatient")
def test_write_while_somebody_holds_the_database_says_so_and_keeps_the_text(
    office: Office, client_as: ClientAs, database_url: str
) -> None:
    client = client_as(office.hr)
    url, form = renaming(office, client, "慢慢来\n组")
    before = entries(office)
    with held(database_url):
        began = time.monotonic()
        answer = client.post(url, data=form)
        assert time.monotonic() - began < 5
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert BUSY in answer.text
    assert 'name="name" value="慢慢来\n组"' in answer.text
    assert f'action="{url}"' in answer.text
    assert "Traceback" not in answer.text
    assert (office.again(office.team).name, entries(office)) == ("一组", before)
    assert client.post(url, data=form).status_code == 303, "the same again goes through"
    assert "慢慢来" in office.again(office.team).name


@pytest.mark.usefixtures("impatient")
def test_trouble_is_said_in_the_readers_language(office: Office, client_as: ClientAs, database_url: str) -> None:
    client = client_as(office.hr)
    url, form = renaming(office, client, "改名组")
    in_chinese(client)
    with held(database_url):
        answer = client.post(url, data=form)
    assert answer.status_code == 503
    assert '<html lang="zh-CN"' in answer.text


@pytest.mark.usefixtures("impatient")
def test_cell_while_somebody_holds_the_database_says_so_beside_the_cell(
    office: Office, client_as: ClientAs, database_url: str
) -> None:
    client = client_as(office.hr)
    form = {"csrf_token": token(client), "list_form_pk": str(office.team.id), "tier": "3", "version": "1"}
    with held(database_url):
        answer = client.post("/team/ajax/update/", data=form, headers={"X-Requested-With": "XMLHttpRequest"})
    assert (answer.status_code, len(answer.get_json()["errors"])) == (503, 1)
    assert client.post("/team/ajax/update/", data=form).status_code == 200


@pytest.mark.sqlite
@pytest.mark.usefixtures("impatient")
def test_reading_goes_on_while_somebody_writes(office: Office, client_as: ClientAs, database_url: str) -> None:
    client = client_as(office.hr)
    client.get("/team/")
    with held(database_url):
        assert client.get("/team/").status_code == 200
        assert client.get(f"/team/details/?id={office.team.id}").status_code == 200


@pytest.mark.sqlite
def test_long_reader_does_not_let_the_log_grow_for_ever(app: Flask, database_url: str) -> None:
    from pathlib import Path

    file = Path(database_url.removeprefix("sqlite:///"))
    log = file.with_name(file.name + "-wal")
    with (
        app.app_context(),
        acting(SYSTEM, Door.COMMAND),
        closing(sqlite3.connect(file, isolation_level=None)) as reader,
    ):
        session = database.db.session()
        session.execute(text("PRAGMA journal_size_limit = 1000000"))
        session.rollback()
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM department").fetchone()
        _write_much(session, 60)
        grown = log.stat().st_size
        reader.execute("ROLLBACK")
        _write_much(session, 20)
        assert grown > 2_000_000
        assert log.stat().st_size <= 1_100_000


def _write_much(session: Session, times: int) -> None:
    for number in range(times):
        session.execute(
            text("INSERT INTO heartbeat VALUES (:name, '2026-01-01 00:00:00', 0, 0, :note)"),
            {"name": f"{time.monotonic_ns()}-{number}", "note": "x" * 50_000},
        )
        session.commit()


@pytest.mark.postgres
@pytest.mark.usefixtures("impatient")
def test_connection_killed_in_the_middle_is_one_sentence_and_then_forgotten(
    office: Office, client_as: ClientAs, database_url: str
) -> None:
    """What a restart of the server or an administrator does to one backend, in the middle of a write."""
    client = client_as(office.hr)
    url, form = renaming(office, client, "断线组")
    before = entries(office)
    with office.app.app_context():
        engine = database.db.engine

    def kill(connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO audit_entry"):
            event.remove(engine, "before_cursor_execute", kill)
            mine = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[attr-defined]  # psycopg's own
            _run(database_url, f"SELECT pg_terminate_backend({mine})")
            time.sleep(0.1)

    event.listen(engine, "before_cursor_execute", kill)
    answer = client.post(url, data=form)
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert 'value="断线组"' in answer.text
    assert (office.again(office.team).name, entries(office)) == ("一组", before)
    assert client.post(url, data=form).status_code == 303
    assert office.again(office.team).name == "断线组"
    with office.session() as session:
        invariants.sound(session)


@pytest.mark.postgres
def test_server_without_room_is_one_sentence_and_nothing_is_half_written(
    office: Office, client_as: ClientAs, database_url: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's own words and code for a full disk, at the last write of the transaction."""
    monkeypatch.setattr(app, "testing", False)
    client = client_as(office.hr)
    url, form = renaming(office, client, "满盘组")
    before = entries(office)
    full = "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'"
    _run(database_url, f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {full}; END $$")
    _run(database_url, "CREATE TRIGGER full_disk BEFORE INSERT ON audit_entry EXECUTE FUNCTION full_disk()")
    try:
        answer = client.post(url, data=form)
    finally:
        _run(database_url, "DROP FUNCTION full_disk CASCADE")
    assert answer.status_code == 503
    assert "disk is full" in answer.text
    assert (office.again(office.team).name, entries(office)) == ("一组", before)
    assert client.post(url, data=form).status_code == 303


def _run(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def now(app: Flask) -> Iterator[Session]:
    """A session at the real time: the schedulers live in it."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        yield database.db.session()


def test_schedulers_go_on_by_themselves_after_the_database_was_held(
    now: Session, schedulers: Nursery, mailbox: Mailbox, web: WebSink, database_url: str
) -> None:
    schedulers.usual = {"smtp": mailbox.port, "http": web.url, "lease": 30}
    people = crowd(now)
    expected = fall_due(now, people, 120, mails=15)
    holder = threading.Thread(target=_hold, args=(database_url, 3))
    holder.start()
    for _number in range(2):
        schedulers.start()
    holder.join()
    took = invariants.await_quiet(now, 60)
    assert schedulers.dead() == []
    assert took < 60
    invariants.nothing_lost_nothing_doubled(now, expected)
    invariants.all_arrived(now, arrived(mailbox), expected.mails, 0)
    invariants.sound(now)


def _hold(url: str, seconds: float) -> None:
    """On SQLite the whole database; on PostgreSQL the table that schedulers write most."""
    if url.startswith("sqlite"):
        with held(url):
            time.sleep(seconds)
        return
    engine = create_engine(url)
    with engine.connect() as other:
        other.execute(text("LOCK TABLE notification IN ACCESS EXCLUSIVE MODE"))
        time.sleep(seconds)
        other.rollback()
    engine.dispose()
