"""Working days by the department's calendar: one place that counts them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import seeing_all
from models.calendar import CalendarDay, CalendarYear

SATURDAY = 5
CACHE = "workdays"
"""Key in `session.info`: calendars already read in this session, by department."""


@dataclass(frozen=True)
class Calendar:
    """A department's working calendar. `special` says of a day whether it is worked; other days follow the week."""

    special: Mapping[date, bool] = field(default_factory=dict)
    confirmed_years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether `day` is worked, holidays and make-up days considered."""
        return self.special.get(day, day.weekday() < SATURDAY)

    def add(self, day: date, workdays: int) -> date:
        """The day `workdays` working days after `day` (before, when negative). `day` itself is not counted."""
        step = timedelta(days=1 if workdays >= 0 else -1)
        left = abs(workdays)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def between(self, first: date, last: date) -> int:
        """How many working days lie in [first, last): the first day counts, the last does not."""
        return sum(self.is_workday(first + timedelta(days=n)) for n in range((last - first).days))

    def is_confirmed(self, year: int) -> bool:
        """Whether the official arrangement of `year` is known."""
        return year in self.confirmed_years


def unconfirmed_years(calendar: Calendar, first: date, last: date) -> tuple[int, ...]:
    """The years from `first` to `last` whose official arrangement is not known: a page that counts in them says so."""
    return tuple(year for year in range(first.year, last.year + 1) if not calendar.is_confirmed(year))


def calendar_of(session: Session, department_id: int | None) -> Calendar:
    """The department's calendar, read once a session. Without a department: the plain week."""
    if department_id is None:
        return Calendar()
    known: dict[int, Calendar] = session.info.setdefault(CACHE, {})
    if department_id not in known:
        known[department_id] = _read(session, department_id)
    return known[department_id]


def forget_calendar(session: Session) -> None:
    """Read the calendar again at the next question: its days have changed."""
    session.info.pop(CACHE, None)


def _read(session: Session, department_id: int) -> Calendar:
    with seeing_all():
        days = session.execute(
            select(CalendarDay.day, CalendarDay.worked).where(CalendarDay.department_id == department_id)
        ).all()
        years = session.scalars(
            select(CalendarYear.year).where(
                CalendarYear.department_id == department_id, CalendarYear.confirmed.is_(True)
            )
        ).all()
    return Calendar({each.day: each.worked for each in days}, frozenset(years))
