"""What a list can be narrowed by: the record's own columns, each with a value of the right type or none at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request
from flask_babel import get_locale
from sqlalchemy import ColumnElement, and_

from admin_views.base.access import SMALL
from admin_views.base.columns import Kind, Shown
from admin_views.base.fields import zone
from admin_views.base.links import few
from admin_views.base.titles import titles_of
from engine.acting import current_act
from engine.database import db
from engine.recently import recently
from models.types import Labelled
from models.words import Words, _

PREFIX = "flt_"


@dataclass(frozen=True)
class Box:
    """One control of a filter: its name in the address, its words, what stands in it, what it offers."""

    name: str
    label: str
    control: str
    value: str = ""
    options: Sequence[tuple[str, str, bool]] | None = None
    title: str = ""
    lookup: str = ""

    @property
    def content(self) -> tuple[Any, ...]:
        """Everything that is shown of it: two boxes of the same content look the same."""
        return self.name, self.label, self.control, self.value, tuple(self.options or ()), self.title, self.lookup


@dataclass(frozen=True)
class Filter:
    """One filter. `condition` turns typed values into SQL; what cannot be read raises ValueError."""

    name: str
    column: Shown
    values: tuple[str, ...]
    condition: Callable[[Mapping[str, str], Shown], ColumnElement[bool] | None]
    boxes: Callable[["Filter", Mapping[str, str]], list[Box]]

    def given(self) -> dict[str, str]:
        """What the address says, by the name of the value; only what is not empty."""
        found = {value: request.args.get(self.argument(value), "").strip() for value in self.values}
        return {value: text for value, text in found.items() if text}

    def argument(self, value: str) -> str:
        """The name in the address."""
        return PREFIX + self.name + (f"_{value}" if value else "")


@dataclass(frozen=True)
class Narrowed:
    """The conditions in force, and the filters whose values could not be read."""

    conditions: Sequence[ColumnElement[bool]]
    unreadable: Sequence[Words]
    active: int


def narrowed(filters: Sequence[Filter]) -> Narrowed:
    """Read the address. A value of the wrong type is left out and said."""
    conditions, unreadable = [], []
    for one in filters:
        values = one.given()
        if not values:
            continue
        try:
            found = one.condition({name: _storable(text) for name, text in values.items()}, one.column)
        except (ValueError, OverflowError, InvalidOperation):
            unreadable.append(one.column.label)
            continue
        if found is not None:
            conditions.append(found)
    return Narrowed(conditions, unreadable, len(conditions))


def make_filters(view: Any) -> tuple[Filter, ...]:
    """The filters that a view declares or brings along. Raises ValueError for a column without one."""
    return tuple(one if isinstance(one, Filter) else _standard(view.shown(one)) for one in view.filters)


def _standard(column: Shown) -> Filter:
    if column.kind not in STANDARD or column.secret:
        msg = f"{column.name} cannot be filtered by"
        raise ValueError(msg)
    values, condition, boxes = STANDARD[column.kind]
    return Filter(column.name, column, values, condition, boxes)


def _choice(values: Mapping[str, str], column: Shown) -> ColumnElement[bool]:
    return _attribute(column) == _codes(column)(values[""])


def _codes(column: Shown) -> type[Labelled]:
    codes: type[Labelled] = _attribute(column).property.columns[0].type.choices
    return codes


def _choice_boxes(one: Filter, given: Mapping[str, str]) -> list[Box]:
    options = [(m.value, str(m.label), m.value == given.get("")) for m in _codes(one.column)]
    return [_select(one, [("", str(_("All")), "" not in given), *options])]


def _yes_no(values: Mapping[str, str], column: Shown) -> ColumnElement[bool]:
    return _attribute(column).is_({"1": True, "0": False}[_known(values[""], {"0", "1"})])


def _yes_no_boxes(one: Filter, given: Mapping[str, str]) -> list[Box]:
    words = (("", _("All")), ("1", _("Yes")), ("0", _("No")))
    return [_select(one, [(code, str(word), given.get("", "") == code) for code, word in words])]


def _link(values: Mapping[str, str], column: Shown) -> ColumnElement[bool]:
    return _attribute(column) == _whole(values[""])


def _link_boxes(one: Filter, given: Mapping[str, str]) -> list[Box]:
    model, value = one.column.target, given.get("", "")
    if model is None:
        return []
    found = _choices(model)
    if found is not None:
        options = [(key, title, key == value) for key, title in found]
        return [_select(one, [("", str(_("All")), not value), *options])]
    title = (
        titles_of(model, [int(value)]).get(int(value), "")
        if value.isascii() and value.isdigit() and len(value) < len(str(SMALL))
        else ""
    )
    return [Box(one.argument(""), str(one.column.label), "lookup", value, title=title, lookup=one.name)]


def _choices(model: type[Any]) -> Sequence[tuple[str, str]] | None:
    """What a list is narrowed to: key and title of each record, when they are few."""

    def made() -> Sequence[tuple[str, str]] | None:
        found = few(model, None)
        return None if found is None else tuple((str(record.id), title) for title, record in found)

    return recently(("choices", db.engine.url, current_act().actor, str(get_locale()), model), (model,), made)


def _days(values: Mapping[str, str], column: Shown) -> ColumnElement[bool]:
    attribute, parts = _attribute(column), []
    if "from" in values:
        parts.append(attribute >= _start(date.fromisoformat(values["from"]), column))
    if "to" in values:
        parts.append(attribute < _start(date.fromisoformat(values["to"]) + timedelta(days=1), column))
    return and_(*parts)


def _start(day: date, column: Shown) -> date | datetime:
    """The first moment of a day in the department's time; for a column of days, the day."""
    if column.kind is Kind.DAY:
        return day
    return datetime.combine(day, time(), zone()).astimezone(UTC)


