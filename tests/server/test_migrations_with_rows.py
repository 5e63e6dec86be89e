"""Every migration with rows in every table: up, down and up again leaves them as they were, also when it is killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask

from engine.backup import tables
from engine.backup.connecting import snapshot, whole
from engine.backup.tables import Sum
from engine.config import Settings
from engine.database import db
from tests.drills.migrator import migrator
from tests.factories.many_rows import fill

pytestmark = pytest.mark.slow

FEW, MANY = 20, 10_000


@pytest.fixture
def bare_app(bare_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    from app import create_app

    bare = create_app(Settings(instance_dir=tmp_path / "instance", database_url=bare_database_url))
    with bare.app_context():
        yield bare
        db.engine.dispose()


def config_of(app: Flask) -> Config:
    config: Config = app.extensions["migrate"].migrate.get_config()
    return config


def revisions(app: Flask) -> list[str]:
    script = ScriptDirectory.from_config(config_of(app))
    return [revision.revision for revision in script.walk_revisions()][::-1]


def sums(url: str) -> dict[str, Sum]:
    with snapshot(url) as connection:
        return {source.name: tables.sum_of(connection, source) for source in tables.sources(connection)}


def fill_new_tables(url: str, count: int) -> int:
    with whole(url) as connection:
        return fill(connection, count)


def up_down_up(app: Flask, url: str, count: int) -> None:
    config = config_of(app)
    before: dict[str, Sum] = {}
    for revision in revisions(app):
        command.upgrade(config, revision)
        upgraded = sums(url)
        command.downgrade(config, "-1")
        assert sums(url) == before, f"{revision} down"
        command.upgrade(config, revision)
        assert sums(url) == upgraded, f"{revision} up again"
        before = upgraded
        if fill_new_tables(url, count):
            before = sums(url)
    assert min(each.rows for each in before.values()) == count


def test_every_revision_up_down_up_leaves_the_rows_as_they_were(bare_app: Flask, bare_database_url: str) -> None:
    up_down_up(bare_app, bare_database_url, FEW)


@pytest.mark.drill
def test_every_revision_up_down_up_with_many_rows(bare_app: Flask, bare_database_url: str) -> None:
    up_down_up(bare_app, bare_database_url, MANY)


def test_all_the_way_down_leaves_nothing(bare_app: Flask, bare_database_url: str) -> None:
    config = config_of(bare_app)
    command.upgrade(config, "heads")
    fill_new_tables(bare_database_url, 3)
    command.downgrade(config, "base")
    assert sums(bare_database_url) == {}
    command.upgrade(config, "heads")
    assert {each.rows for each in sums(bare_database_url).values()} == {0}


def killed_and_run_again(app: Flask, url: str, count: int, kills: int) -> None:
    """Up from the first revision: killed before its first statement, run again, killed before its second, and so on."""
    config = config_of(app)
    command.upgrade(config, revisions(app)[0])
    fill_new_tables(url, count)
    first = sums(url)
    command.upgrade(config, "heads")
    expected = sums(url)
    command.downgrade(config, revisions(app)[0])
    assert sums(url) == first
    db.engine.dispose()
    with migrator(str(app.config["DUTYBOOK"].instance_dir), url) as child:
        killed = [child.run(die_before=number) for number in range(1, kills + 1)]
        assert child.run() is False
    assert killed[:3] == [True] * 3
    assert sums(url) == expected
    command.check(config)


def test_migration_that_was_killed_is_run_again(bare_app: Flask, bare_database_url: str) -> None:
    killed_and_run_again(bare_app, bare_database_url, FEW, kills=3)


@pytest.mark.drill
def test_migration_of_many_rows_that_was_killed_is_run_again(bare_app: Flask, bare_database_url: str) -> None:
    killed_and_run_again(bare_app, bare_database_url, MANY, kills=40)
