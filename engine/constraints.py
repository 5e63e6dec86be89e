"""Which columns a broken database constraint is about. The database's own words hold SQL and values: they stay here."""

import re

from sqlalchemy.exc import IntegrityError

from models.base import Base

SQLITE_COLUMNS = re.compile(r"(?:UNIQUE|NOT NULL) constraint failed: (.+)")


def constraint_columns(error: IntegrityError) -> list[str]:
    """The columns of the broken constraint, as far as the database names them."""
    found = SQLITE_COLUMNS.search(str(error.orig))
    if found:
        return [part.strip().split(".")[-1] for part in found[1].split(",")]
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is None:
        return []
    if diagnosis.column_name:
        return [diagnosis.column_name]
    return _columns_of(diagnosis.table_name, diagnosis.constraint_name)


def is_unique(error: IntegrityError) -> bool:
    """Whether the same is there already."""
    return "UNIQUE" in str(error.orig).upper().split("\n")[0]


def _columns_of(table: str | None, constraint: str | None) -> list[str]:
    known = Base.metadata.tables.get(table or "")
    if known is None:
        return []
    parts = [*known.constraints, *known.indexes]
    return [
        column.name
        for part in parts
        if getattr(part, "name", None) == constraint
        for column in getattr(part, "columns", ())
    ]
