"""The schema of a database that is filled: built by the migrations, at the very revision that the backup has."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from engine.backup.errors import BackupError
from models.words import _

CONNECTION = "connection"
"""Key in Alembic's attributes: the connection on which the migrations run, inside its transaction."""


def unknown(config: Config, revisions: Sequence[str]) -> list[str]:
    """Those that this program has no migration for."""
    script = ScriptDirectory.from_config(config)
    known = {each.revision for each in script.walk_revisions()}
    return [revision for revision in revisions if revision not in known]


def build(connection: Connection, config: Config, revisions: Sequence[str]) -> None:
    """Make the tables as they were at these revisions, in place of whatever tables of ours are there."""
    with _on(connection, config):
        if MigrationContext.configure(connection).get_current_heads():
            _run_down(config)
        for revision in revisions:
            command.upgrade(config, revision)


def bring_up_to_date(connection: Connection, config: Config) -> None:
    """Apply what the program has beyond that."""
    with _on(connection, config):
        command.upgrade(config, "heads")


def heads_of(connection: Connection) -> list[str]:
    """The revisions that the database is at."""
    return sorted(MigrationContext.configure(connection).get_current_heads())


def _run_down(config: Config) -> None:
    try:
        command.downgrade(config, "base")
    except CommandError as error:
        raise BackupError(_("The database to be filled was written by a newer Dutybook.")) from error


@contextmanager
def _on(connection: Connection, config: Config) -> Iterator[None]:
    config.attributes[CONNECTION] = connection
    try:
        yield
    finally:
        del config.attributes[CONNECTION]
