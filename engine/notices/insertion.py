"""Inserts rows that may be there already: the database decides, so two writers at once cannot both succeed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import Base


def add_new(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], unique: Sequence[str]) -> None:
    """Insert plain rows of an engine table in one statement; a row whose `unique` columns exist already is left out."""
    if not rows:
        return
    connection = session.connection()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(model).on_conflict_do_nothing(index_elements=list(unique)), rows)
