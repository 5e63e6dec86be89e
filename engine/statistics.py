"""Tells SQLite how its tables are filled. It guesses otherwise, and walks a million rows for fifty.

PostgreSQL does this by itself. Each index is counted in a transaction of its own, and only once its table has grown to
twice its size since: nobody who writes waits for longer than it takes to read one index.
"""

import time
from collections.abc import Iterator

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from engine.database import only_reading
from models.search import WORDS_TABLE

GROWN = 2
"""A table is counted again when it holds so many times its rows."""
EVERY = 3600.0
"""Seconds between looks at what has grown, in one process."""


class _Last:
    """When this process looked last, by the address of the database."""

    at: dict[str, float] = {}


def renew_now_and_then(engine: Engine) -> None:
    """`renew` when this process has not done so for an hour."""
    address = str(engine.url)
    if time.monotonic() - _Last.at.get(address, -EVERY) >= EVERY:
        renew(engine)


def renew(engine: Engine) -> int:
    """Count the indexes of tables that have grown, and return how many. While others write for long, none."""
    _Last.at[str(engine.url)] = time.monotonic()
    if engine.dialect.name != "sqlite":
        return 0
    done = 0
    try:
        for index in _outgrown(engine):
            with engine.begin() as connection:
                connection.exec_driver_sql(f'ANALYZE "{index}"')
            done += 1
        if done:
            _have_others_look(engine)
    except OperationalError:
        # Somebody writes for long: what was known stays, and the next hour tries again.
        return done
    return done


def _outgrown(engine: Engine) -> list[str]:
    with only_reading(), engine.connect() as connection:
        known = _counted(connection)
        return [
            index for table, index in _indexes(connection) if known.get(table, 0) * GROWN < _size(connection, table)
        ]


def _counted(connection: Connection) -> dict[str, int]:
    if not connection.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")):
        return {}
    counted: dict[str, int] = {}
    rows = connection.execute(text("SELECT tbl, stat FROM sqlite_stat1 WHERE idx IS NOT NULL"))
    for table, stat in rows:
        # A partial index holds fewer rows than its table.
        counted[table] = max(counted.get(table, 0), int(stat.split()[0]))
    return counted


def _indexes(connection: Connection) -> Iterator[tuple[str, str]]:
    rows = connection.execute(text("SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' ORDER BY name"))
    return ((table, index) for table, index in rows.all() if not table.startswith(WORDS_TABLE))


def _size(connection: Connection, table: str) -> int:
    """At least so many rows: nearly none are ever deleted."""
    return connection.exec_driver_sql(f'SELECT max(rowid) FROM "{table}"').scalar() or 0  # noqa: S608 a name from the schema itself


def _have_others_look(engine: Engine) -> None:
    """Connections read the figures with the schema: a view that comes and goes makes them read it again."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW statistics_renewed AS SELECT 1")
        connection.exec_driver_sql("DROP VIEW statistics_renewed")
