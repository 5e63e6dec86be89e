from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from engine import clock
from models.calendar import CalendarDay, CalendarYear
from models.policy import PolicyDocument
from tests.factories.obligation import obligation
from tests.factories.pages import in_chinese, in_english, read
from tests.fixtures.crew import Browse
from tests.fixtures.house import House


def test_empty_month_says_what_comes_next(house: House, browse: Browse) -> None:
    client = in_english(browse(house.agent))
    assert "Nothing falls into this month" in read(client, "/calendar/?month=2026-07&view=agenda")


def test_month_shows_what_falls_due_on_its_day(session: Session, house: House, browse: Browse) -> None:
    # Midnight in Shanghai that ends 20 May.
    due = clock.now().replace(day=20, hour=16)
    obligation(session, house.home, due, owner=house.agent).subject_title = "月中的事"
    page = read(in_english(browse(house.agent)), "/calendar/?view=agenda")
    assert page.index("Wed, May 20") < page.index("月中的事")
    assert "May 21" not in page


def test_month_shows_documents_that_take_effect(session: Session, house: House, browse: Browse) -> None:
    session.add(
        PolicyDocument(
            department_id=house.home.id,
            code="KF",
            name={"zh": "客服制度", "en": "Service policy"},
            edition="2",
            main_change="新增",
            changed_by_id=house.manager.id,
            changed_on=date(2026, 5, 1),
            effective_on=date(2026, 5, 15),
        )
    )
    client = in_chinese(browse(house.agent))
    assert "客服制度 2" in read(client, "/calendar/")
    assert "Service policy 2 takes effect" in read(in_english(client), "/calendar/")


def test_holidays_and_make_up_days_are_marked(session: Session, house: House, browse: Browse) -> None:
    names = {"zh": "端午节", "en": "Dragon Boat Festival"}
    for day, worked in ((date(2026, 6, 19), False), (date(2026, 6, 27), True)):
        session.add(CalendarDay(department_id=house.home.id, day=day, worked=worked, name=names))
    page = read(in_english(browse(house.agent)), "/calendar/?month=2026-06")
    assert "19 Dragon Boat Festival" in page
    assert "27 make-up day" in page


def test_year_that_is_not_confirmed_is_said(session: Session, house: House, browse: Browse) -> None:
    session.add(CalendarYear(department_id=house.home.id, year=2026, confirmed=True))
    client = in_english(browse(house.agent))
    assert "not confirmed" not in read(client, "/calendar/?month=2026-06")
    assert "make-up days of 2027 are not confirmed" in read(client, "/calendar/?month=2027-02")


@pytest.mark.parametrize("month", ["", "2026-13", "0001-01", "9999-12", "now", "2026-05-05", "'"])
def test_odd_month_shows_the_present_one(house: House, browse: Browse, month: str) -> None:
    assert "May 2026" in read(in_english(browse(house.agent)), f"/calendar/?month={month}")


def test_busy_day_leads_to_the_ledger(session: Session, house: House, browse: Browse) -> None:
    for _number in range(7):
        obligation(session, house.home, clock.now() + timedelta(hours=1), owner=house.agent)
    response = in_english(browse(house.agent)).get("/calendar/")
    body = response.get_data(as_text=True)
    assert "3 more" in body
    assert "/ledger/?day=2026-05-04&amp;state=any" in body
