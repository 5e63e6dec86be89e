"""Moving an installation to another database, SQLite to PostgreSQL or back: a backup, put back there.

The source is held still meanwhile and left as it is, with a note that it is not to be used any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from alembic.config import Config
from sqlalchemy import Connection, inspect, make_url, text

from engine import clock
from engine.backup import moved, tables
from engine.backup.connecting import own_engine, reaching, snapshot
from engine.backup.errors import BackupError, NotNowError
from engine.backup.keys import BackupKeys
from engine.backup.kinds import KINDS
from engine.backup.restoring import Restored, Target, restore
from engine.backup.taking import Place, Progress, Taken, silent, take
from models.words import _

AT_WORK = timedelta(seconds=30)
"""A scheduler that gave a sign of life within this time is taken to be running: it gives one every few seconds."""
LOCK_PATIENCE = "20s"


@dataclass(frozen=True)
class Moved:
    """The backup that was made on the way, and what the new database holds."""

    taken: Taken
    restored: Restored


def move(  # noqa: PLR0913, PLR0917 a move has that many sides
    place: Place, to: str, config: Config, folder: Path, sealed_by: BackupKeys, progress: Progress = silent
) -> Moved:
    """Fill the empty database at the address `to` with everything, equal table by table. Raises BackupError.

    Files stay where they are: the installation keeps its folder.
    """
    if make_url(place.url).set(password=None) == make_url(to).set(password=None):
        raise BackupError(_("This is the database that is in use already."))
    with _held_still(place.url):
        taken = take(place, folder, sealed_by, "move", progress)
        target = Target(Place(to, place.instance_dir, place.secrets), config)
        restored = restore(taken.path, target, sealed_by, with_files=False, progress=progress)
        moved.note(place.instance_dir, place.url, to)
    return Moved(taken, restored)


def demand_rest(url: str) -> None:
    """Raises NotNowError while a scheduler or a server works with the database."""
    with snapshot(url) as connection:
        _demand_rest(connection)


def _demand_rest(connection: Connection) -> None:
    if not inspect(connection).has_table("heartbeat"):
        return
    (beats,) = (source for source in tables.sources(connection) if source.name == "heartbeat")
    last = connection.scalar(beats.query().with_only_columns(beats.table.c.beat_at).order_by(text("1 DESC")).limit(1))
    write = KINDS["moment"].written
    if last is not None and write is not None and write(last) > write(clock.now() - AT_WORK):
        raise NotNowError(
            _("Dutybook is running on this database. Stop it first, wait half a minute, and do this again.")
        )


@contextmanager
def _held_still(url: str) -> Iterator[None]:
    """Nobody writes inside; reading goes on."""
    engine = own_engine(url)
    with reaching(engine) as connection, connection.begin():
        _demand_rest(connection)
        if engine.dialect.name == "postgresql":
            quote = connection.dialect.identifier_preparer.quote
            every = ", ".join(quote(name) for name in tables.names(connection))
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'")
            connection.exec_driver_sql(f"LOCK TABLE {every} IN SHARE MODE")
        yield
        connection.rollback()
