"""Migrations as they run in an installation: whatever is in migrations/versions, on both databases."""

import fcntl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import text

from engine.backup.connecting import snapshot, whole
from engine.backup.keeping import backups_in
from engine.backup.keys import read
from engine.backup.schema import heads_of
from engine.backup.taking import check
from engine.config import Settings, StartUpError
from engine.database import db
from models.search import is_described
from server.migration import to_head
from tests.factories.many_rows import fill


@pytest.fixture
def bare_app(bare_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    from app import create_app

    bare = create_app(Settings(instance_dir=tmp_path / "instance", database_url=bare_database_url))
    yield bare
    with bare.app_context():
        db.engine.dispose()


def migrated(app: Flask) -> list[str]:
    said: list[str] = []
    with app.app_context(), force_locale("en"):
        to_head(app, lambda words: said.append(str(words)))
    return said


def revisions(app: Flask) -> list[str]:
    with app.app_context():
        script = ScriptDirectory.from_config(app.extensions["migrate"].migrate.get_config())
    return [revision.revision for revision in script.walk_revisions()][::-1]


def test_migrate_says_each_step_once(bare_app: Flask) -> None:
    steps = len(revisions(bare_app))
    said = migrated(bare_app)
    assert [line.split(",")[0] for line in said] == [f"Database: step {n} of {steps}" for n in range(1, steps + 1)]
    assert migrated(bare_app) == []


def test_migrated_schema_is_what_the_models_say(bare_app: Flask) -> None:
    migrated(bare_app)
    with bare_app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_described})
        assert compare_metadata(context, db.metadata) == []


def test_migrate_refuses_a_newer_database(bare_app: Flask) -> None:
    migrated(bare_app)
    with bare_app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StartUpError, match="D042"):
        migrated(bare_app)


def test_migrate_by_many_at_once(bare_app: Flask) -> None:
    steps, start, said = len(revisions(bare_app)), threading.Barrier(3), []

    def work() -> None:
        start.wait()
        said.append(len(migrated(bare_app)))

    threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(said) == [0, 0, steps]


@pytest.mark.sqlite
def test_migrate_waits_for_another_process(bare_app: Flask, tmp_path: Path) -> None:
    done = threading.Event()
    thread = threading.Thread(target=lambda: (migrated(bare_app), done.set()), daemon=True)
    with (tmp_path / "instance" / "migrating.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        thread.start()
        assert not done.wait(0.5)
    assert done.wait(20)
    thread.join()


def test_backup_is_made_before_rows_are_changed(bare_app: Flask, bare_database_url: str, tmp_path: Path) -> None:
    with bare_app.app_context():
        command.upgrade(bare_app.extensions["migrate"].migrate.get_config(), "0001")
        with whole(bare_database_url) as connection:
            fill(connection, 2)
    before = backups_in(tmp_path / "instance" / "backups")
    said = migrated(bare_app)
    (made,) = backups_in(tmp_path / "instance" / "backups")
    assert (before, made.label) == ([], "before")
    assert str(made.path) in said[0]
    held = check(made.path, read(tmp_path / "instance" / "backup_keys.json"))
    assert list(held.head.revisions) == ["0001"]
    assert {each.rows for each in held.sums.values()} == {2}


def test_database_is_not_changed_when_no_backup_can_be_made(
    bare_app: Flask, bare_database_url: str, tmp_path: Path
) -> None:
    with bare_app.app_context():
        command.upgrade(bare_app.extensions["migrate"].migrate.get_config(), "0001")
        with whole(bare_database_url) as connection:
            fill(connection, 1)
    (tmp_path / "instance" / "backups").write_text("a file stands where the folder should be", encoding="utf-8")
    with pytest.raises(StartUpError, match="D052"):
        migrated(bare_app)
    with snapshot(bare_database_url) as connection:
        assert heads_of(connection) == ["0001"]


def test_no_backup_is_made_of_nothing(bare_app: Flask, tmp_path: Path) -> None:
    assert migrated(bare_app) != []
    assert not (tmp_path / "instance" / "backups").exists()
