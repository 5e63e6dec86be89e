"""What the audit kept of a change, in words: codes, dates, numbers and keys of other records as people read them.

The titles of all records that a page's entries name are asked for at once.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from markupsafe import Markup, escape

from admin_views import formats
from admin_views.base.cells import shown
from admin_views.base.columns import BOOKKEEPING, Kind, Shown, label_of, shown_column
from admin_views.base.masking import masked, sight
from admin_views.base.titles import titles_of
from admin_views.links import record_address
from engine.permissions import Sight
from models.words import _, ngettext

PAIR = 2
Changes = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One field before and after."""

    label: str
    before: str
    after: str


@dataclass
class Telling:
    """Tells the changes of several entries about records of one entity. `view` is the entity's, or stands in for it."""

    view: Any
    entries: Sequence[Changes]

    def changes(self, entry: Changes) -> list[Change]:
        """The fields that an entry changed, as far as whoever asks may see them."""
        found = []
        for name, pair in _pairs(entry):
            seen = sight(self.view.table, name)
            if seen is not Sight.NONE:
                before, after = (self._in_words(name, value, seen) for value in pair)
                found.append(Change(str(label_of(name, self.view.labels)), before, after))
        return found

    @cached_property
    def titles(self) -> Mapping[type[Any], Mapping[int, str]]:
        """What the records are called that the entries name, by model."""
        wanted: defaultdict[type[Any], set[int]] = defaultdict(set)
        for name, pair in (each for entry in self.entries for each in _pairs(entry)):
            column = self._column(name)
            if column is not None and column.target is not None and hasattr(column.target, "title"):
                wanted[column.target] |= {key for value in pair for key in _keys(value)}
        return {model: titles_of(model, keys) for model, keys in wanted.items()}

    def _in_words(self, name: str, value: Any, seen: Sight) -> str:
        if value is None or value == "":
            return formats.NOTHING
        if seen is Sight.MASKED or name in self.view.write_only:
            return masked(value)
        try:
            return self._readable(name, value)
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
            # What an older version of the product recorded may no longer fit a column: it is shown as it is.
            return str(value)

    def _readable(self, name: str, value: Any) -> str:
        column = self._column(name)
        if name in self.view.formatters:
            return self.view.formatters[name](value)  # type: ignore[no-any-return]  # text or markup
        if column is None or column.kind is Kind.JSON:
            return counted(value)
        if column.kind in {Kind.LINK, Kind.LINKS}:
            return escape(str(_(", "))).join(self._record(column, key) for key in _keys(value))
        return shown(column, _typed(column, value))

    def _record(self, column: Shown, key: int) -> str:
        """A named record by its title, with the way to it; one out of sight stays a number."""
        model = column.target
        title = self.titles.get(model, {}).get(key) if model is not None else None
        if model is None or title is None:
            return f"#{key}"
        url = record_address(model.__tablename__, key)
        return Markup('<a href="{}">{}</a>').format(url, title) if url else title

    def _column(self, name: str) -> Shown | None:
        try:
            return shown_column(self.view.model, name, self.view.labels, {})
        except ValueError:
            return None


def counted(value: Any) -> str:
    """Structured data in a line: plain texts and numbers as they are, more than that by how much of it there is."""
    entries = list(value.values()) if isinstance(value, Mapping) else value
    if not isinstance(entries, list) or (isinstance(value, Mapping) and value.keys() <= {"zh", "en"}):
        return formats.shown(value)
    if all(isinstance(each, str) for each in entries) and isinstance(value, list):
        return formats.shown(value)
    return str(ngettext("%(num)s entry", "%(num)s entries", len(entries)))


def _pairs(entry: Changes) -> Iterator[tuple[str, list[Any]]]:
    return (
        (name, pair)
        for name, pair in entry.items()
        if name not in BOOKKEEPING and isinstance(pair, list) and len(pair) == PAIR
    )


def _keys(value: Any) -> list[int]:
    several = value if isinstance(value, list) else [value]
    return [key for key in several if isinstance(key, int) and not isinstance(key, bool)]


def _typed(column: Shown, value: Any) -> Any:
    """The value as the column holds it: the audit keeps codes, dates and numbers as text."""
    if column.kind is Kind.CHOICE and column.attribute is not None:
        return column.attribute.property.columns[0].type.choices(value)
    if column.kind is Kind.MOMENT:
        return datetime.fromisoformat(value)
    if column.kind is Kind.DAY:
        return date.fromisoformat(value)
    return Decimal(value) if column.kind is Kind.DECIMAL else value