def _range_boxes(control: str) -> Callable[[Filter, Mapping[str, str]], list[Box]]:
    def boxes(one: Filter, given: Mapping[str, str]) -> list[Box]:
        label = str(one.column.label)
        words = {"from": _("%(field)s from", field=label), "to": _("%(field)s to", field=label)}
        return [Box(one.argument(end), str(words[end]), control, given.get(end, "")) for end in ("from", "to")]

    return boxes


def _numbers(values: Mapping[str, str], column: Shown) -> ColumnElement[bool]:
    attribute = _attribute(column)
    read = _whole if column.kind is Kind.WHOLE else _decimal
    parts = [attribute >= read(values["from"])] if "from" in values else []
    return and_(*parts, *([attribute <= read(values["to"])] if "to" in values else []))


def _same_text(values: Mapping[str, str], column: Shown) -> ColumnElement[bool]:
    return _attribute(column) == values[""]


def _text_boxes(one: Filter, given: Mapping[str, str]) -> list[Box]:
    return [Box(one.argument(""), str(one.column.label), "text", given.get("", ""))]


def _select(one: Filter, options: list[tuple[str, str, bool]]) -> Box:
    return Box(one.argument(""), str(one.column.label), "choice", options=options)


def _attribute(column: Shown) -> Any:
    return column.attribute


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > SMALL or not text.isascii():
        raise ValueError(text)
    return number


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > len(str(SMALL)):
        raise ValueError(text)
    return number


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError(text)
    return text


def _known(text: str, codes: set[str]) -> str:
    if text not in codes:
        raise ValueError(text)
    return text


STANDARD: dict[Kind, Any] = {
    Kind.CHOICE: (("",), _choice, _choice_boxes),
    Kind.BOOLEAN: (("",), _yes_no, _yes_no_boxes),
    Kind.LINK: (("",), _link, _link_boxes),
    Kind.DAY: (("from", "to"), _days, _range_boxes("day")),
    Kind.MOMENT: (("from", "to"), _days, _range_boxes("day")),
    Kind.WHOLE: (("from", "to"), _numbers, _range_boxes("whole")),
    Kind.DECIMAL: (("from", "to"), _numbers, _range_boxes("decimal")),
    Kind.TEXT: (("",), _same_text, _text_boxes),
}


def boxes_of(filters: Sequence[Filter]) -> Iterator[Box]:
    """Every control, with what stands in it."""
    for one in filters:
        yield from one.boxes(one, one.given())
