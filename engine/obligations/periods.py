"""Months, weeks, quarters and years as recurring obligations count them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DECEMBER = 12


class Every(StrEnum):
    """How often a recurring obligation comes."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, order=True)
class Period:
    """A month (`2026-11`), an ISO week (`2026-W47`) or a year (`2026`): its first day, its last day, its name."""

    first: date
    last: date
    name: str

    @classmethod
    def containing(cls, every: Every, day: date) -> "Period":
        """The period of that length in which `day` lies."""
        if every is Every.WEEK:
            monday = day - timedelta(days=day.weekday())
            year, week, _weekday = day.isocalendar()
            return cls(monday, monday + timedelta(days=6), f"{year}-W{week:02}")
        if every is Every.MONTH:
            first = day.replace(day=1)
            return cls(first, _next_month(first) - timedelta(days=1), f"{first:%Y-%m}")
        return cls(date(day.year, 1, 1), date(day.year, DECEMBER, 31), str(day.year))

    def next(self, every: Every) -> "Period":
        """The period that follows."""
        return Period.containing(every, self.last + timedelta(days=1))

    def previous(self, every: Every) -> "Period":
        """The period before."""
        return Period.containing(every, self.first - timedelta(days=1))

    def day(self, number: int) -> date:
        """The day with that number in the period's month, or the month's last day when it is shorter (ROS-5)."""
        return min(self.first + timedelta(days=number - 1), self.last)


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def weekday(week: str, name: str) -> date:
    """The day called `name` (`friday`) in the ISO week `week` (`2026-W47`)."""
    return date.fromisoformat(f"{week}-{WEEKDAYS.index(name) + 1}")


def month(day: date) -> str:
    """The name of the month of `day`, such as `2026-11`."""
    return Period.containing(Every.MONTH, day).name


def start_of(day: date, zone: str) -> datetime:
    """The first moment of `day` in the time zone, aware."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def end_of(day: date, zone: str) -> datetime:
    """The last moment of `day` in the time zone, aware: what "by the 29th" means."""
    return start_of(day + timedelta(days=1), zone)


def months_after(day: date, months: int) -> date:
    """The same day of the month that many months later, or that month's last day when it is shorter."""
    years, month_index = divmod(day.month - 1 + months, DECEMBER)
    first = date(day.year + years, month_index + 1, 1)
    return min(first + timedelta(days=day.day - 1), _next_month(first) - timedelta(days=1))


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
