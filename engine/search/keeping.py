"""Keeps the index with what is written: called by the gate for each flush, a few statements a batch."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.rules import DELETE
from engine.search.columns import searched
from engine.search.grams import entry_id, grams_of_values
from models.base import Record
from models.search import SearchEntry

AT_ONCE = 1_000
"""Rows of one call: nothing is held for longer."""

Row = dict[str, Any]


def follow(session: Session, written: Iterable[tuple[Record, str, Mapping[str, Any]]]) -> None:
    """Bring the entries of just written records up to date: each with its moment and the columns that changed."""
    kept: list[Row] = []
    gone: list[int] = []
    for record, moment, changes in written:
        names = searched(type(record))
        if not names:
            continue
        if moment == DELETE:
            gone.append(entry_id(record.__tablename__, record.id))
        elif not changes.keys().isdisjoint(names):
            kept.append(row(record.__tablename__, record.id, {name: getattr(record, name) for name in names}))
    if kept:
        put(session.connection(), kept)
    if gone:
        session.connection().execute(delete(SearchEntry).where(SearchEntry.id.in_(gone)))


def row(table: str, record_id: int, values: Mapping[str, Any]) -> Row:
    """A row of the index from a record's values."""
    return {"id": entry_id(table, record_id), "grams": grams_of_values(table, values)}


def put(connection: Connection, rows: Sequence[Row]) -> None:
    """Store rows of the index, in the place of those of the same records."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(SearchEntry)
    statement = statement.on_conflict_do_update(index_elements=["id"], set_={"grams": statement.excluded.grams})
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(statement, rows[start : start + AT_ONCE])
