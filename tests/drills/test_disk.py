"""F7, F8: a disk without room, a power cut in the middle of the log: nothing half written, and on it goes by itself."""

import random
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.audit import note
from engine.config import Settings
from engine.database import db
from engine.sweep import sweep
from models.audit import AuditEntry
from models.notification import Notification
from models.obligation import Obligation, Reminder, ReminderState
from tests.drills import invariants
from tests.drills.figures import figures
from tests.drills.occurrences import crowd, fall_due
from tests.factories.browsing import token, version_in
from tests.factories.office import Office, office
from tests.fixtures.client import ClientAs

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


@contextmanager
def no_room(app: Flask) -> Iterator[None]:
    """SQLite may not take one more page: what a full disk looks like to it, on any machine."""

    def full(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with app.app_context():
        engine = db.engine
    _fill_free_pages(app)
    engine.dispose()
    event.listen(engine, "connect", full)
    yield
    event.remove(engine, "connect", full)
    engine.dispose()


def _fill_free_pages(app: Flask) -> None:
    """Pages that were freed before would still take something in."""
    with closing(sqlite3.connect(app.config["DUTYBOOK"].sqlite_file)) as plain:
        plain.execute("VACUUM")


def test_write_without_room_says_so_and_leaves_nothing_half(
    app: Flask, office: Office, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "testing", False)
    client, url = client_as(office.hr), f"/team/edit/?id={office.team.id}"
    form = {"csrf_token": token(client), "tier": "1", "channels-shown": "1", "channels": str(office.channel.id)}
    refused = 0
    with no_room(app):
        for number in range(200):
            before = _state(office)
            version = version_in(client.get(url))
            answer = client.post(url, data={**form, "version": version, "name": f"满{number}" + "长" * 60})
            if answer.status_code == 303:
                continue  # the last page still had room
            refused += 1
            assert answer.status_code == 503
            assert "disk is full" in answer.text
            assert f"满{number}" in answer.text
            assert _state(office) == before
            break
    assert refused == 1
    version = version_in(client.get(url))
    assert client.post(url, data={**form, "version": version, "name": "又有地方"}).status_code == 303
    assert office.again(office.team).name == "又有地方"
    with office.session() as session:
        invariants.sound(session)


def _state(of: Office) -> tuple[str, int]:
    with of.session() as session:
        return of.again(of.team).name, session.query(AuditEntry).count()


def test_sweep_without_room_loses_nothing(app: Flask) -> None:
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        people = crowd(db.session())
        expected = fall_due(db.session(), people, 300, mails=5)
        db.session.remove()
    with no_room(app), app.app_context(), suppress(Exception):
        sweep(db.session())
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        _none_is_half_done(session)
        # What was put off because of it comes back after a minute.
        with clock.fixed_at(clock.now() + timedelta(hours=2)):
            while sweep(session).total:
                pass
            invariants.nothing_lost_nothing_doubled(session, expected)
        invariants.sound(session)


def _none_is_half_done(session: Session) -> None:
    """A reminder that is marked as sent has its notice, in whatever batch the room ran out."""
    sent = session.scalar(select(func.count()).where(Reminder.state == ReminderState.SENT))
    assert session.scalar(select(func.count(Notification.id))) == sent
    session.rollback()


@contextmanager
def small_disk(at: Path, megabytes: int) -> Iterator[None]:
    """A file system of that size; needs root and a kernel that lets it."""
    at.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(at)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no small disk: this machine does not let us mount one (it takes root)")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def test_disk_really_full_then_room_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real file system of eight megabytes, filled by somebody else, then freed."""
    from app import create_app
    from server.migration import to_head
    from tests.factories.accounts import account, sign_in
    from tests.factories.browsing import post

    disk = tmp_path / "disk"
    with small_disk(disk, 16):
        app = create_app(Settings(instance_dir=disk, database_url=f"sqlite:///{disk}/dutybook.sqlite"))
        with app.app_context():
            to_head(app, lambda _words: None)
        rows = office(app)
        with rows.session() as session:
            made = account(session, rows.hr)
            made.totp_secret = "JBSWY3DPEHPK3PXP"
            session.commit()
            session.refresh(made)
            session.expunge(made)
        client = sign_in(app.test_client(), made)
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        url = f"/team/edit/?id={rows.team.id}"
        version, known = version_in(client.get(url)), token(client)
        other = disk / "somebody-elses.file"
        with suppress(OSError), other.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        before = _state_of(rows)
        form = {"tier": "1", "channels-shown": "1", "channels": str(rows.channel.id), "name": "满盘"}
        answer = client.post(url, data={"csrf_token": known, "version": version, **form})
        assert answer.status_code == 503, answer.text[:500]
        assert "满盘" in answer.text
        other.unlink()
        assert _state_of(rows) == before
        assert post(client, url, {"version": version, **form}).status_code == 303
        assert rows.again(rows.team).name == "满盘"
        with rows.session() as session:
            invariants.sound(session)
        with app.app_context():
            db.engine.dispose()


def _state_of(of: Office) -> str:
    return of.again(of.team).name


def power_cuts(app: Flask, folder: Path, cuts: int, *, garbled: bool) -> int:
    """Cut the log at many places and open what is left: each time it is what stood there after some commit."""
    file = Path(app.config["DUTYBOOK"].database_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as keeper:
        # A connection that stays keeps the log from being taken in.
        keeper.execute("PRAGMA wal_autocheckpoint = 0")
        prefixes = _commit_many(app)
        whole = file.with_name(file.name + "-wal").read_bytes()
        body = file.read_bytes()
    chance, seen = random.Random(8), set()
    for number in range(cuts):
        cut = chance.randrange(len(whole) + 1)
        left = bytearray(whole[:cut])
        if garbled and left:
            left[-min(len(left), 512) :] = chance.randbytes(min(len(left), 512))
        seen.add(_committed(folder / f"cut{number % 2}.sqlite", body, bytes(left), prefixes))
    assert len(seen) > min(cuts, len(prefixes)) / 4
    return len(seen)


def _commit_many(app: Flask) -> list[tuple[int, int]]:
    """Forty commits that write several tables each; how many duties and audit entries stood after each of them."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        session.connection().exec_driver_sql("PRAGMA wal_autocheckpoint = 0")
        people = crowd(session)
        prefixes = [_count(session)]
        for number in range(40):
            note(session, "export", "staff", number, "演练")
            fall_due(session, people, 3, mails=1)
            prefixes.append(_count(session))
        session.rollback()
    return prefixes


def _count(session: Session) -> tuple[int, int]:
    return session.query(Obligation).count(), session.query(AuditEntry).count()


def _committed(copy: Path, body: bytes, log: bytes, prefixes: list[tuple[int, int]]) -> tuple[int, int]:
    """Open the copy as a restart would, and find in it exactly what some commit left."""
    copy.write_bytes(body)
    copy.with_name(copy.name + "-wal").write_bytes(log)
    copy.with_name(copy.name + "-shm").unlink(missing_ok=True)
    with closing(sqlite3.connect(copy)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert opened.execute("PRAGMA foreign_key_check").fetchall() == []
        found = tuple(
            opened.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("obligation", "audit_entry")
        )
        reminders = opened.execute("SELECT count(*) FROM reminder").fetchone()[0]
        head = opened.execute("SELECT max(last_id) FROM audit_head").fetchone()[0] or 0
    assert (reminders, head) == found, "one table is ahead of another"
    assert found in {*prefixes, (0, 0)} or found[0] == 0
    return found  # type: ignore[return-value]  # two counts


def test_power_cut_at_any_place_leaves_what_some_commit_left(app: Flask, tmp_path: Path) -> None:
    power_cuts(app, tmp_path, 60, garbled=False)


@pytest.mark.drill
@pytest.mark.parametrize("garbled", [False, True])
def test_thousand_power_cuts(app: Flask, tmp_path: Path, garbled: bool) -> None:
    seen = power_cuts(app, tmp_path, 1000, garbled=garbled)
    figures(
        f"1000 power cuts{', the end garbled' if garbled else ''}: each left one of {seen} committed states, 0 damaged"
    )
