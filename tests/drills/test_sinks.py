"""F11: mail servers and group chats that are down, refuse, hang, trickle, drop or never end.

What must hold: nobody else waits for them longer than their time is worth, everything arrives once they are well again,
and what never can is given up in the open.
"""

import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.notices import delivering, groups
from engine.notices import mail as mailing
from engine.notices.delivering import deliver_due
from engine.notices.groups import GroupSender
from engine.notices.mail import MailSender, MailSettings
from engine.notices.moments import LONGEST_WAIT, MAX_ATTEMPTS
from engine.notices.sending import Sender
from models.notification import Delivery, DeliveryChannel, DeliveryReason, DeliveryState, Notification
from tests.drills import invariants
from tests.drills.figures import figures
from tests.drills.sinks import MOODS, MailSink, WebSink
from tests.factories.accounts import account
from tests.factories.notification import told, webhook
from tests.fixtures.house import House
from tests.fixtures.rulebook import NOW

EMAIL, GROUP = DeliveryChannel.EMAIL, DeliveryChannel.GROUP
PASSING = ("hangs at once", "hangs after DATA", "trickles", "drops after DATA", "451", "451 to RCPT")
FOR_GOOD = ("550", "550 to RCPT")
WEB_PASSING = ("500", "429", "hangs", "endless", "trickles", "slow head", "drops")
WEB_FOR_GOOD = ("404", "redirects", "other code")
SLOW = 2.0
"""Seconds within which any of them has to be left, at the patience of this drill."""


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything a twentieth as long as in real use."""
    monkeypatch.setattr(mailing, "PATIENCE", 0.4)
    monkeypatch.setattr(groups, "PATIENCE", 0.4)
    monkeypatch.setattr(delivering, "LONGEST_SEND", 0.8)


@pytest.fixture
def by(mail: MailSink, web: WebSink) -> dict[DeliveryChannel, Sender]:
    settings = MailSettings("127.0.0.1", mail.port, "duty@example.org", "https://duty.example.org", "none")
    return {EMAIL: MailSender(settings), GROUP: GroupSender(web.url)}


def deliver(session: Session, by: dict[DeliveryChannel, Sender], at: datetime, channel: DeliveryChannel) -> float:
    """One channel at one moment; how many seconds it took."""
    began = time.monotonic()
    with clock.fixed_at(at):
        while deliver_due(session, {channel: by[channel]}, at):
            pass
    session.expire_all()
    return time.monotonic() - began


def waiting(session: Session, people: House, count: int = 3) -> None:
    """Notices that leave by mail and, for the group, in a call each."""
    webhook(session, people.home)
    for _number in range(count):
        told(session, people.agent)
    session.commit()


def fates(session: Session, channel: DeliveryChannel) -> set[tuple[DeliveryState, DeliveryReason | None]]:
    rows = session.scalars(select(Delivery).where(Delivery.channel == channel))
    return {(row.state, row.reason) for row in rows}


def recover(session: Session, by: dict[DeliveryChannel, Sender], channel: DeliveryChannel) -> None:
    for attempt in range(1, 4):
        deliver(session, by, NOW + attempt * timedelta(minutes=10), channel)
    assert fates(session, channel) == {(DeliveryState.SENT, None)}
    invariants.no_lease_left(session, delivering.LEASE)
    invariants.sound(session)


@pytest.mark.parametrize("mood", PASSING)
def test_mail_server_that_fails_for_a_while_loses_nothing(
    session: Session, house: House, by: dict[DeliveryChannel, Sender], mail: MailSink, mood: str
) -> None:
    waiting(session, house)
    mail.mood = mood
    assert deliver(session, by, NOW, EMAIL) < 3 * SLOW
    assert {state for state, _reason in fates(session, EMAIL)} == {DeliveryState.PENDING}
    mail.mood = "takes"
    recover(session, by, EMAIL)
    again = len(mail.messages) - len(set(mail.messages))
    assert (len(set(mail.messages)), again <= 1) == (3, True)
    assert again == 0 or mood == "drops after DATA"


@pytest.mark.parametrize("mood", FOR_GOOD)
def test_mail_refused_for_good_is_given_up_and_told(
    session: Session, house: House, by: dict[DeliveryChannel, Sender], mail: MailSink, mood: str
) -> None:
    account(session, house.manager, Role.ADMINISTRATOR)
    waiting(session, house)
    mail.mood = mood
    deliver(session, by, NOW, EMAIL)
    refused = session.scalars(select(Delivery).where(Delivery.channel == EMAIL, Delivery.target_id == house.agent.id))
    assert {(row.state, row.reason) for row in refused} == {(DeliveryState.DEAD, DeliveryReason.REFUSED)}
    alarms = select(Notification.recipient_id).where(Notification.code == "email.given_up")
    assert session.scalars(alarms).all() == [house.manager.id]


@pytest.mark.parametrize("mood", WEB_PASSING)
def test_group_chat_that_fails_for_a_while_loses_nothing(
    session: Session, house: House, by: dict[DeliveryChannel, Sender], web: WebSink, mood: str
) -> None:
    waiting(session, house)
    web.mood = mood
    assert deliver(session, by, NOW, GROUP) < 3 * SLOW
    assert {state for state, _reason in fates(session, GROUP)} == {DeliveryState.PENDING}
    web.mood = "takes"
    recover(session, by, GROUP)
    assert (len(web.taken), web.taken.total()) == (3, 3)


@pytest.mark.parametrize("mood", WEB_FOR_GOOD)
def test_group_chat_that_refuses_for_good_is_given_up(
    session: Session, house: House, by: dict[DeliveryChannel, Sender], web: WebSink, mood: str
) -> None:
    waiting(session, house)
    web.mood = mood
    deliver(session, by, NOW, GROUP)
    assert fates(session, GROUP) == {(DeliveryState.DEAD, DeliveryReason.REFUSED)}
    assert web.heard.total() == 3


def test_every_mood_of_the_sink_is_tried() -> None:
    assert {*WEB_PASSING, *WEB_FOR_GOOD, "takes"} == MOODS.keys()


def test_server_that_is_gone_for_days_is_given_up_after_its_attempts(
    session: Session, house: House, by: dict[DeliveryChannel, Sender], mail: MailSink
) -> None:
    row = told(session, house.agent)
    session.commit()
    mail.mood = "451 to RCPT"
    for _attempt in range(MAX_ATTEMPTS):
        assert row.state is DeliveryState.PENDING
        row.urgent = True  # nights do not count here
        session.commit()
        deliver(session, by, row.not_before, EMAIL)
    assert (row.state, row.reason, row.attempts) == (DeliveryState.DEAD, DeliveryReason.GIVEN_UP, MAX_ATTEMPTS)
    assert row.not_before - NOW > LONGEST_WAIT, "it was tried for most of a day"


def test_sick_group_does_not_delay_a_well_one(
    session: Session, house: House, by: dict[DeliveryChannel, Sender], web: WebSink, mail: MailSink
) -> None:
    """Mail goes on while the group chats trickle: each channel has a lane and a round of its own."""
    waiting(session, house, count=5)
    web.mood, mail.mood = "trickles", "takes"
    slow = deliver(session, by, NOW, GROUP)
    assert slow < 3 * SLOW, "one call is waited for, the others of its lane are put off"
    assert deliver(session, by, NOW, EMAIL) < SLOW
    assert fates(session, EMAIL) == {(DeliveryState.SENT, None)}


@pytest.mark.drill
def test_every_mood_in_turn_then_recovery(
    session: Session, house: House, by: dict[DeliveryChannel, Sender], mail: MailSink, web: WebSink
) -> None:
    waiting(session, house, count=200)
    at = NOW
    for _round in range(4):
        for mood in PASSING:
            mail.mood, at = mood, at + timedelta(minutes=7)
            deliver(session, by, at, EMAIL)
        for mood in WEB_PASSING:
            web.mood, at = mood, at + timedelta(minutes=7)
            deliver(session, by, at, GROUP)
    mail.mood = web.mood = "takes"
    for _hour in range(30):
        at += timedelta(hours=1)
        deliver(session, by, at, EMAIL)
        deliver(session, by, at, GROUP)
    sent = session.scalars(select(Delivery).where(Delivery.state == DeliveryState.SENT)).all()
    assert len(sent) == 400
    invariants.sound(session)
    twice = len(mail.messages) - len(set(mail.messages))
    figures(
        f"sinks: 400 messages through {4 * len(PASSING)} bad mail rounds and {4 * len(WEB_PASSING)} bad calls: "
        f"0 lost, {twice} mails came again with the same Message-ID, {web.taken.total() - len(web.taken)} calls twice"
    )
