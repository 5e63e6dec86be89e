"""Dates and moments as people and systems write them; what has two meanings is asked, never guessed.

A four-digit year in front, `2021年1月31日`, `20210131`, a month's name, and Excel's own dates read one way only.
`01/02/2021` and every two-digit year do not: for those a column needs a DateFormat.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from engine.tabular.ambiguity import Ambiguous, Candidate
from engine.tabular.problems import At, Cell, CellProblem
from engine.tabular.text import plain
from engine.tabular.times import fraction_of_day, read_time_text
from models.words import Words, _

_YEARS = range(1900, 2101)
_CENTURY_TURN = 70  # two-digit years: 00 to 69 are 2000 to 2069, as in POSIX; the user confirms the reading
_SERIALS = range(20_000, 80_001)  # 1954 to 2119; smaller numbers are likelier counts than dates
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's day 0, wall-clock time
_MOST_AMBIGUOUS_DAY = 12
_ENOUGH_NATIVE = 3

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_WEEKDAY = re.compile(
    r"[(,]?\s*(?:(?:星期|周|礼拜)[一二三四五六日天]|\b(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\b)\s*[),.]?"
)
_NUMBERS = re.compile(r"(\d{1,4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,4})(?!\d)(.*)")
_CHINESE = re.compile(r"(\d{4}|\d{2})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})(?!\d)\s?[日号]?(.*)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[t ]?(\d{2})(\d{2})(\d{2})?)?")
_DAY_NAMED = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/ ,.]*{_MONTH}[-/ ,.]*(?P<year>\d{{4}}|\d{{2}})(?!\d)(?P<rest>.*)"
)
_NAMED_DAY = re.compile(
    rf"{_MONTH}[-/ ]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/ ,.]+(?P<year>\d{{4}}|\d{{2}})(?![\d:])(?P<rest>.*)"
)
_YEAR_NAMED = re.compile(rf"(?P<year>\d{{4}})[-/ ]{_MONTH}[-/ ](?P<day>\d{{1,2}})(?!\d)(?P<rest>.*)")
_OFFSET = re.compile(r"(.*?)\s*(?:(z|utc|gmt)|([+-])(\d{2}):?(\d{2}))")


class Order(StrEnum):
    """In which order day, month and year stand."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


@dataclass(frozen=True, slots=True)
class DateFormat:
    """How a column writes the dates that can be read in several ways.

    `short_year`: two-digit years are taken (00 to 69 as 2000 to 2069). `swapped`: the dates that a spreadsheet made by
    itself out of day/month text had day and month the wrong way round, and are turned back.
    """

    order: Order = Order.YMD
    short_year: bool = False
    swapped: bool = False

    @property
    def code(self) -> str:
        """A short text to remember it by, such as `dmy` or `ymd+short`."""
        return self.order + "+short" * self.short_year + "+swapped" * self.swapped

    @classmethod
    def from_code(cls, code: str) -> "DateFormat":
        """The format that `code` stands for. Raises ValueError for another text."""
        order, *marks = code.split("+")
        if not set(marks) <= {"short", "swapped"}:
            raise ValueError(code)
        return cls(Order(order), "short" in marks, "swapped" in marks)


@dataclass(frozen=True, slots=True)
class _Text:
    """A date text taken apart: its date in each order that gives one, whether that order matters, and the time."""

    dates: Mapping[Order, date]
    open: bool
    short: bool
    time: time | None
    offset: timezone | None


def detect_date_format(values: Iterable[Cell]) -> DateFormat | Ambiguous[DateFormat, date]:
    """The format of a column of dates or moments, or the candidates when its values do not decide.

    Days above 12 decide between day first and month first; when both occur, or neither, and for two-digit years, the
    user is asked. Each candidate shows the first cell that the candidates read differently.
    """
    cells = list(dict.fromkeys(value for value in values if value is not None))
    natives = [value for value in cells if isinstance(value, date)]
    texts = {str(value): found for value in cells if (found := _read_cell(value)) is not None}
    unsure = {text: found for text, found in texts.items() if found.open}
    if not unsure:
        clear = natives or texts or any(_serial(value) is not None for value in cells)
        return DateFormat() if clear or not _any_filled(cells) else Ambiguous(())
    short = any(found.short for found in unsure.values())
    orders = _possible_orders(unsure)
    formats = [DateFormat(order, short) for order in orders]
    if len(formats) == 1 and _was_half_converted(natives, unsure):
        formats.append(replace(formats[0], swapped=True))
        return Ambiguous(tuple(Candidate(choice, str(natives[0]), _native(natives[0], choice)) for choice in formats))
    if len(formats) == 1 and not short:
        return formats[0]
    return Ambiguous(_candidates(formats, unsure))


