"""Backup, restore, drill and move as an administrator types them."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import delete, select, text

from engine.backup import keeping
from engine.backup.connecting import snapshot, whole
from engine.database import db
from models.backup import BackupRun, RunKind, RunState
from models.obligation import Heartbeat
from tests.factories.backed_up import ROWS, Installation

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


def run(installation: Installation, *args: str) -> Result:
    db.session.remove()
    return installation.app.test_cli_runner().invoke(args=args, env={"LC_ALL": "C.UTF-8"})


@pytest.fixture
def sound(installation: Installation) -> Installation:
    """Without the generated rows that name files which never were, and signs of life from the future."""
    with whole(installation.place.url) as connection:
        connection.execute(text(f"DELETE FROM attachment WHERE id <= {ROWS}"))
        connection.execute(delete(Heartbeat))
        connection.execute(delete(BackupRun))
    return installation


def runs_of(installation: Installation) -> list[tuple[RunKind, RunState]]:
    with installation.app.app_context():
        found = db.session.execute(select(BackupRun.kind, BackupRun.state).order_by(BackupRun.id))
        return [(kind, state) for kind, state in found]


def test_backup_is_taken_listed_read_through_and_put_back_as_a_trial(sound: Installation) -> None:
    taken = run(sound, "backup", "--json")
    assert taken.exit_code == 0, taken.output
    said = json.loads(taken.stdout)
    path = Path(said["file"])
    assert (path.parent, said["files"], "audit_key" in said["keys"]) == (sound.settings.backup_dir, 1, True)
    listed = [json.loads(line) for line in run(sound, "backups", "--json").stdout.splitlines()]
    assert [each["file"] for each in listed] == [str(path)]
    assert run(sound, "verify-backup", str(path)).exit_code == 0
    drilled = run(sound, "restore-drill", "--json")
    assert drilled.exit_code == 0, drilled.output
    outcome = json.loads(drilled.stdout)
    assert (outcome["went_well"], outcome["tables"], outcome["rows"]) == (True, said["tables"], said["rows"])
    assert runs_of(sound) == [(RunKind.BACKUP, RunState.DONE), (RunKind.DRILL, RunState.DONE)]


def test_drill_that_finds_something_ends_with_one(sound: Installation) -> None:
    (file,) = (sound.folder / "attachments").iterdir()
    file.write_bytes(b"another one")
    run(sound, "backup")
    drilled = run(sound, "restore-drill")
    assert (drilled.exit_code, file.name in drilled.output) == (1, True)
    assert runs_of(sound)[1:] == [(RunKind.DRILL, RunState.FAILED)]


def test_drill_without_a_backup_ends_with_three(sound: Installation) -> None:
    done = run(sound, "restore-drill")
    assert (done.exit_code, "no backup" in done.output) == (3, True)


def test_damaged_backup_and_wrong_key_end_with_one(sound: Installation, tmp_path: Path) -> None:
    path = sound.take().path
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"current": "b1", "keys": {"b1": "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="}}))
    other.chmod(0o600)
    assert run(sound, "verify-backup", str(path), "--key-file", str(other)).exit_code == 1
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    damaged = run(sound, "verify-backup", str(path))
    assert (damaged.exit_code, "damaged" in damaged.output) == (1, True)


def test_database_in_use_ends_with_three_and_one_with_rows_with_one(sound: Installation) -> None:
    path = str(sound.take().path)
    full = run(sound, "restore", path)
    assert (full.exit_code, "--replace" in full.output) == (1, True)
    with whole(sound.place.url) as connection:
        connection.execute(
            text(
                "INSERT INTO heartbeat (name, beat_at, swept, failed, note) VALUES ('x', '2999-01-01 00:00', 0, 0, '')"
            )
        )
    for args in (("restore", path), ("move", "--to", f"sqlite:///{sound.folder / 'new.sqlite'}")):
        running = run(sound, *args)
        assert (running.exit_code, "Stop it first" in running.output) == (3, True)


def test_move_by_one_command(sound: Installation) -> None:
    to = f"sqlite:///{sound.folder / 'new.sqlite'}"
    done = run(sound, "move", "--to", to)
    assert done.exit_code == 0, done.output
    (kept,) = keeping.backups_in(sound.settings.backup_dir)
    assert str(kept.path) in done.output
    with snapshot(to) as connection:
        assert connection.scalar(text("SELECT count(*) FROM search_state")) > 0
    assert run(sound, "move", "--to", "mysql://x/y").exit_code == 2


def test_restore_by_one_command(sound: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sound.take().path
    url = f"sqlite:///{tmp_path / 'back.sqlite'}"
    settings = sound.settings.model_copy(update={"database_url": url})
    monkeypatch.setitem(sound.app.config, "DUTYBOOK", settings)
    done = run(sound, "restore", str(path))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "back.sqlite").stat().st_mode & 0o777 == 0o600
    with snapshot(url) as connection:
        assert connection.scalar(text("SELECT count(*) FROM sending_pause WHERE id = 1 AND reason = 'restored'")) == 1
        assert connection.scalar(text("SELECT count(*) FROM search_state")) > 0


def test_new_key_is_for_backups_to_come(sound: Installation) -> None:
    older = sound.take().path
    done = run(sound, "rotate-keys", "--backups")
    assert (done.exit_code, "b2" in done.output) == (0, True)
    newer = json.loads(run(sound, "backup", "--json").stdout)["file"]
    assert b'"b2"' in Path(newer).read_bytes()[:200]
    for path in (str(older), newer):
        assert run(sound, "verify-backup", path).exit_code == 0
