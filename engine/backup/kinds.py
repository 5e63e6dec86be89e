"""A column's values in one form, whichever database holds them: what JSON has, and text for the rest.

SQLite keeps a moment as text and a decimal as a number, PostgreSQL as its own types. In a backup, and where two tables
are compared, a moment is `2026-05-04T02:00:00.000000` in UTC, a decimal its shortest digits, bytes are base64; a JSON
column is its very text, so that neither the order of its keys nor `null` against nothing is lost.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import types

from engine.backup.errors import BackupError
from models.words import _

Convert = Callable[[Any], Any]


def _moment(value: datetime) -> str:
    here = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return here.isoformat(timespec="microseconds")


def _decimal(value: Decimal) -> str:
    # SQLite gives 0 a sign; the sum takes it away.
    return format((value + 0).normalize(), "f")


def _bytes(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


@dataclass(frozen=True)
class Kind:
    """How values of a column are written in a backup, and how they become what SQLite and PostgreSQL take.

    None means: as it is.
    """

    name: str
    written: Convert | None = None
    for_sqlite: Convert | None = None
    for_postgres: Convert | None = None


KINDS = {
    kind.name: kind
    for kind in (
        Kind("yes-no"),
        Kind("whole"),
        Kind("float"),
        Kind("text"),
        Kind("json"),
        Kind("bytes", _bytes, base64.b64decode, base64.b64decode),
        Kind("decimal", _decimal, Decimal),
        Kind("moment", _moment, datetime.fromisoformat, lambda text: f"{text}+00"),
        Kind("date", date.isoformat, date.fromisoformat),
        Kind("time", time.isoformat, time.fromisoformat),
    )
}
# The first that fits counts: SQLAlchemy's floats are numbers too.
BY_TYPE: tuple[tuple[type[types.TypeEngine[Any]], str], ...] = (
    (types.Boolean, "yes-no"),
    (types.JSON, "json"),
    (types.LargeBinary, "bytes"),
    (types.DateTime, "moment"),
    (types.Date, "date"),
    (types.Time, "time"),
    (types.Integer, "whole"),
    (types.Float, "float"),
    (types.Numeric, "decimal"),
    (types.String, "text"),
)


def kind_of(place: str, column_type: types.TypeEngine[Any]) -> Kind:
    """The kind of a column as the database describes it; `place` is `table.column`. Raises BackupError."""
    for base, name in BY_TYPE:
        if isinstance(column_type, base):
            return KINDS[name]
    raise BackupError(
        _("Backups do not know the type of %(place)s: %(type)s.", place=place, type=type(column_type).__name__)
    )
