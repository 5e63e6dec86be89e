"""Moving to another database, and the drill: what they hold, what they leave behind."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.backup import keeping, moved, moving
from engine.backup.connecting import snapshot, whole
from engine.backup.drilling import drill
from engine.backup.errors import BackupError, NotEmptyError, NotNowError
from engine.config import Settings
from engine.database import db
from models.obligation import Heartbeat
from tests.factories.backed_up import Installation

pytestmark = pytest.mark.slow


def beat(ago: timedelta) -> None:
    with acting(SYSTEM, Door.SCHEDULER):
        db.session.add(Heartbeat(name="here", beat_at=clock.now() - ago, swept=0, failed=0))
        db.session.commit()


def move(installation: Installation, to: str) -> moving.Moved:
    folder, keys = installation.settings.backup_dir, installation.keys
    return moving.move(installation.place, to, installation.config, folder, keys)


def test_every_table_is_equal_after_a_move(
    installation: Installation, bare_database_url: str, tmp_path: Path, database_kind: str
) -> None:
    """SQLite to SQLite, PostgreSQL to PostgreSQL, and from either to a SQLite file; the way up is the next test's."""
    to = bare_database_url if database_kind == "sqlite" else f"sqlite:///{tmp_path / 'small.sqlite'}"
    done = move(installation, to)
    assert installation.holds(to, done.taken.contents)
    assert installation.holds(installation.place.url, done.taken.contents)
    assert done.restored.audit_faults == []
    assert [kept.label for kept in keeping.backups_in(installation.settings.backup_dir)] == ["move"]
    left = Settings(instance_dir=installation.folder, database_url=installation.place.url)
    assert [problem.id for problem in left.problems()] == ["D051"]
    assert list(Settings(instance_dir=installation.folder, database_url=to).problems()) == []


@pytest.mark.postgres
def test_sqlite_installation_moves_to_postgresql(
    installation: Installation, bare_database_url: str, tmp_path: Path
) -> None:
    small = f"sqlite:///{tmp_path / 'small.sqlite'}"
    first = move(installation, small)
    on_sqlite = Installation(
        installation.app,
        installation.settings,
        installation.place.__class__(small, installation.folder, installation.place.secrets),
        installation.config,
        installation.keys,
    )
    done = move(on_sqlite, bare_database_url)
    assert done.taken.contents.sums == first.taken.contents.sums
    assert installation.holds(bare_database_url, done.taken.contents)
    assert done.restored.audit_faults == []


def test_move_into_a_database_with_rows_changes_nothing(installation: Installation, bare_database_url: str) -> None:
    move(installation, bare_database_url)
    (installation.folder / moved.FILE).unlink()
    with pytest.raises(NotEmptyError):
        move(installation, bare_database_url)
    assert moved.moved_to(installation.folder, installation.place.url) is None


def test_move_to_itself_is_refused(installation: Installation) -> None:
    with pytest.raises(BackupError, match="当前使用"):
        move(installation, installation.place.url)


def test_move_waits_until_dutybook_was_stopped(installation: Installation, bare_database_url: str) -> None:
    beat(timedelta(seconds=5))
    with pytest.raises(NotNowError, match="请先停止"):
        move(installation, bare_database_url)
    with whole(installation.place.url) as connection:
        connection.execute(text("DELETE FROM heartbeat"))
    beat(timedelta(seconds=40))
    assert move(installation, bare_database_url).restored.audit_faults == []


def test_note_of_a_move_names_no_password(tmp_path: Path) -> None:
    old, new = "sqlite:////srv/dutybook.sqlite", "postgresql://duty:secret@db.example.org/duty"
    moved.note(tmp_path, old, new)
    assert moved.moved_to(tmp_path, old) == "postgresql://db.example.org/duty"
    assert moved.moved_to(tmp_path, new) is None
    assert "secret" not in (tmp_path / moved.FILE).read_text()
    moved.forget(tmp_path, new)
    assert moved.moved_to(tmp_path, old) is not None
    moved.forget(tmp_path, old)
    assert moved.moved_to(tmp_path, old) is None


def test_drill_looks_at_everything_and_leaves_nothing(installation: Installation, bare_database_url: str) -> None:
    with whole(installation.place.url) as connection:
        # The generated rows name files that never were: a drill would say so.
        connection.execute(text("DELETE FROM attachment WHERE id <= 12"))
    taken = installation.take()
    before = sorted(path.name for path in installation.folder.iterdir())
    for into in (None, bare_database_url):
        drilled = drill(taken.path, installation.place, installation.config, installation.keys, into)
        assert drilled.went_well
        assert (drilled.files, drilled.restored.contents.sums) == (1, taken.contents.sums)
        assert drilled.restored.decrypted > 0
    assert sorted(path.name for path in installation.folder.iterdir()) == before
    with snapshot(bare_database_url) as connection:
        assert connection.dialect.get_table_names(connection) == ["alembic_version"]


def test_drill_finds_a_file_that_is_not_what_its_row_says(installation: Installation) -> None:
    (file,) = (installation.folder / "attachments").iterdir()
    file.write_bytes(b"%PDF-1.7\nanother one")
    taken = installation.take()
    drilled = drill(taken.path, installation.place, installation.config, installation.keys)
    assert not drilled.went_well
    assert file.name in drilled.wrong_files


@pytest.mark.sqlite
def test_drill_finds_an_audit_that_does_not_hold(installation: Installation) -> None:
    with closing(sqlite3.connect(installation.place.url.removeprefix("sqlite:///"))) as past_every_guard:
        past_every_guard.executescript("DROP TRIGGER IF EXISTS audit_entry_unchanged")
        past_every_guard.execute("UPDATE audit_entry SET action = 'edit' WHERE id = 2")
        past_every_guard.commit()
    drilled = drill(installation.take().path, installation.place, installation.config, installation.keys)
    assert (2, "changed") in drilled.restored.audit_faults
    assert not drilled.went_well
