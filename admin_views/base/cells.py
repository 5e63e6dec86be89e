"""A record's values as a person sees them: one place that formats, masks and escapes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import get_locale
from markupsafe import Markup

from admin_views import formats
from admin_views.base.columns import Kind, Shown
from admin_views.base.fields import zone
from admin_views.base.masking import masked, sight
from admin_views.base.titles import title_of, titles_of
from admin_views.links import record_address
from engine.permissions import Sight
from models.types import Labelled
from models.words import _, in_language

DEADLINES = frozenset({"due_at", "closes_at"})
"""Columns whose midnight is the end of the day before."""
REPEATED = frozenset({Kind.CHOICE, Kind.BOOLEAN, Kind.DAY, Kind.DECIMAL, Kind.WHOLE, Kind.LINK})
"""Kinds of which a page holds the same few values again and again: each is made once."""


@dataclass(frozen=True)
class Cell:
    """One value on the screen. `text` is plain text, or markup from `formats`, which escapes."""

    column: Shown
    label: str
    text: str
    url: str | None = None
    masked: bool = False
    raw: Any = None


Titles = Mapping[type[Any], Mapping[int, str]]


@dataclass(frozen=True)
class Reading:
    """How a batch of records is read: the columns, with what each may show, and the titles of what they link to.

    Made anew for each request: it remembers the reader's words and rights.
    """

    columns: Sequence[Shown]
    entity: str
    titles: Titles = field(default_factory=dict)
    formatters: Mapping[str, Any] = field(default_factory=dict)
    unmasked: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    made: dict[Any, Cell] = field(default_factory=dict, repr=False)
    known: dict[str, tuple[str, Sight]] = field(default_factory=dict, repr=False)
    ways: dict[str, str] = field(default_factory=dict, repr=False)

    def cells(self, record: Any) -> list[Cell]:
        """The record's cells, in the order of the columns."""
        return [self.cell(record, column) for column in self.columns]

    def cell(self, record: Any, column: Shown) -> Cell:
        """One cell. A masked field shows its mask, whatever its kind."""
        label, seen = self._about(column)
        if seen is Sight.NONE:
            return Cell(column, label, formats.NOTHING)
        value = value_of(record, column)
        if seen is Sight.MASKED:
            return Cell(column, label, masked(value) or formats.NOTHING, masked=True)
        if column.kind not in REPEATED:
            return self._make(column, label, value)
        key = (column.name, _key(value) if column.kind is Kind.LINK else value)
        if key not in self.made:
            self.made[key] = self._make(column, label, value)
        return self.made[key]

    def plain(self, record: Any) -> list[Any]:
        """The same values for a table file: words for codes, numbers and dates as such, masks as masks."""
        return [self._plain(record, column) for column in self.columns]

    def _plain(self, record: Any, column: Shown) -> Any:
        _label, seen = self._about(column)
        if seen is Sight.NONE:
            return None
        value = value_of(record, column)
        if seen is Sight.MASKED:
            return masked(value)
        if column.kind is Kind.LINK and column.target is not None:
            return self.titles.get(column.target, {}).get(_key(value), "")  # type: ignore[call-overload]  # a key may be None
        return in_words(value)

    def _about(self, column: Shown) -> tuple[str, Sight]:
        """The column's words and what may be seen of it."""
        if column.name not in self.known:
            seen = Sight.READ if column.name in self.unmasked else sight(self.entity, column.name)
            hides = column.name in self.hidden and seen is not Sight.NONE
            self.known[column.name] = str(column.label), Sight.MASKED if hides else seen
        return self.known[column.name]

    def _make(self, column: Shown, label: str, value: Any) -> Cell:
        if column.name in self.formatters:
            return Cell(column, label, self.formatters[column.name](value), raw=value)
        if column.kind is Kind.LINK:
            return self._link(column, label, _key(value))
        return Cell(column, label, shown(column, value), raw=value)

    def _link(self, column: Shown, label: str, number: int | None) -> Cell:
        title = self.titles.get(column.target, {}).get(number) if column.target and number is not None else None
        if title is None or column.target is None:
            return Cell(column, label, formats.NOTHING)
        return Cell(column, label, title, self._address(column.target.__tablename__, number), raw=number)

    def _address(self, table: str, number: int | None) -> str | None:
        """Where a record is shown; the way to its entity is looked up once."""
        if table not in self.ways:
            self.ways[table] = (record_address(table, 0) or "").removesuffix("0")
        way = self.ways[table]
        return f"{way}{number}" if way else None


def read_titles(columns: Iterable[Shown], records: Sequence[Any]) -> Titles:
    """The titles of everything that the records' links point to, one query a model."""
    wanted: defaultdict[type[Any], set[Any]] = defaultdict(set)
    for column in columns:
        if column.kind is Kind.LINK and column.target is not None and hasattr(column.target, "title"):
            wanted[column.target] |= {_key(value_of(record, column)) for record in records}
    return {model: titles_of(model, numbers) for model, numbers in wanted.items()}


def value_of(record: Any, column: Shown) -> Any:
    """The record's own value."""
    return column.show(record) if column.show else getattr(record, column.name)


def shown(column: Shown, value: Any) -> str:  # noqa: PLR0911 one line a kind
    """A value as markup, by its kind."""
    if column.kind is Kind.WHOLE and value is not None:
        return str(value)
    if column.name in DEADLINES:
        return formats.due(value)
    if column.kind is Kind.JSON and isinstance(value, dict):
        return Markup("<pre>{}</pre>").format(json.dumps(value, ensure_ascii=False, indent=2))
    if column.kind is Kind.AREA and value:
        return Markup('<span class="prewrap">{}</span>').format(value)
    if column.kind is Kind.LINKS:
        return formats.listed(title_of(other) for other in value) or formats.NOTHING
    if isinstance(value, str) and not isinstance(value, Labelled):
        return value or formats.NOTHING
    return formats.shown(value)


def in_words(value: Any) -> Any:  # noqa: PLR0911 one line a case
    """A stored value as a table file holds it."""
    if isinstance(value, Labelled):
        return str(value.label)
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, dict):
        known = {"zh", "en"} & set(value)
        return in_language(value, str(get_locale())) if known else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple | set):
        return formats.listed(in_words(item) for item in value)
    if isinstance(value, datetime):
        return value.astimezone(zone()).replace(tzinfo=None)
    if hasattr(value, "__entity__"):
        return title_of(value)
    return value


def _key(value: Any) -> int | None:
    return getattr(value, "id", value)
