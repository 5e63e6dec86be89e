from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendar_seed import official_year, seed_calendar
from engine.packs.adoption import adopt
from engine.workdays import Calendar, calendar_of, unconfirmed_years
from models.calendar import CalendarDay, CalendarYear
from tests.factories.organisation import department

SPRING = Calendar({date(2026, 2, 14): True, date(2026, 2, 16): False, date(2026, 2, 17): False})
"""Saturday the 14th is worked, Monday the 16th and Tuesday the 17th are off."""


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), True),
        (date(2026, 2, 15), False),
        (date(2026, 2, 16), False),
        (date(2026, 2, 18), True),
    ],
)
def test_workday_by_calendar(day: date, expected: bool) -> None:
    assert SPRING.is_workday(day) is expected


@pytest.mark.parametrize(
    ("start", "workdays", "expected"),
    [
        (date(2026, 2, 13), 0, date(2026, 2, 13)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 18)),
        (date(2026, 2, 18), -2, date(2026, 2, 13)),
        (date(2026, 2, 15), -1, date(2026, 2, 14)),
    ],
)
def test_workdays_added(start: date, workdays: int, expected: date) -> None:
    assert SPRING.add(start, workdays) == expected


def test_workdays_between_count_the_first_day_and_not_the_last() -> None:
    assert SPRING.between(date(2026, 2, 13), date(2026, 2, 18)) == 2
    assert SPRING.between(date(2026, 2, 13), date(2026, 2, 13)) == 0


def test_years_whose_arrangement_is_unknown() -> None:
    calendar = Calendar(confirmed_years=frozenset({2025, 2026}))
    assert unconfirmed_years(calendar, date(2025, 12, 1), date(2026, 1, 31)) == ()
    assert unconfirmed_years(calendar, date(2026, 12, 1), date(2027, 1, 31)) == (2027,)
    assert unconfirmed_years(Calendar(), date(2026, 12, 1), date(2027, 1, 31)) == (2026, 2027)


def test_official_year_as_published() -> None:
    known = official_year(2026)
    assert known.confirmed
    assert [each.day for each in known.days if each.worked] == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]
    newyear = known.days[0]
    assert (newyear.day, newyear.worked, newyear.name) == (
        date(2026, 1, 1),
        False,
        {"zh": "元旦", "en": "New Year's Day"},
    )


def test_official_year_holds_days_worked_for_the_next_years_holidays() -> None:
    assert [each.day for each in official_year(2011).days if each.worked][-1] == date(2011, 12, 31)


def test_year_without_published_make_up_days_is_not_confirmed() -> None:
    unknown = official_year(2031)
    assert not unknown.confirmed
    assert date(2031, 10, 1) in [each.day for each in unknown.days]


def test_calendar_seeded_keeps_what_people_changed(session: Session) -> None:
    home = department(session)
    seed_calendar(session, home, [2026])
    edited = session.scalars(select(CalendarDay).where(CalendarDay.day == date(2026, 5, 9))).one()
    edited.worked = False
    session.flush()
    assert seed_calendar(session, home, [2026]) == 0
    calendar = calendar_of(session, home.id)
    assert not calendar.is_workday(date(2026, 5, 9))
    assert calendar.is_workday(date(2026, 10, 10))
    assert calendar.confirmed_years == {2026}


def test_year_is_confirmed_once_it_is_known(session: Session) -> None:
    home = department(session)
    session.add(CalendarYear(department_id=home.id, year=2026, confirmed=False))
    session.flush()
    seed_calendar(session, home, [2026])
    assert session.scalars(select(CalendarYear.confirmed)).all() == [True]


def test_confirmation_by_hand_outlives_a_library_that_does_not_know(session: Session) -> None:
    home = department(session)
    session.add(CalendarYear(department_id=home.id, year=2031, confirmed=True, source="国务院通知"))
    session.flush()
    seed_calendar(session, home, [2031])
    assert session.scalars(select(CalendarYear.source)).all() == ["国务院通知"]


def test_adopting_department_has_the_calendar_of_its_records(session: Session) -> None:
    home = department(session)
    adopt(session, home, "C", rank=1, valid_from=date(2024, 1, 1))
    years = session.scalars(select(CalendarYear.year).order_by(CalendarYear.year)).all()
    assert years == [2021, 2022, 2023, 2024, 2025, 2026, 2027]
    calendar = calendar_of(session, home.id)
    assert unconfirmed_years(calendar, date(2021, 1, 1), date(2026, 12, 31)) == ()
