"""Fills a department's calendar with the official holidays and make-up working days of mainland China.

The rows are a beginning: people edit them. A year counts as confirmed only when its make-up days are published and
known to the `holidays` library; of a later year only the statutory days are known, and it is marked wherever it is
counted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import seeing_all
from models.calendar import CalendarDay, CalendarYear
from models.organisation import Department

FIRST_YEAR = 2021
"""The earliest year that a department begins with: imported records reach back that far."""
MAKE_UP = {"zh": "调休上班日", "en": "Make-up working day"}
SOURCE = f"holidays {version('holidays')}"


@dataclass(frozen=True)
class OfficialDay:
    """A day that differs from the plain week: off (`worked` false) or a weekend day that is worked."""

    day: date
    worked: bool
    name: dict[str, str]


@dataclass(frozen=True)
class OfficialYear:
    """A year's special days, in order, and whether its make-up days are known."""

    year: int
    confirmed: bool
    days: tuple[OfficialDay, ...]


@cache
def official_year(year: int) -> OfficialYear:
    """What the library knows of a year. Weekend days worked for the next year's holidays are in it."""
    chinese = holidays.country_holidays("CN", years=year, language="zh_CN")
    english = holidays.country_holidays("CN", years=year, language="en_US")
    worked = {day for day in chinese.weekend_workdays if day.year == year}
    following = holidays.country_holidays("CN", years=year + 1).weekend_workdays
    days = [OfficialDay(day, worked=False, name={"zh": chinese[day], "en": english[day]}) for day in chinese]
    days += [OfficialDay(day, True, MAKE_UP) for day in worked | {day for day in following if day.year == year}]
    return OfficialYear(year, bool(worked), tuple(sorted(days, key=lambda each: each.day)))


def seed_calendar(session: Session, department: Department, years: Iterable[int]) -> int:
    """Add what is missing of the years to the department's calendar; how many days were added.

    Days that are there stay as people left them; a year that has become known is confirmed. The caller acts and
    commits.
    """
    with seeing_all():
        there = set(session.scalars(select(CalendarDay.day).where(CalendarDay.department_id == department.id)))
        known = session.scalars(select(CalendarYear).where(CalendarYear.department_id == department.id)).all()
    standing = {row.year: row for row in known}
    added = list(_missing(session, department, [official_year(year) for year in years], standing, there))
    session.add_all(added)
    session.flush()
    return len(added)


def _missing(
    session: Session,
    department: Department,
    years: Iterable[OfficialYear],
    standing: dict[int, CalendarYear],
    there: set[date],
) -> Iterator[CalendarDay]:
    for official in years:
        year = standing.get(official.year)
        if year is None:
            confirmed = official.confirmed
            row = CalendarYear(department_id=department.id, year=official.year, confirmed=confirmed, source=SOURCE)
            session.add(row)
        elif official.confirmed and not year.confirmed:
            year.confirmed, year.source = True, SOURCE
        for each in official.days:
            if each.day not in there:
                yield CalendarDay(
                    department_id=department.id, day=each.day, worked=each.worked, name=each.name, source=SOURCE
                )
