"""The types that a parameter may have, how a value of each is written, and what it becomes for a rule."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Any, Literal, NamedTuple

from engine.packs.offsets import Offset, parse_duration
from models.words import Words, _

ScalarType = Literal["integer", "decimal", "boolean", "time", "month_day", "weekday", "duration", "text"]
ParameterType = Literal[
    "integer", "decimal", "boolean", "time", "month_day", "weekday", "duration", "text", "table", "list"
]


class Weekday(IntEnum):
    """Days of the week, numbered as `date.weekday()` does; written in lower case: `friday`."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class MonthDay(NamedTuple):
    """A day of every year, written `12-15`."""

    month: int
    day: int


UNITS: Mapping[str, Words] = {
    "minutes": _("minutes"),
    "seconds": _("seconds"),
    "hours": _("hours"),
    "days": _("days"),
    "working_days": _("working days"),
    "months": _("months"),
    "day_of_month": _("day of the month"),
    "times": _("times"),
    "percent": "%",
    "points": _("points"),
    "score": _("points of 5"),
    "people": _("people"),
    "records": _("records"),
    "cases": _("cases"),
    "cny": _("CNY"),
}
"""What a figure is counted in, as shown beside it."""

ScalarValue = int | Decimal | bool | time | MonthDay | Weekday | Offset | str
Value = ScalarValue | tuple[ScalarValue, ...] | Mapping[str, ScalarValue]

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
_LAST_DAY = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value may be: its type, that of the entries of a table or list, bounds (inclusive) and choices."""

    type: ParameterType
    of: ScalarType | None = None
    min: ScalarValue | None = None
    max: ScalarValue | None = None
    choices: tuple[str, ...] = ()


def _integer(raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ValueError  # noqa: TRY004 - one kind of error for every value that is written wrongly
    return raw


def _decimal(raw: object) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, (int, str, Decimal)):
        raise ValueError  # noqa: TRY004 - the same
    try:
        number = Decimal(raw)
    except InvalidOperation as error:
        raise ValueError from error
    if not number.is_finite():
        raise ValueError
    return number


def _boolean(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError  # noqa: TRY004 - the same
    return raw


def _text(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError
    return raw


def _time(raw: object) -> time:
    found = _TIME.fullmatch(_text(raw))
    if found is None:
        raise ValueError
    return time(int(found[1]), int(found[2]))


def _month_day(raw: object) -> MonthDay:
    found = _MONTH_DAY.fullmatch(_text(raw))
    if found is None:
        raise ValueError
    month, day = int(found[1]), int(found[2])
    if not 1 <= month <= len(_LAST_DAY) or not 1 <= day <= _LAST_DAY[month - 1]:
        raise ValueError
    return MonthDay(month, day)


def _weekday(raw: object) -> Weekday:
    text = _text(raw)
    if text != text.lower() or text.upper() not in Weekday.__members__:
        raise ValueError
    return Weekday[text.upper()]


def _duration(raw: object) -> Offset:
    return parse_duration(_text(raw))


_READERS: Mapping[str, tuple[Callable[[object], ScalarValue], Words]] = {
    "integer": (_integer, _("This should be a whole number.")),
    "decimal": (_decimal, _("This should be a number.")),
    "boolean": (_boolean, _("This should be true or false.")),
    "time": (_time, _("This should be a time of day such as 09:00, in quotation marks or not.")),
    "month_day": (_month_day, _("This should be a month and a day such as 12-15.")),
    "weekday": (_weekday, _("This should be a weekday such as friday.")),
    "duration": (_duration, _("This should be a length of time such as 30m, 4h, 5d or 2wd.")),
    "text": (_text, _("This should be text.")),
}


def typed_scalar(kind: ScalarType, raw: object) -> ScalarValue:
    """What `raw`, as a file or a JSON column holds it, means as `kind`. Raises ValueError when it is no such thing."""
    return _READERS[kind][0](raw)


def typed_value(limits: Limits, raw: Any) -> Value:  # noqa: ANN401 - JSON of any shape
    """What `raw` means for a rule: a scalar, a tuple for a list, a mapping for a table.

    Raises ValueError for a value that `value_problems` would refuse as a wrong type.
    """
    kind = limits.of or "text"
    if limits.type == "table":
        if not isinstance(raw, Mapping):
            raise ValueError
        return {key: typed_scalar(kind, entry) for key, entry in raw.items()}
    if limits.type == "list":
        if not isinstance(raw, (list, tuple)):
            raise ValueError
        return tuple(typed_scalar(kind, entry) for entry in raw)
    return typed_scalar(limits.type, raw)


def value_problems(limits: Limits, raw: Any) -> Iterator[tuple[tuple[str | int, ...], Words]]:  # noqa: ANN401 - JSON
    """Everything wrong with `raw` under `limits`: where inside it, and why. Nothing when it may be used."""
    if limits.type == "table":
        if not isinstance(raw, Mapping) or not raw:
            yield (), _("This should be a table of named values.")
            return
        entries: list[tuple[str | int, Any]] = list(raw.items())
    elif limits.type == "list":
        if not isinstance(raw, (list, tuple)) or not raw:
            yield (), _("This should be a list.")
            return
        entries = list(enumerate(raw))
    else:
        yield from (((), reason) for reason in _scalar_problems(limits.type, limits, raw))
        return
    for place, entry in entries:
        yield from (((place,), reason) for reason in _scalar_problems(limits.of or "text", limits, entry))


def _scalar_problems(kind: ScalarType, limits: Limits, raw: object) -> Iterator[Words]:
    reader, wanted = _READERS[kind]
    try:
        value = reader(raw)
    except ValueError:
        yield wanted
        return
    if limits.min is not None and _order(value) < _order(limits.min):
        yield _("%(value)s is below the least allowed, %(bound)s.", value=raw, bound=limits.min)
    if limits.max is not None and _order(value) > _order(limits.max):
        yield _("%(value)s is above the most allowed, %(bound)s.", value=raw, bound=limits.max)
    if limits.choices and raw not in limits.choices:
        yield _("%(value)s is not one of: %(choices)s.", value=raw, choices=", ".join(limits.choices))


def _order(value: ScalarValue) -> Any:  # noqa: ANN401 - both sides of a comparison have one type
    return value.order if isinstance(value, Offset) else value
