"""A backup and what comes back of it, on both databases and from one to the other."""

import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, select, text

from engine import audit
from engine.accounts import sessions
from engine.acting import SYSTEM, Door, acting
from engine.backup import files, settling, tables
from engine.backup.connecting import snapshot, whole
from engine.backup.errors import BackupError, DamagedError, NotEmptyError, NotNowError, WrongKeyError
from engine.backup.keys import BackupKeys
from engine.backup.restoring import restore
from engine.backup.taking import check, take
from engine.config import Settings
from engine.database import db
from engine.notices.pausing import pause_of
from engine.secret_files import FILES, ensure_secrets
from models.accounts import Account, EndReason, Proof, WebSession
from models.audit import AuditEntry
from models.backup import BackupRun, RunKind
from models.notification import PauseReason
from models.organisation import Channel, Staff
from tests.factories.accounts import HERE, PASSWORD
from tests.factories.backed_up import CANARY, PDF, ROWS, Installation
from tests.factories.organisation import channel, department

pytestmark = pytest.mark.slow


def scratch(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'restored.sqlite'}"


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def is_untouched(url: str) -> bool:
    engine = create_engine(url)
    there = inspect(engine).get_table_names()
    engine.dispose()
    return there == []


def test_everything_comes_back_equal_into_either_database(
    installation: Installation, bare_database_url: str, tmp_path: Path, database_kind: str
) -> None:
    taken = installation.take()
    assert len(taken.contents.sums) > 55
    assert min(each.rows for each in taken.contents.sums.values()) >= 1
    targets = {bare_database_url, scratch(tmp_path)}
    for url in sorted(targets):
        restored = restore(taken.path, installation.target(url), installation.keys)
        assert installation.holds(url, taken.contents)
        assert restored.audit_faults == []
        assert restored.decrypted > ROWS
    again = take(installation.target(scratch(tmp_path)).place, tmp_path / "again", installation.keys, "manual")
    assert again.contents.sums == taken.contents.sums
    (name,) = names(installation.folder / "attachments")
    back = installation.folder.parent / "elsewhere" / "attachments" / name
    assert (back.read_bytes(), stat.S_IMODE(back.stat().st_mode)) == (PDF, 0o600)


@pytest.mark.postgres
def test_rows_after_a_restore_get_numbers_that_were_never_used(
    installation: Installation, bare_database_url: str
) -> None:
    with whole(installation.place.url) as connection:
        connection.execute(text("SELECT setval(pg_get_serial_sequence('staff', 'id'), 900)"))
    restore(installation.take().path, installation.target(bare_database_url), installation.keys)
    with snapshot(bare_database_url) as connection:
        assert tables.next_number(connection, "staff") == 901
        highest = connection.scalar(text("SELECT max(id) FROM obligation"))
        assert tables.next_number(connection, "obligation") == highest + 1


def test_person_signs_in_on_what_was_put_back(
    installation: Installation, bare_database_url: str, tmp_path: Path
) -> None:
    from app import create_app

    with acting(SYSTEM, Door.COMMAND):
        agent = db.session.scalars(select(Account).where(Account.login == "zhang")).one()
        sessions.open_session(db.session(), agent, Proof.FULL, HERE)
        db.session.commit()
        taken = installation.take()
        restore(taken.path, installation.target(bare_database_url), installation.keys, settle=settling.settle)
    instance = installation.folder.parent / "elsewhere"
    for name in FILES:
        (instance / name).write_bytes((installation.folder / name).read_bytes())
        (instance / name).chmod(0o600)
    app = create_app(Settings(instance_dir=instance, database_url=bare_database_url))
    app.testing = True
    client = app.test_client()
    page = client.get("/login", headers={"Accept-Language": "en"}).get_data(as_text=True)
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    answer = client.post("/login", data={"csrf_token": token, "login": "zhang", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        assert session.scalars(select(Staff.phone).where(Staff.phone.is_not(None)).order_by(Staff.id)).all()
        assert CANARY in session.scalars(select(Staff.phone)).all()
        assert list(audit.faults(session)) == []
        # Those of the generated rows were over; the one open session has ended, the new one is open.
        ended = session.scalars(select(WebSession.ended_why).where(WebSession.ended_why == EndReason.RESTORED)).all()
        assert ended != []
        pause = pause_of(session)
        assert pause is not None
        assert (pause.reason, pause.note) == (PauseReason.RESTORED, taken.contents.head.made_at)
        assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "restore")).all() == ["restore"]
        kinds = session.execute(select(BackupRun.kind, BackupRun.rows).where(BackupRun.kind == RunKind.RESTORE)).all()
        assert (RunKind.RESTORE, taken.contents.tail.rows) in [tuple(row) for row in kinds]
        db.session.remove()
        db.engine.dispose()


