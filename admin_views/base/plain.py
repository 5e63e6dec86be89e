"""Rows for a table file, streamed: values straight from the columns, no record made of them, none kept.

The same values as `Reading.plain` gives, masks and words included. Only columns that are worked out of a whole
record, or that name several others, take the longer way through records.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, type_coerce
from sqlalchemy.types import NullType

from admin_views.base import querying
from admin_views.base.cells import Reading, in_words, read_titles
from admin_views.base.columns import Kind, Shown
from admin_views.base.fields import zone
from admin_views.base.masking import masked, sight
from admin_views.base.paging import Order
from admin_views.base.titles import titles_of
from engine.database import db
from engine.permissions import Sight
from models.types import moment

CHUNK = 5_000
MOST_KNOWN = 10_000
"""How many values of a column are remembered beside their words."""
RECORDS = 500
"""Rows at a time where whole records are needed."""
OF_RECORDS = frozenset({Kind.COMPUTED, Kind.LINKS})
READ_ONCE = frozenset({Kind.CHOICE, Kind.MOMENT})
AS_THEY_ARE = frozenset({Kind.TEXT, Kind.AREA, Kind.WHOLE, Kind.DECIMAL, Kind.DAY})

Convert = Callable[[Sequence[Any]], list[Any]]
"""Turns a column's values, some thousand at a time."""


@dataclass(frozen=True)
class PlainRows:
    """The rows of a view that meet the conditions, in an order; `columns` are those of the file."""

    view: Any
    conditions: Sequence[ColumnElement[bool]]
    order: Order
    columns: Sequence[Shown]

    def count(self, most: int) -> int:
        """How many rows there are, at most one more than `most`."""
        few = select(self.view.model.id).where(*self.conditions).limit(most + 1).subquery()
        return db.session.scalar(select(func.count()).select_from(few)) or 0

    def rows(self, most: int) -> Iterator[Sequence[Any]]:
        """The first rows, as a table file holds them."""
        stored = self.view.model.__mapper__.columns
        if all(column.kind not in OF_RECORDS and column.name in stored for column in self.columns):
            return self._of_columns(most)
        return self._of_records(most)

    def _of_columns(self, most: int) -> Iterator[Sequence[Any]]:
        links = [(place, column.target) for place, column in enumerate(self.columns) if column.target is not None]
        titles: dict[Any, dict[Any, str]] = {target: {} for _place, target in links}
        converts = [self._convert(column, titles) for column in self.columns]
        for rows in self._streamed(select(*map(self._selected, self.columns)), most):
            for place, target in links:
                fresh = {row[place] for row in rows} - titles[target].keys()
                titles[target] |= dict.fromkeys(fresh, "") | dict(titles_of(target, fresh))
            db.session.expunge_all()
            values = [convert(column) for convert, column in zip(converts, zip(*rows, strict=True), strict=True)]
            yield from zip(*values, strict=True)

    def _streamed(self, query: Select[Any], most: int) -> Iterator[Sequence[Any]]:
        query = query.where(*self.conditions).order_by(*self.order.clauses()).limit(most)
        return db.session.execute(query.execution_options(yield_per=CHUNK)).partitions()

    def _of_records(self, most: int) -> Iterator[list[Any]]:
        keys = db.session.scalars(
            select(self.view.model.id).where(*self.conditions).order_by(*self.order.clauses()).limit(most)
        ).all()
        options = querying.loads(self.view.model, self.columns)
        for start in range(0, len(keys), RECORDS):
            records = querying.rows_by_key(self.view.model, keys[start : start + RECORDS], options)
            titles, hidden = read_titles(self.columns, records), frozenset(self.view.write_only)
            reading = Reading(self.columns, self.view.table, titles, hidden=hidden)
            yield from (reading.plain(record) for record in records)
            db.session.expunge_all()

    def _seen(self, column: Shown) -> Sight:
        seen = sight(self.view.table, column.name)
        return Sight.MASKED if column.name in self.view.write_only and seen is not Sight.NONE else seen

    def _selected(self, column: Shown) -> Any:
        """The column; of a code and a moment what the database holds, which is read once however often it comes."""
        if column.kind in READ_ONCE and self._seen(column) is not Sight.MASKED:
            return type_coerce(column.attribute, NullType).label(column.name)
        return column.attribute

    def _convert(self, column: Shown, titles: dict[Any, dict[Any, str]]) -> Convert:
        """How a column's values become a file's."""
        seen = self._seen(column)
        if seen is Sight.NONE:
            return lambda values: [None] * len(values)
        if seen is Sight.MASKED:
            return _each(masked)
        by_kind: dict[Kind, Callable[[], Convert]] = {
            Kind.LINK: lambda: _each(titles[column.target].__getitem__),
            Kind.MOMENT: lambda: _remembering(_local(zone())),
            Kind.CHOICE: lambda: _remembering(_words_of_code(column)),
            Kind.BOOLEAN: lambda: _remembering(in_words),
        }
        made = by_kind.get(column.kind)
        return made() if made else list if column.kind in AS_THEY_ARE else _each(in_words)


def _words_of_code(column: Shown) -> Callable[[Any], Any]:
    choices: Any = column.attribute.property.columns[0].type.choices if column.attribute is not None else str
    return lambda code: None if code is None else in_words(choices(code))


def _each(convert: Callable[[Any], Any]) -> Convert:
    return lambda values: [convert(value) for value in values]


def _local(where: tzinfo) -> Callable[[Any], Any]:
    """Moments as the department's clock shows them."""
    return lambda stored: None if stored is None else moment(stored).astimezone(where).replace(tzinfo=None)


def _remembering(convert: Callable[[Any], Any]) -> Convert:
    """What a value becomes is asked for once, not in every row."""
    known: dict[Any, Any] = {}

    def remembered(values: Sequence[Any]) -> list[Any]:
        if len(known) > MOST_KNOWN:
            known.clear()
        known.update((value, convert(value)) for value in set(values) - known.keys())
        return [known[value] for value in values]

    return remembered
