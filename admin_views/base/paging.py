"""Pages of a long list that cost the same wherever they are: a cursor on the sort key and the primary key."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, literal, or_, true, tuple_

from admin_views.base.access import LARGE
from admin_views.base.columns import Kind, Shown

LONGEST_CURSOR = 500

READERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.DAY: date.fromisoformat,
    Kind.MOMENT: datetime.fromisoformat,
    Kind.DECIMAL: Decimal,
    Kind.WHOLE: int,
    Kind.BOOLEAN: bool,
}


@dataclass(frozen=True)
class Order:
    """What a list is ordered by; the primary key breaks ties. Nothing comes last, in either direction.

    `among` is a subquery of rows that were chosen already, by the names of the columns.
    """

    column: Shown
    key: Any
    down: bool
    among: Any = None

    def of(self, chosen: Any) -> "Order":
        """The same order over the rows of a subquery that selects `columns`."""
        return replace(self, key=chosen.c[self.key.key], among=chosen)

    @property
    def columns(self) -> list[Any]:
        """What has to be known of a row to put it in its place."""
        return [self.key] if self.is_key or self.value is None else [self.key, self.value]

    @property
    def value(self) -> Any:
        """The column itself; None for an order that no column gives."""
        return self.column.attribute if self.among is None or self.is_key else self.among.c[self.column.name]

    @property
    def is_key(self) -> bool:
        """Whether the primary key itself is the order."""
        return self.column.name == "id"

    def clauses(self, *, backward: bool = False) -> list[Any]:
        """ORDER BY; backward for the page before."""
        down = self.down != backward
        value = self.value
        ties = [self.key.desc() if down else self.key.asc()]
        if self.is_key or value is None:
            return ties
        nothing = [] if not self.column.nullable else [value.is_(None).desc() if backward else value.is_(None).asc()]
        return [*nothing, value.desc() if down else value.asc(), *ties]

    def beyond(self, cursor: "Cursor", *, backward: bool = False) -> ColumnElement[bool]:
        """Rows that come after the cursor's row (before it, going backward)."""
        down = self.down != backward
        later = self.key < cursor.key if down else self.key > cursor.key
        value = self.value
        if self.is_key or value is None:
            return later
        if cursor.value is None:
            return or_(and_(value.is_(None), later), value.is_not(None) if backward else false())
        # As a literal: SQLAlchemy compares a column with a bare True or False by equality only.
        here = literal(cursor.value, value.type)
        # Compared as a pair: the index leads there at once, which it does not for “less, or equal and …”.
        place = tuple_(here, literal(cursor.key, self.key.type))
        further = tuple_(value, self.key) < place if down else tuple_(value, self.key) > place
        return or_(further, value.is_(None)) if self.column.nullable and not backward else further


@dataclass(frozen=True)
class Cursor:
    """A place in an ordered list: the sort key and primary key of a row."""

    value: Any
    key: int

    def write(self) -> str:
        """The cursor as part of an address."""
        return base64.urlsafe_b64encode(json.dumps([_plain(self.value), self.key]).encode()).decode().rstrip("=")


def read_cursor(text: str | None, column: Shown) -> Cursor | None:
    """The place that an address names; None for anything that is none (the list then begins at its beginning)."""
    if not text or len(text) > LONGEST_CURSOR:
        return None
    try:
        value, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        typed = None if value is None else _typed(value, column)
    except (ValueError, TypeError, KeyError, binascii.Error, InvalidOperation, RecursionError):
        return None
    fits = isinstance(key, int) and 0 <= key <= LARGE and (not isinstance(typed, int) or abs(typed) <= LARGE)
    return Cursor(typed, key) if fits and _storable(typed) else None


def cursor_at(record: Any, order: Order) -> str:
    """The place of a row."""
    return Cursor(getattr(record, order.column.name), record.id).write()


def page_after(query: Select[Any], order: Order, cursor: Cursor | None, size: int, *, backward: bool) -> Select[Any]:
    """One page and one row more, which tells whether there is another page."""
    condition = order.beyond(cursor, backward=backward) if cursor is not None else true()
    return query.where(condition).order_by(*order.clauses(backward=backward)).limit(size + 1)


def in_reading_order(rows: Sequence[Any], size: int, *, backward: bool) -> tuple[list[Any], bool]:
    """The page's rows as they are read, and whether there are more in the direction that was asked."""
    kept = list(rows[:size])
    return (kept[::-1] if backward else kept), len(rows) > size


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _typed(value: Any, column: Shown) -> Any:
    if column.kind is Kind.CHOICE and column.attribute is not None:
        return column.attribute.property.columns[0].type.choices(value)
    typed = READERS.get(column.kind, str)(value)
    if isinstance(typed, datetime) and typed.tzinfo is None:
        raise ValueError
    return typed


def _storable(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    return not (isinstance(value, str) and "\x00" in value)
