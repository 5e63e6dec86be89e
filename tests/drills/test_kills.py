"""Schedulers are killed at random and at marked places: nothing is lost, nothing is done twice."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.database import only_reading
from models.notification import Delivery, DeliveryState, Notification
from models.obligation import Heartbeat, Obligation, ObligationState, Reminder, ReminderState
from tests.drills.nursery import Nursery, nursery
from tests.factories import organisation as make
from tests.fixtures.mail import Mailbox

pytestmark = pytest.mark.slow

DUE = 500
MAILS = 40
PLACES = ("before claim", "after claim", "after effect", "before commit", "after commit", "after DATA")
KILLS = 12
PATIENCE = 60


@pytest.fixture
def due(app: Flask) -> Iterator[Session]:
    """Many duties that have just become due, one reminder each; the first few owners are told by mail."""
    from engine.database import db

    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        home = make.department(session)
        people = [make.staff(session, home, make.Post.MANAGER)]
        people += [make.staff(session, home, make.Post.TRAINER, superior=people[0]) for _number in range(49)]
        for person in people:
            session.add(make_preference(person))
        people[0].email = "owner@example.org"
        session.commit()
        _fill(session, home.id, [person.id for person in people])
        yield session


def make_preference(person: make.Staff) -> object:
    from models.notification import NoticePreference

    return NoticePreference(department_id=person.department_id, staff_id=person.id, quiet_from=None, quiet_until=None)


def _fill(session: Session, home: int, owners: list[int]) -> None:
    moment = clock.now() - timedelta(minutes=1)
    session.execute(
        insert(Obligation),
        [
            {
                "department_id": home,
                "kind": "sample",
                "clause": "QA-1",
                "occurrence": f"o{number}",
                "opened_at": moment,
                "due_at": moment,
                "looked_at_next": moment,
                "state": ObligationState.OPEN,
                "owner_id": owners[0] if number < MAILS else owners[1 + number % 49],
            }
            for number in range(DUE)
        ],
    )
    session.execute(
        insert(Reminder),
        [
            {
                "obligation_id": number,
                "step": 0,
                "round": 0,
                "offset": "0",
                "recipients": ["owner"],
                "planned_at": moment,
                "fire_at": moment,
                "state": ReminderState.PENDING,
            }
            for number in session.scalars(select(Obligation.id))
        ],
    )
    session.commit()


def is_done(session: Session) -> bool:
    """Whether everything due has its end. Looking takes no lock from those who work."""
    session.rollback()
    with only_reading():
        waiting = session.scalar(select(func.count()).where(Reminder.state == ReminderState.PENDING)) or 0
        waiting += session.scalar(select(func.count()).where(Obligation.state == ObligationState.OPEN)) or 0
        waiting += session.scalar(select(func.count()).where(Delivery.state == DeliveryState.PENDING)) or 0
        session.rollback()
    return not waiting


def harass(session: Session, schedulers: Nursery, chance: random.Random) -> None:
    """Three schedulers at a time, killed at random or by their failpoints, until everything is done."""
    places = iter(PLACES * 50)
    for _number in range(3):
        schedulers.start(next(places), odds=4)
    until = time.monotonic() + PATIENCE
    while not is_done(session):
        assert time.monotonic() < until, "not everything was done in time"
        time.sleep(chance.uniform(0.02, 0.15))
        is_calm = schedulers.kills >= KILLS
        at_random = [] if is_calm or chance.random() > 0.2 else [chance.choice(sorted(schedulers.alive))]
        for victim in {*schedulers.dead(), *at_random}:
            schedulers.kill(victim)
            schedulers.start("" if is_calm else next(places), odds=4)


@pytest.fixture
def order(app: Flask, database_url: str, mailbox: Mailbox) -> dict[str, str]:
    instance = str(app.config["DUTYBOOK"].instance_dir)
    return {"instance": instance, "database": database_url, "smtp": str(mailbox.port), "lease": "1.5"}


def test_kills_lose_nothing_and_double_nothing(due: Session, order: dict[str, str], mailbox: Mailbox) -> None:
    with nursery(order) as schedulers:
        harass(due, schedulers, random.Random(7))
        kills = schedulers.kills
    assert kills >= 10
    notices = due.scalars(select(Notification.key)).all()
    assert len(notices) == len(set(notices)) == DUE
    assert due.scalar(select(func.count()).where(Reminder.state == ReminderState.SENT)) == DUE
    assert due.scalar(select(func.count()).where(Obligation.state == ObligationState.OVERDUE)) == DUE
    assert due.scalar(select(func.max(Reminder.attempts))) == 0
    keys = due.scalars(select(Delivery.key)).all()
    assert len(keys) == len(set(keys)) == DUE
    arrived = Counter(str(message["Message-ID"]) for message in mailbox.messages)
    assert len(arrived) == MAILS
    assert due.scalar(select(func.count()).where(Delivery.state == DeliveryState.SENT)) == MAILS
    assert sum(arrived.values()) - MAILS <= kills
    assert due.scalars(select(Heartbeat.name)).all() != []


def test_three_schedulers_at_peace_send_each_mail_once(due: Session, order: dict[str, str], mailbox: Mailbox) -> None:
    # A lease of 1.5 seconds is for processes that die. A busy machine holds up a living one longer than that between
    # sending and marking, and its mail is then rightly sent again by another. (It is not SMTP's time limit: a mail that
    # ran into that waits for about a minute.)
    with nursery(order | {"lease": "20"}) as schedulers:
        for _number in range(3):
            schedulers.start()
        until = time.monotonic() + PATIENCE
        while not is_done(due):
            assert time.monotonic() < until, "not everything was done in time"
            time.sleep(0.2)
        assert schedulers.dead() == []
    arrived = [str(message["Message-ID"]) for message in mailbox.messages]
    assert len(arrived) == len(set(arrived)) == MAILS
    assert due.scalar(select(func.count(Notification.id))) == DUE