def _any_filled(cells: Sequence[Cell]) -> bool:
    return any(not isinstance(cell, str) or cell.strip() for cell in cells)


def _possible_orders(unsure: Mapping[str, _Text]) -> list[Order]:
    """The orders that no other order outdoes by reading the same texts and more: one when the values decide.

    Of orders that read every text alike, as round a month's name, the first stands for all.
    """
    read = {
        order: {text: found.dates[order] for text, found in unsure.items() if order in found.dates} for order in Order
    }
    possible: list[Order] = []
    for order in Order:
        outdone = any(read[order].keys() < read[other].keys() for other in Order)
        if read[order] and not outdone and all(read[order] != read[other] for other in possible):
            possible.append(order)
    return possible


def _was_half_converted(natives: list[date], unsure: Mapping[str, _Text]) -> bool:
    """Whether a spreadsheet seems to have turned the texts that it could read, day and month swapped, into dates.

    Its trace: every remaining text has a day above 12, and no date of its own has one.
    """
    return (
        len(natives) >= _ENOUGH_NATIVE
        and all(len(found.dates) == 1 for found in unsure.values())
        and all(native.day <= _MOST_AMBIGUOUS_DAY for native in natives)
    )


def _candidates(formats: list[DateFormat], unsure: Mapping[str, _Text]) -> tuple[Candidate[DateFormat, date], ...]:
    orders = {choice.order for choice in formats}
    telling = (text for text, found in unsure.items() if len({found.dates.get(order) for order in orders}) > 1)
    shared = next((text for text in telling if orders <= unsure[text].dates.keys()), None)
    found = []
    for choice in formats:
        text = shared or next(text for text, found in unsure.items() if choice.order in found.dates)
        found.append(Candidate(choice, text, unsure[text].dates[choice.order]))
    return tuple(found)


def parse_date(value: Cell, choice: DateFormat, at: At) -> date | None:
    """The date in a cell; a time of day beside it is left out. None for a blank cell. Raises CellProblem."""
    moment = parse_datetime(value, choice, at)
    return moment.date() if moment is not None else None


