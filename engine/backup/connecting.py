"""Connections past the gate: what is read and written here are whole databases, not records."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from engine.backup.errors import NotNowError
from models.words import _

PATIENCE_MS = 20_000
LOCK = 0x0D_07_B0_0D
"""What those who fill the same PostgreSQL database queue for."""


def own_engine(url: str | URL, begin: str = "BEGIN IMMEDIATE") -> Engine:
    """An engine whose transactions cover schema changes; SQLite's driver would leave them out.

    `begin` is how a transaction of SQLite begins: one that only reads takes no lock from writers with a plain `BEGIN`.
    """
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 the driver's own type
    connection.isolation_level = None
    for setting in (f"busy_timeout={PATIENCE_MS}", "journal_mode=WAL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {setting}")


@contextmanager
def snapshot(url: str | URL) -> Iterator[Connection]:
    """A connection that sees one moment of the database, whatever is written meanwhile, and writes nothing.

    SQLite keeps that moment in its log (WAL) while writers go on, as its online backup does; PostgreSQL gives one
    snapshot to a repeatable-read transaction. Raises NotNowError when the database does not answer.
    """
    engine = own_engine(url, begin="BEGIN")
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with reaching(engine) as connection, connection.begin():
        MigrationContext.configure(connection).get_current_heads()  # the first reading fixes the moment
        yield connection


@contextmanager
def whole(url: str | URL) -> Iterator[Connection]:
    """A connection that writes everything in one transaction, schema included: all of it stays or none."""
    engine = own_engine(url)
    with reaching(engine) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        yield connection


@contextmanager
def reaching(engine: Engine) -> Iterator[Connection]:
    """A connection of the engine's. Raises NotNowError when the database cannot be reached or is locked."""
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else ""
        where = engine.url.render_as_string(hide_password=True)
        raise NotNowError(
            _("The database %(where)s does not answer or is in use: %(reason)s", where=where, reason=reason)
        ) from error


def plain(url: str | URL) -> str:
    """The address without its password, for people to read."""
    return make_url(url).render_as_string(hide_password=True)