def test_backup_under_write_load_is_one_moment(installation: Installation, tmp_path: Path) -> None:
    """Pairs of rows, each pair one transaction: a backup that saw a half would count them uneven."""
    stop, done = threading.Event(), []

    def work() -> None:
        with installation.app.app_context(), acting(SYSTEM, Door.COMMAND):
            home = department(db.session())
            while not stop.is_set():
                for half in ("a", "b"):
                    channel(db.session(), home, f"{len(done)}{half}")
                db.session.commit()
                done.append(1)
            db.session.remove()

    writer = threading.Thread(target=work)
    writer.start()
    try:
        taken = [installation.take() for _round in range(3)]
    finally:
        stop.set()
        writer.join()
    assert len(done) > 3
    restored = restore(taken[1].path, installation.target(scratch(tmp_path)), installation.keys)
    assert restored.audit_faults == []
    with snapshot(scratch(tmp_path)) as connection:
        codes = connection.scalars(select(Channel.code).where(Channel.code.regexp_match("^[0-9]+[ab]$"))).all()
    assert sorted(code[:-1] for code in codes if code[-1] == "a") == sorted(c[:-1] for c in codes if c[-1] == "b")
    counts = [each.contents.sums["channel"].rows for each in taken]
    assert counts == sorted(counts)


