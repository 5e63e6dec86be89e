"""Times of day as people and systems write them."""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from engine.tabular.problems import At, Cell, CellProblem
from engine.tabular.text import plain
from models.words import _

_DAY = 86_400
_NOON = 12
_MORNING = ("凌晨", "清晨", "早上", "上午", "am", "a.m.")
_AFTERNOON = ("下午", "傍晚", "晚上", "pm", "p.m.")
_MIDDAY = "中午"
_HALVES = "|".join(map(re.escape, (*_MORNING, *_AFTERNOON, _MIDDAY)))
_TIME = re.compile(
    rf"(?P<before>{_HALVES})?\s*(?P<hour>\d{{1,2}})"
    r"(?:\s*(?P<mark>[:时点])\s*(?:(?P<minute>\d{1,2})\s*分?(?:\s*:?\s*(?P<second>\d{1,2})(?:[.,]\d{1,9})?\s*秒?)?)?)?"
    rf"\s*(?P<after>{_HALVES})?"
)
_FRACTION = re.compile(r"0?\.\d+")


def parse_time(value: Cell, at: At) -> time | None:
    """The time of day in a cell: `9:05`, `09:05:33`, `下午3:05`, `3:05 PM`, Excel's own or its fraction of a day.

    None for a blank cell. Raises CellProblem. Fractions of a second are dropped.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    found = read_time(value)
    if found is None:
        raise CellProblem(at, value, _("This is no time of day."))
    return found


def read_time(value: Cell) -> time | None:
    """As `parse_time`, but None for what is no time of day."""
    if isinstance(value, datetime):
        return value.time().replace(microsecond=0)
    if isinstance(value, time):
        return value.replace(microsecond=0)
    if isinstance(value, timedelta):
        return _from_seconds(value.total_seconds())
    if isinstance(value, str):
        return read_time_text(plain(value))
    if isinstance(value, bool | date) or value is None:
        return None
    return fraction_of_day(float(value))


def fraction_of_day(value: float) -> time | None:
    """Excel's time: a part of a day from 0 up to 1, to the second."""
    return _from_seconds(round(value * _DAY)) if 0 <= value < 1 else None


def _from_seconds(seconds: float) -> time | None:
    if not 0 <= seconds < _DAY:
        return None
    minutes, second = divmod(int(seconds), 60)
    return time(minutes // 60, minutes % 60, second)


@lru_cache(maxsize=4096)
def read_time_text(text: str) -> time | None:
    """The time of day in plain text (see `engine.tabular.text.plain`), None when there is none."""
    if _FRACTION.fullmatch(text):
        return fraction_of_day(float(text))
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    before, mark, minute, after = match["before"], match["mark"], match["minute"], match["after"]
    if (before and after) or not (before or after or mark) or (mark == ":" and minute is None):
        return None
    hour = _hour(int(match["hour"]), before or after)
    minutes, seconds = int(minute or 0), int(match["second"] or 0)
    if hour is None or hour > 23 or minutes > 59 or seconds > 59:  # noqa: PLR2004 - the clock
        return None
    return time(hour, minutes, seconds)


def _hour(hour: int, half: str | None) -> int | None:
    """The hour of 24 in this half of the day; None where people would disagree (`晚上12:10`, `AM 14`)."""
    if half is None:
        return hour
    if half in _MORNING:
        return hour % _NOON if hour <= _NOON else None
    if half == "晚上" and hour == _NOON:
        return None
    if half == _MIDDAY and hour == _NOON - 1:
        return hour
    return hour + _NOON if hour < _NOON else hour
