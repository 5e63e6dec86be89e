"""Keeps the index with what is written: called by the gate for each flush, a few statements a batch."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.rules import CREATE, DELETE
from engine.search.columns import searched
from engine.search.grams import grams_of_values
from models.base import Record
from models.search import SearchEntry

AT_ONCE = 500
"""Rows of one statement: SQLite and PostgreSQL both cap a statement's values."""
KEYS = ("entity", "record_id")


def follow(session: Session, written: Iterable[tuple[Record, str, Mapping[str, Any]]]) -> None:
    """Bring the entries of just written records up to date: each with its moment and the columns that changed."""
    added, changed, gone = [], [], []
    for record, moment, changes in written:
        names = searched(type(record))
        if not names:
            continue
        if moment == DELETE:
            gone.append((record.__tablename__, record.id))
        elif moment == CREATE:
            added.append(entry(record, names))
        elif not changes.keys().isdisjoint(names):
            changed.append(entry(record, names))
    connection = session.connection() if added or changed or gone else None
    if connection is not None:
        put(connection, [*added, *changed])
        _remove(connection, gone)


def entry(record: Record, names: Sequence[str]) -> dict[str, Any]:
    """The record's row of the index."""
    values = {name: getattr(record, name) for name in names}
    return row(record.__tablename__, record.id, values)


def row(table: str, record_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the index from a record's values."""
    return {"entity": table, "record_id": record_id, "grams": grams_of_values(table, values)}


def put(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store rows of the index, in the place of those of the same records."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(SearchEntry)
    statement = statement.on_conflict_do_update(index_elements=KEYS, set_={"grams": statement.excluded.grams})
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(statement, rows[start : start + AT_ONCE])


def _remove(connection: Connection, gone: Sequence[tuple[str, int]]) -> None:
    for table, number in gone:
        connection.execute(delete(SearchEntry).where(SearchEntry.entity == table, SearchEntry.record_id == number))