@pytest.mark.sqlite
def test_backup_holds_no_key_and_nothing_that_can_be_read(installation: Installation) -> None:
    taken = installation.take()
    content = taken.path.read_bytes()
    for name in FILES:
        assert (installation.folder / name).read_bytes().strip() not in content
    for clear in (b"staff", b"zhang", CANARY.encode(), "王敏".encode(), PDF[:40]):
        assert clear not in content
    assert stat.S_IMODE(taken.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(taken.path.parent.stat().st_mode) == 0o700
    assert names(taken.path.parent) == [taken.path.name]
    assert [name for name in names(installation.folder) if name.startswith(".")] == []


@pytest.mark.sqlite
def test_damaged_backup_leaves_nothing_behind(installation: Installation, bare_database_url: str) -> None:
    taken = installation.take()
    content = bytearray(taken.path.read_bytes())
    content[-20] ^= 1
    taken.path.write_bytes(content)
    with pytest.raises(DamagedError):
        restore(taken.path, installation.target(bare_database_url), installation.keys)
    assert is_untouched(bare_database_url)
    assert names(installation.folder.parent / "elsewhere") == []


@pytest.mark.sqlite
@pytest.mark.parametrize("lacks", ["field_keys.json", "audit_key", "blind_index_key"])
def test_restore_without_a_key_of_the_data_says_which(
    installation: Installation, bare_database_url: str, tmp_path: Path, lacks: str
) -> None:
    taken = installation.take()
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for name in FILES:
        if name != lacks:
            (fresh / name).write_bytes((installation.folder / name).read_bytes())
    target = installation.target(bare_database_url)
    place = target.place.__class__(bare_database_url, fresh, ensure_secrets(fresh))
    with pytest.raises(WrongKeyError, match=lacks):
        restore(taken.path, target.__class__(place, target.config), installation.keys)
    assert is_untouched(bare_database_url)


@pytest.mark.sqlite
def test_restore_under_another_backup_key_is_refused(installation: Installation, bare_database_url: str) -> None:
    taken = installation.take()
    for other in (BackupKeys("b1", {"b1": b"x" * 32}), BackupKeys("b9", {"b9": b"x" * 32})):
        with pytest.raises(WrongKeyError):
            restore(taken.path, installation.target(bare_database_url), other)
    assert is_untouched(bare_database_url)


def test_database_with_rows_is_filled_only_when_that_is_said(
    installation: Installation, bare_database_url: str
) -> None:
    taken = installation.take()
    target = installation.target(bare_database_url)
    restore(taken.path, target, installation.keys)
    with whole(bare_database_url) as connection:
        connection.execute(text("UPDATE staff SET name = 'somebody else'"))
    with pytest.raises(NotEmptyError):
        restore(taken.path, target, installation.keys)
    with snapshot(bare_database_url) as connection:
        assert set(connection.scalars(select(Staff.name))) == {"somebody else"}
    restore(taken.path, installation.target(bare_database_url, replace=True), installation.keys)
    assert installation.holds(bare_database_url, taken.contents)


@pytest.mark.sqlite
def test_database_of_somebody_else_is_never_filled(installation: Installation, bare_database_url: str) -> None:
    with whole(bare_database_url) as connection:
        connection.execute(text("CREATE TABLE payroll (amount INTEGER)"))
    taken = installation.take()
    with pytest.raises(BackupError, match="不属于职守簿"):
        restore(taken.path, installation.target(bare_database_url, replace=True), installation.keys)


@pytest.mark.sqlite
def test_backup_of_unknown_revisions_is_refused(installation: Installation, bare_database_url: str) -> None:
    with whole(installation.place.url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    taken = installation.take()
    with pytest.raises(BackupError, match="9999"):
        restore(taken.path, installation.target(bare_database_url), installation.keys)
    assert is_untouched(bare_database_url)


def test_restore_that_fails_halfway_leaves_the_rows_that_were_there(
    installation: Installation, bare_database_url: str, tmp_path: Path
) -> None:
    taken = installation.take()
    elsewhere, target = installation.target(scratch(tmp_path)), installation.target(bare_database_url, replace=True)
    for each in (elsewhere, target):
        restore(taken.path, each, installation.keys)
    with whole(elsewhere.place.url) as connection:
        connection.execute(text("UPDATE staff SET superior_id = 4711 WHERE id = 1"))
    broken = take(elsewhere.place, tmp_path / "broken", installation.keys, "manual")
    with pytest.raises(BackupError, match="staff"):
        restore(broken.path, target, installation.keys)
    assert installation.holds(bare_database_url, taken.contents)


@pytest.mark.postgres
def test_row_that_postgresql_has_no_place_for_is_named_without_its_words(
    installation: Installation, bare_database_url: str, tmp_path: Path
) -> None:
    elsewhere = installation.target(scratch(tmp_path))
    restore(installation.take().path, elsewhere, installation.keys)
    with whole(elsewhere.place.url) as connection:
        connection.execute(text("UPDATE staff SET name = :long WHERE id = 1"), {"long": CANARY * 100})
    taken = take(elsewhere.place, tmp_path / "long", installation.keys, "manual")
    with pytest.raises(BackupError, match=r"staff.*too long") as error:
        restore(taken.path, installation.target(bare_database_url), installation.keys)
    assert CANARY not in str(error.value.sentence)
    assert is_untouched(bare_database_url)


@pytest.mark.sqlite
def test_file_that_is_not_there_is_counted(installation: Installation) -> None:
    before = installation.take().contents.tail
    (file,) = (installation.folder / "attachments").iterdir()
    file.unlink()
    after = installation.take().contents.tail
    assert (after.missing, after.files) == (before.missing + 1, before.files - 1)


@pytest.mark.sqlite
def test_full_disk_keeps_the_backups_that_are_there(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = installation.take()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.backup.taking.os.fsync", full)
    with pytest.raises(NotNowError, match="空间不足"):
        installation.take()
    assert names(taken.path.parent) == [taken.path.name]
    check(taken.path, installation.keys)


@pytest.mark.sqlite
def test_file_deleted_during_the_backup_is_in_it(installation: Installation) -> None:
    folder = installation.folder
    (name,) = names(folder / "attachments")
    with files.held(folder) as holding:
        (folder / "attachments" / name).unlink()
        with snapshot(installation.place.url) as connection:
            found = dict(files.named(connection, folder, holding))
        path = found[f"attachments/{name}"]
        assert path is not None
        assert path.read_bytes() == PDF
    assert [left for left in names(folder) if left.startswith(".backup")] == []


@pytest.mark.parametrize("name", ["../secret_key", "attachments/../secret_key", "secret_key", "attachments/.x", "x/y"])
def test_file_of_a_backup_is_written_nowhere_else(tmp_path: Path, name: str) -> None:
    from io import BytesIO

    with pytest.raises(ValueError, match="no place"):
        files.put_back(tmp_path, name, BytesIO(b"x"))
    assert list(tmp_path.iterdir()) == []
