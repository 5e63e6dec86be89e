import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.database import db
from engine.obligations.recurring import open_periods
from engine.rehearsal import Planned, Step, rehearse
from engine.sweep import sweep
from models.calendar import CalendarDay
from models.notification import Notification
from models.obligation import Obligation, ObligationState, Reminder, ReminderState
from tests.factories.duty import REPORT, only
from tests.factories.obligation import obligation, reminder
from tests.fixtures.house import House
from tests.fixtures.rulebook import NOW

DAY = timedelta(days=1)
MAY_10 = datetime(2026, 5, 10, 16, 0, tzinfo=UTC)  # the end of the 10th in Shanghai


@pytest.fixture
def reported(house: House) -> Iterator[House]:
    with only(REPORT):
        yield house


def periods(session: Session) -> dict[str, ObligationState]:
    session.expire_all()
    return dict(session.execute(select(Obligation.period, Obligation.state).order_by(Obligation.period)).all())


def test_present_and_next_period_are_opened_once(session: Session, reported: House) -> None:
    assert open_periods(session, NOW) == 2
    session.commit()
    assert open_periods(session, NOW) == 0
    assert periods(session) == {"2026-05": ObligationState.OPEN, "2026-06": ObligationState.OPEN}
    duty = session.scalars(select(Obligation).where(Obligation.period == "2026-05")).one()
    assert (duty.due_at, duty.owner_post, duty.clause) == (MAY_10, "shift_lead", "")


def test_what_fell_due_before_the_first_day_is_not_owed(session: Session, reported: House) -> None:
    with clock.fixed_at(MAY_10 + DAY):
        open_periods(session, clock.now())
        session.commit()
        assert open_periods(session, clock.now()) == 0
    assert list(periods(session)) == ["2026-06"]


def test_periods_missed_in_a_pause_are_opened_and_told_late(session: Session, reported: House) -> None:
    open_periods(session, NOW)
    session.commit()
    september = datetime(2026, 9, 1, 2, tzinfo=UTC)
    with clock.fixed_at(september):
        sweep(session)
        assert sweep(session).total == 0
    overdue, still = ObligationState.OVERDUE, ObligationState.OPEN
    assert periods(session) == {f"2026-{month:02}": overdue if month < 9 else still for month in range(5, 11)}
    told = session.scalars(select(Notification).where(Notification.recipient_id == reported.lead.id))
    late = [row.data["title"] for row in told if row.data["late"]]
    assert set(late) == {"2026-05", "2026-06", "2026-07", "2026-08"}


def test_duty_that_cannot_say_when_does_not_stop_the_others(session: Session, house: House) -> None:
    def broken(period: object, value: object, zone: str) -> datetime:
        msg = f"poison {period} {value} {zone}"
        raise ValueError(msg)

    other = replace(REPORT, name="broken_report", due=broken)
    logging.disable()
    with only(other, REPORT):
        assert open_periods(session, NOW) == 2
    logging.disable(logging.NOTSET)


def test_record_of_the_period_meets_it(session: Session, reported: House) -> None:
    open_periods(session, NOW)
    session.commit()
    home = reported.home.id
    session.add(CalendarDay(department_id=home, day=date(2026, 5, 6), worked=True, name={"zh": "报告", "en": "report"}))
    session.commit()
    assert periods(session) == {"2026-05": ObligationState.MET, "2026-06": ObligationState.OPEN}
    cancelled = session.scalars(
        select(Obligation.period).join(Reminder).where(Reminder.state == ReminderState.CANCELLED)
    )
    assert set(cancelled) == {"2026-05"}


def summary(planned: list[Planned]) -> list[tuple[datetime, str, str, tuple[int, ...]]]:
    return [(one.at, one.step.value, one.title, one.told) for one in planned]


def test_rehearsal_lists_what_the_weeks_would_bring(session: Session, reported: House) -> None:
    lead, manager = (reported.lead.id,), (reported.manager.id,)
    assert summary(rehearse(db.session.session_factory, MAY_10 + DAY)) == [
        (NOW, "open", "2026-05", ()),
        (NOW, "open", "2026-06", ()),
        (MAY_10 - DAY, "remind", "2026-05", lead),
        (MAY_10, "lapse", "2026-05", ()),
        (MAY_10, "remind", "2026-05", lead),
        (MAY_10 + DAY, "escalate", "2026-05", manager),
        (MAY_10 + DAY, "remind", "2026-05", lead),
    ]


def test_rehearsal_writes_nothing(session: Session, reported: House) -> None:
    rehearse(db.session.session_factory, NOW + 90 * DAY)
    assert periods(session) == {}


@pytest.mark.parametrize("start", ["empty", "running"])
def test_rehearsal_foretells_what_the_sweeps_then_do(session: Session, reported: House, start: str) -> None:
    """The proof that the list is honest: the clock is moved on hour by hour, and the sweeps do just that."""
    until = NOW + 40 * DAY
    if start == "running":
        sweep(session)
        own = obligation(session, reported.home, NOW + 3 * DAY, owner=reported.agent)
        reminder(session, own, NOW + 2 * DAY, to=("owner", "superior"))
        session.commit()
    foretold = rehearse(db.session.session_factory, until)
    steps = [NOW + timedelta(hours=hours) for hours in range(0, 40 * 24 + 1, 6)]
    moments = sorted({*steps, *(one.at for one in foretold)})
    seen = set(session.scalars(select(Obligation.id)))
    for moment in moments:
        with clock.fixed_at(moment):
            sweep(session)
    opened = session.scalars(select(Obligation).where(Obligation.id.not_in(seen))).all()
    done = [(duty.opened_at, Step.OPEN, duty.title) for duty in opened]
    lapsed = session.scalars(select(Obligation).where(Obligation.state == ObligationState.OVERDUE)).all()
    done += [(duty.due_at, Step.LAPSE, duty.title) for duty in lapsed]
    for notice in session.scalars(select(Notification)):
        step = Step.ESCALATE if notice.code == "obligation.escalated" else Step.REMIND
        done.append((notice.created_at, step, notice.data["title"]))
    expected = [(one.at, one.step, one.title) for one in foretold for _person in one.told or (None,)]
    assert sorted(done) == sorted(expected)
    assert len(expected) >= 8
