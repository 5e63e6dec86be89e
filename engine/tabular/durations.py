"""Lengths of time, always handed on as whole seconds."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import product

from engine.tabular.ambiguity import Ambiguous, Candidate
from engine.tabular.problems import At, Cell, CellProblem
from engine.tabular.text import plain, spaced
from models.words import _

_CLOCK = re.compile(r"(\d{1,4}):(\d{2}):(\d{2})(?:[.,]\d{1,9})?")
_PAIR = re.compile(r"(\d{1,4}):(\d{2})")
_UNITS = re.compile(
    r"(?=\d)(?:(\d+)\s*(?:小时|时|hours?|hrs?|h))?\s*"
    r"(?:(\d+)\s*(?:分钟|分|minutes?|mins?|m))?\s*(?:(\d+)\s*(?:秒钟|秒|seconds?|secs?|s))?"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SIXTY = 60


class Pair(StrEnum):
    """What `03:44` means."""

    MINUTES_SECONDS = "m:s"
    HOURS_MINUTES = "h:m"


class Unit(StrEnum):
    """What a plain number means."""

    SECONDS = "s"
    MINUTES = "m"
    HOURS = "h"
    DAYS = "d"


_IN_SECONDS = {Unit.SECONDS: 1, Unit.MINUTES: 60, Unit.HOURS: 3_600, Unit.DAYS: 86_400}
_HINTS = (
    (re.compile(r"秒|\bsec(?:ond)?s?\b|\(s\)"), Unit.SECONDS),
    (re.compile(r"分|\bmin(?:ute)?s?\b"), Unit.MINUTES),
    (re.compile(r"小时|\bhours?\b|\bhrs?\b|\(h\)"), Unit.HOURS),
)


@dataclass(frozen=True, slots=True)
class DurationFormat:
    """How a column writes lengths of time where that can be read in two ways."""

    pair: Pair = Pair.MINUTES_SECONDS
    unit: Unit = Unit.SECONDS


def detect_duration_format(values: Iterable[Cell], header: str = "") -> DurationFormat | Ambiguous[DurationFormat, int]:
    """What `03:44` and plain numbers mean in this column; readings are seconds.

    Clock text with seconds, texts with units and Excel's own times are always clear. Plain numbers are when the
    column's name says the unit; else, and for pairs, the user is asked.
    """
    cells = [value for value in values if not _is_blank(value)]
    numbers = [value for value in cells if _number(value) is not None]
    pairs = [value for value in cells if isinstance(value, str) and _PAIR.fullmatch(plain(value))]
    units = _possible_units(numbers, header)
    formats = [DurationFormat(pair, unit) for pair, unit in product(Pair if pairs else [Pair.MINUTES_SECONDS], units)]
    if cells and all(read_duration(value, formats[0]) is None for value in cells):
        return Ambiguous(())
    if len(formats) == 1:
        return formats[0]
    example = _telling([*pairs] or numbers, formats)
    return Ambiguous(tuple(_candidate(choice, example) for choice in formats))


def _telling(cells: list[Cell], formats: list[DurationFormat]) -> Cell:
    """A cell that the formats read differently, so that the choice can be seen: `00:00` shows nothing."""
    telling = (cell for cell in cells if len({read_duration(cell, each) for each in formats}) == len(formats))
    return next(telling, cells[0])


def _possible_units(numbers: list[Cell], header: str) -> list[Unit]:
    hinted = [unit for pattern, unit in _HINTS if pattern.search(spaced(header))]
    if len(hinted) == 1:
        return hinted
    values = [number for value in numbers if (number := _number(value)) is not None and number]
    if not values:
        return [Unit.SECONDS]
    return [Unit.DAYS, Unit.MINUTES, Unit.HOURS] if max(values) < 1 else [Unit.SECONDS, Unit.MINUTES]


def _candidate(choice: DurationFormat, example: Cell) -> Candidate[DurationFormat, int]:
    return Candidate(choice, str(example), read_duration(example, choice) or 0)


def parse_duration(value: Cell, choice: DurationFormat, at: At) -> int | None:
    """Seconds in a cell: `00:03:44`, `3分44秒`, `1h 2m`, Excel's own, or as the format says. None for a blank cell.

    Raises CellProblem. Fractions of a second are rounded.
    """
    if _is_blank(value):
        return None
    seconds = read_duration(value, choice)
    if seconds is None:
        raise CellProblem(at, value, _("This is no length of time."))
    return seconds


def read_duration(value: Cell, choice: DurationFormat) -> int | None:
    """As `parse_duration`, but None for what is no length of time."""
    if isinstance(value, datetime):
        return None
    if isinstance(value, timedelta):
        return round(value.total_seconds()) if value >= timedelta(0) else None
    if isinstance(value, time):
        return value.hour * 3_600 + value.minute * _SIXTY + value.second + round(value.microsecond / 1e6)
    number = _number(value)
    if number is not None:
        return round(number * _IN_SECONDS[choice.unit])
    return _from_text(plain(value), choice.pair) if isinstance(value, str) else None


def _from_text(text: str, pair: Pair) -> int | None:
    if match := _CLOCK.fullmatch(text):
        return _seconds(*match.groups())
    if match := _PAIR.fullmatch(text):
        first, second = match.groups()
        return _seconds(None, first, second) if pair == Pair.MINUTES_SECONDS else _seconds(first, second, None)
    if match := _UNITS.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return hours * 3_600 + minutes * _SIXTY + seconds
    return None


def _seconds(hours: str | None, minutes: str | None, seconds: str | None) -> int | None:
    """The sum, or None where a part overflows the one before it; the first part may be any size."""
    parts = [int(part or 0) for part in (hours, minutes, seconds)]
    leading = next(index for index, part in enumerate((hours, minutes, seconds)) if part is not None)
    if any(part >= _SIXTY for part in parts[leading + 1 :]):
        return None
    return parts[0] * 3_600 + parts[1] * _SIXTY + parts[2]


def _number(value: Cell) -> Decimal | None:
    """The plain number in a cell, when it is one and not below zero."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(plain(value)):
        return None
    number = Decimal(plain(str(value)))
    return number if number.is_finite() and number >= 0 else None


def _is_blank(value: Cell) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
