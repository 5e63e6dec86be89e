import logging
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.notices.delivering import deliver_due
from engine.notices.sending import RefusedError
from engine.notices.wording import read_out
from engine.sweep import MAX_ATTEMPTS, sweep
from models.notification import DeliveryChannel, DeliveryState, Notification
from models.obligation import ReminderState
from tests.factories.accounts import account
from tests.factories.notification import Keeper, told
from tests.factories.obligation import obligation, reminder
from tests.fixtures.house import House
from tests.fixtures.rulebook import NOW

EMAIL = DeliveryChannel.EMAIL


def refusing() -> Keeper:
    def trouble(_parcel: object) -> None:
        raise RefusedError

    return Keeper(trouble)


def alarms(session: Session) -> list[tuple[int, str]]:
    query = select(Notification.recipient_id, Notification.code).where(Notification.code.endswith(".given_up"))
    return sorted(map(tuple, session.execute(query).all()))


@pytest.fixture
def administered(session: Session, house: House) -> House:
    account(session, house.lead, Role.ADMINISTRATOR)
    account(session, house.manager)
    session.commit()
    return house


def test_given_up_mail_is_told_to_the_administrators_once_a_day(session: Session, administered: House) -> None:
    for days in (0, 0, 1):
        with clock.fixed_at(NOW + timedelta(days=days)):
            row = told(session, administered.agent)
            session.commit()
            deliver_due(session, {EMAIL: refusing()}, clock.now())
            session.expire_all()
            assert row.state is DeliveryState.DEAD
    assert alarms(session) == [(administered.lead.id, "email.given_up")] * 2


def test_alarm_that_cannot_be_delivered_raises_no_further_one(session: Session, administered: House) -> None:
    told(session, administered.agent)
    session.commit()
    for days in range(3):
        with clock.fixed_at(NOW + timedelta(days=days)):
            deliver_due(session, {EMAIL: refusing()}, clock.now())
    assert len(alarms(session)) == 1


def test_manager_is_told_where_nobody_administers(session: Session, house: House) -> None:
    account(session, house.manager)
    told(session, house.agent)
    session.commit()
    deliver_due(session, {EMAIL: refusing()}, NOW)
    assert alarms(session) == [(house.manager.id, "email.given_up")]


def test_given_up_reminder_is_told(session: Session, administered: House) -> None:
    duty = obligation(session, administered.home, NOW - timedelta(hours=1), owner=administered.agent)
    poison = reminder(session, duty, NOW, offset="poison")
    session.commit()
    logging.disable()
    for attempt in range(MAX_ATTEMPTS):
        assert alarms(session) == []
        with clock.fixed_at(NOW + timedelta(hours=attempt)):
            sweep(session)
    logging.disable(logging.NOTSET)
    assert poison.state is ReminderState.DEAD
    assert alarms(session) == [(administered.lead.id, "reminder.given_up")]
    notice = session.scalars(select(Notification).where(Notification.code == "reminder.given_up")).one()
    assert "May 4, 2026" in read_out(notice, "en").text


def test_every_alarm_has_its_words(session: Session) -> None:
    from engine.registry import registry

    whats = [*(channel.value for channel in DeliveryChannel), "reminder"]
    assert {f"{what}.given_up" for what in whats} <= registry.notices.keys()
