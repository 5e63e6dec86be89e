"""Refuses writes to policy records that do not come through the session: bulk ORM, Core, or SQL text."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, event

from engine.errors import BypassError
from models.base import Base, Record

OPEN = "gate_open"
"""Key in `connection.info`: a flush that passed the gate is writing."""
_VERBS = (
    r"INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|MERGE\s+INTO|UPDATE(?:\s+OR\s+\w+)?(?:\s+ONLY)?"
    r"|DELETE\s+FROM(?:\s+ONLY)?|TRUNCATE(?:\s+TABLE)?(?:\s+ONLY)?"
)
WRITES = re.compile(rf"\b(?:{_VERBS})\s+(?:[\"`\[]?\w+[\"`\]]?\s*\.\s*)?[\"`\[]?(\w+)", re.IGNORECASE)
"""A write and its table, wherever in the statement it stands: behind a WITH, a schema's name, another statement."""
COMMENTS = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)


def guard(engine: Engine) -> None:
    """Watch every statement of an engine. Schema changes by migrations pass: they run on a connection of their own."""
    event.listen(engine, "before_cursor_execute", _refuse)
    # A failed flush must not leave its way open for whoever gets the pooled connection next.
    event.listen(engine, "rollback", close)
    event.listen(engine, "rollback_savepoint", lambda connection, *_of_savepoint: close(connection))


def let_through(connection: Connection) -> None:
    """The gate has judged what this connection is about to write."""
    connection.info[OPEN] = True


def close(connection: Connection) -> None:
    """The flush is over. A connection that was lost with its server took its mark along."""
    if not connection.invalidated:
        connection.info.pop(OPEN, None)


@contextmanager
def maintenance_write(connection: Connection) -> Iterator[Connection]:
    """For work that changes how records rest and not what they say: moving encrypted fields to another key."""
    let_through(connection)
    try:
        yield connection
    finally:
        close(connection)


def policy_tables() -> frozenset[str]:
    """Tables of policy records."""
    return _policy_tables(len(Base.metadata.tables))


@lru_cache(maxsize=1)
def _policy_tables(tables: int) -> frozenset[str]:  # noqa: ARG001 a plugin may bring more of them at any time
    return frozenset(m.class_.__tablename__ for m in Base.registry.mappers if issubclass(m.class_, Record))


def _refuse(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:  # noqa: ANN401, ARG001 SQLAlchemy's signature
    if connection.info.get(OPEN):
        return
    if statement.startswith("SELECT") and ";" not in statement:
        # Most statements by far, and none of them can write.
        return
    plain = COMMENTS.sub(" ", statement) if "/*" in statement or "--" in statement else statement
    for found in WRITES.finditer(plain):
        if found[1].lower() in policy_tables():
            msg = f"{found[1]} is a policy record: write it through the session, so that the gate sees it"
            raise BypassError(msg)
