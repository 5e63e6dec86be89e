from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Door, acting
from engine.obligations.periods import Every, Period
from engine.service_figures import By, Figures, figures, figures_by, figures_by_period
from models.organisation import Post
from models.service_record import ServiceRecord
from tests.factories.organisation import actor_of, staff, team
from tests.factories.quality import House, contact, house


@pytest.fixture
def at(session: Session) -> House:
    made = house(session)
    one, two = made.agents
    session.add_all([
        contact(made, "A", one, days_ago=1, resolved=True, answer_seconds=10, satisfaction=5),
        contact(made, "B", one, days_ago=2, resolved=False, answer_seconds=11, satisfaction=3),
        contact(made, "C", one, days_ago=40, resolved=True, answer_seconds=13, satisfaction=3),
        contact(made, "D", two, days_ago=1, answered=False),
    ])  # fmt: skip
    session.commit()
    return made


@pytest.mark.clause("DAT-1")
def test_figures_count_and_divide_exactly(session: Session, at: House) -> None:
    found = figures(session)
    assert found == Figures(4, 3, 2, 3, 34, 3, 11)
    assert (found.answer_rate, found.resolution_rate) == (Decimal("0.75"), Decimal("0.5"))
    assert found.mean_answer_seconds == Decimal(34) / 3
    assert found.mean_satisfaction == Decimal(11) / 3


def test_figures_of_nothing_have_no_means(session: Session, at: House) -> None:
    found = figures(session, ServiceRecord.number == "none")
    assert (found, found.mean_satisfaction, found.answer_rate) == (Figures(), None, None)


@pytest.mark.parametrize(("by", "expected"), [(By.AGENT, [3, 1]), (By.TEAM, [4]), (By.CHANNEL, [4]), (By.TOPIC, [4])])
def test_figures_by_each_side_add_up(session: Session, at: House, by: By, expected: list[int]) -> None:
    assert [each.calls for each in figures_by(session, by).values()] == expected


def test_figures_by_period_follow_the_departments_days(session: Session, at: House) -> None:
    record = session.query(ServiceRecord).filter_by(number="A").one()
    record.occurred_at = clock.now().replace(month=4, day=30, hour=15, minute=59)
    session.commit()
    april, may = Period.containing(Every.MONTH, date(2026, 4, 1)), Period.containing(Every.MONTH, date(2026, 5, 1))
    before = figures_by_period(session, [april, may], "Asia/Shanghai")
    record.occurred_at += timedelta(minutes=1)
    session.commit()
    after = figures_by_period(session, [april, may], "Asia/Shanghai")
    assert (before[april].calls - after[april].calls, after[may].calls - before[may].calls) == (1, 1)


def test_figures_are_over_what_the_reader_may_see(session: Session, at: House) -> None:
    other = team(session, at.department, "二组", at.channel)
    stranger = staff(session, at.department, Post.SHIFT_LEAD, of=other, superior=at.manager)
    session.commit()
    with acting(actor_of(stranger), Door.FORM):
        assert figures(session).calls == 0
    with acting(actor_of(at.agents[1]), Door.FORM):
        assert figures(session).calls == 1
