"""The database as the house uses it: one SQLAlchemy object, safe settings on every connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event

from engine.gate import bypass, reading
from engine.gate.session import GatedSession
from models.base import Base
from models.search import is_described

db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={"class_": GatedSession, "autoflush": False},
    engine_options={"hide_parameters": True, "pool_pre_ping": True},
)
migrate = Migrate(
    directory=str(Path(__file__).parent.parent / "migrations"),
    render_as_batch=True,
    compare_type=True,
    include_name=is_described,
)

PRAGMAS = {
    "foreign_keys": "ON",
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "busy_timeout": "5000",
    "secure_delete": "ON",
    # A reader that stays long lets the log grow; once it is gone, so is the growth.
    "journal_size_limit": str(64 * 1024 * 1024),
}
PATIENCE = "4s"
"""How long PostgreSQL waits for a lock that somebody holds, before it says so; for ever by itself.

Shorter than a sweep's patience with one row: a lock is no fault of the row.
"""
_writing: ContextVar[bool] = ContextVar("writing", default=True)


@contextmanager
def only_reading() -> Iterator[None]:
    """Transactions begun inside take no write lock on SQLite: for pages that are only looked at."""
    token = _writing.set(False)
    try:
        yield
    finally:
        _writing.reset(token)


@contextmanager
def writing() -> Iterator[None]:
    """Transactions begun inside take SQLite's write lock at once, also where a page is only looked at."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def prepare(engine: Engine) -> None:
    """Hang pragmas, honest transactions and the gate's guards on an engine. Call once per engine."""
    bypass.guard(engine)
    reading.guard(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    else:
        event.listen(engine, "connect", _on_connect_to_postgresql)


def _on_connect(connection: Any, record: Any) -> None:  # noqa: ANN401, ARG001 the driver's own types
    # The driver would open transactions late and not cover schema changes; we begin them ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, value in PRAGMAS.items():
        cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


def _on_connect_to_postgresql(connection: Any, record: Any) -> None:  # noqa: ANN401, ARG001 the driver's own types
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
    connection.commit()


def _on_begin(connection: Connection) -> None:
    # A writer takes its lock at once: a late upgrade from reading would fail instead of waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