def parse_datetime(value: Cell, choice: DateFormat, at: At) -> datetime | None:
    """The moment in a cell, midnight when it names only the day. None for a blank cell. Raises CellProblem.

    Naive, as the exporting system's clock showed it, unless the text states its offset from UTC.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, date):
        clock = value.time() if isinstance(value, datetime) else time()
        return datetime.combine(_native(value, choice), clock)
    serial = _serial(value)
    if serial is not None:
        return serial
    found = _read_cell(value)
    if found is None:
        raise CellProblem(at, value, _("This is no date."))
    if choice.order not in found.dates or (found.short and not choice.short_year):
        raise CellProblem(at, value, _mismatch(found, choice))
    return datetime.combine(found.dates[choice.order], found.time or time(), found.offset)


def _mismatch(found: _Text, choice: DateFormat) -> Words:
    if found.short and not choice.short_year:
        return _("The year has two digits: write all four.")
    return {
        Order.YMD: _("This is no date when the year comes first, then the month, then the day."),
        Order.DMY: _("This is no date when the day comes first, then the month, then the year."),
        Order.MDY: _("This is no date when the month comes first, then the day, then the year."),
    }[choice.order]


def reads_as_date(value: Cell) -> bool:
    """Whether a cell is a date or moment in any format."""
    return isinstance(value, date) or _serial(value) is not None or _read_cell(value) is not None


def has_time(value: Cell) -> bool:
    """Whether a cell is a moment: a date with a time of day."""
    if isinstance(value, date):
        return isinstance(value, datetime)
    found = _read_cell(value)
    return found.time is not None if found else isinstance(value, float) and _serial(value) is not None


def _native(value: date, choice: DateFormat) -> date:
    day = value.date() if isinstance(value, datetime) else value
    if choice.swapped and day.day <= _MOST_AMBIGUOUS_DAY:
        return day.replace(month=day.day, day=day.month)
    return day


def _serial(value: Cell) -> datetime | None:
    """The moment that Excel counts as this number of days."""
    if isinstance(value, str):
        text = plain(value)
        value = float(text) if re.fullmatch(r"\d{5}(\.\d+)?", text) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if not math.isfinite(value) or int(value) not in _SERIALS:
        return None
    days, part = divmod(float(value), 1)
    clock = fraction_of_day(part)
    moment = _EPOCH + timedelta(days=days)
    return moment + timedelta(days=1) if clock is None else datetime.combine(moment, clock)


def _read_cell(value: Cell) -> _Text | None:
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _read_text(str(value))
    return None


@lru_cache(maxsize=8192)
def _read_text(value: str) -> _Text | None:
    text = " ".join(_WEEKDAY.sub(" ", plain(value)).split())
    for read in (_numbers, _chinese, _compact, _named):
        found = read(text)
        if found is not None:
            return found
    return None


def _numbers(text: str) -> _Text | None:
    match = _NUMBERS.fullmatch(text)
    if match is None:
        return None
    first, _mark, second, third, rest = match.groups()
    if len(first) == 4:  # noqa: PLR2004 - a whole year
        return _whole(dict.fromkeys(Order, (first, second, third)), rest)
    ways = {Order.DMY: (third, second, first), Order.MDY: (third, first, second)}
    if len(third) == 4:  # noqa: PLR2004 - a whole year
        return _whole(ways, rest, is_open=True)
    return _whole({Order.YMD: (first, second, third), **ways}, rest, is_open=True)


def _chinese(text: str) -> _Text | None:
    match = _CHINESE.fullmatch(text)
    if match is None:
        return None
    year, month, day, rest = match.groups()
    return _whole(dict.fromkeys(Order, (year, month, day)), rest, is_open=len(year) == 2)  # noqa: PLR2004 a year of two digits


def _compact(text: str) -> _Text | None:
    match = _COMPACT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    rest = f"{hour}:{minute}:{second or '00'}" if hour else ""
    found = _whole(dict.fromkeys(Order, (year, month, day)), rest)
    if found is not None or rest:
        return found
    ways = {Order.DMY: (text[4:], text[2:4], text[:2]), Order.MDY: (text[4:], text[:2], text[2:4])}
    return _whole(ways, "", is_open=True)


def _named(text: str) -> _Text | None:
    for pattern in (_DAY_NAMED, _NAMED_DAY, _YEAR_NAMED):
        match = pattern.fullmatch(text)
        if match is not None:
            return _month_named(match, may_lead=pattern is _DAY_NAMED)
    return None


def _month_named(match: re.Match[str], *, may_lead: bool) -> _Text | None:
    """The date round a month's name; in `05-Jan-21` the year may also be the number in front."""
    year, month, day = match["year"], str(_MONTHS.index(match["month"]) + 1), match["day"]
    short = len(year) == 2  # noqa: PLR2004 a year of two digits
    ways = dict.fromkeys(Order, (year, month, day))
    if short and may_lead:
        ways[Order.YMD] = (day, month, year)
    return _whole(ways, match["rest"], is_open=short)


def _whole(ways: Mapping[Order, tuple[str, str, str]], rest: str, *, is_open: bool = False) -> _Text | None:
    """The text with each way of (year, month, day) that is a date, when what is left of it is a time or nothing."""
    dates = {order: day for order, parts in ways.items() if (day := _date(*parts)) is not None}
    clock = _clock(rest)
    if not dates or clock is None:
        return None
    short = is_open and all(len(parts[0]) <= 2 for parts in ways.values())  # noqa: PLR2004 a day or a year of two digits
    return _Text(dates, is_open, short, *clock)


def _date(year: str, month: str, day: str) -> date | None:
    if len(year) not in {2, 4} or len(day) > 2:  # noqa: PLR2004 - two or four digits, as people write years
        return None
    number = int(year)
    if len(year) == 2:  # noqa: PLR2004 a year of two digits
        number += 2000 if number < _CENTURY_TURN else 1900
    try:
        return date(number, int(month), int(day)) if number in _YEARS else None
    except ValueError:
        return None


def _clock(rest: str) -> tuple[time | None, timezone | None] | None:
    """The time and offset behind a date; None when the rest is neither a time nor nothing."""
    rest = rest.strip(" ,")
    if not rest:
        return None, None
    text = rest.removeprefix("t").strip()
    offset = None
    match = _OFFSET.fullmatch(text)
    if match is not None:
        text, offset = match[1], _offset(match)
    clock = read_time_text(text)
    return (clock, offset) if clock is not None else None


def _offset(match: re.Match[str]) -> timezone:
    if match[2]:
        return UTC
    minutes = min(int(match[4]) * 60 + int(match[5]), 24 * 60 - 1)
    return timezone(timedelta(minutes=-minutes if match[3] == "-" else minutes))
