"""F1, F3: schedulers are killed at random and at marked places: nothing is lost, nothing is done twice."""

import itertools
import random
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from engine.acting import SYSTEM, Door, acting
from tests.drills import invariants
from tests.drills.figures import figures
from tests.drills.nursery import Nursery
from tests.drills.occurrences import Crowd, Expected, crowd, fall_due
from tests.drills.sinks import WebSink, arrived
from tests.fixtures.mail import Mailbox

pytestmark = pytest.mark.slow

PLACES = (
    "before claim",
    "after claim",
    "after effect",
    "before commit",
    "after commit",
    "before send",
    "after DATA",
    "before marking",
    "after marking",
)


@pytest.fixture
def now(app: Flask) -> Iterator[Session]:
    """A session at the real time: the schedulers live in it."""
    from engine.database import db

    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        yield db.session()


@pytest.fixture
def people(now: Session, schedulers: Nursery, mailbox: Mailbox, web: WebSink) -> Crowd:
    schedulers.usual = {"smtp": mailbox.port, "http": web.url}
    return crowd(now)


def harass(session: Session, schedulers: Nursery, kills: int, patience: float) -> float:
    """Three schedulers at a time, killed at random or by their failpoints, until everything is done."""
    chance, places = random.Random(7), itertools.cycle(PLACES)
    while len(schedulers.alive) < 3:
        schedulers.start(next(places), odds=4)

    def meanwhile() -> None:
        time.sleep(chance.uniform(0.02, 0.12))
        is_calm = schedulers.kills >= kills
        at_random = [] if is_calm or chance.random() > 0.2 else [chance.choice(sorted(schedulers.alive))]
        for victim in {*schedulers.dead(), *at_random}:
            schedulers.kill(victim)
            schedulers.start("" if is_calm else next(places), odds=4)

    return invariants.await_quiet(session, patience, meanwhile)


def judge(session: Session, expected: Expected, schedulers: Nursery, mailbox: Mailbox, web: WebSink) -> tuple[int, int]:
    """Every invariant; how many mails and how many calls came twice."""
    deaths = schedulers.excuses
    invariants.nothing_lost_nothing_doubled(session, expected)
    mails = invariants.all_arrived(session, arrived(mailbox), expected.mails, deaths)
    calls = invariants.all_arrived(session, web.taken, expected.calls, deaths)
    assert mails + calls <= deaths
    invariants.no_lease_left(session, timedelta(seconds=4))
    invariants.heartbeat_tells(session, silent=False)
    invariants.sound(session)
    return mails, calls


def test_kills_lose_nothing_and_double_nothing(
    now: Session, people: Crowd, schedulers: Nursery, mailbox: Mailbox, web: WebSink
) -> None:
    expected = fall_due(now, people, 250, mails=40)
    harass(now, schedulers, kills=12, patience=60)
    assert schedulers.kills >= 10
    judge(now, expected, schedulers, mailbox, web)


@pytest.mark.drill
def test_two_hundred_kills_over_sixty_thousand_occurrences(
    now: Session, people: Crowd, schedulers: Nursery, mailbox: Mailbox, web: WebSink, database_kind: str
) -> None:
    lots, seconds = [], 0.0
    for _lot in range(12):
        lots.append(fall_due(now, people, 5_000, mails=100))
        seconds += harass(now, schedulers, kills=20 * len(lots), patience=600)
    expected = Expected(
        *(frozenset().union(*parts) for parts in zip(*(lot.__dict__.values() for lot in lots), strict=True))
    )
    mails, calls = judge(now, expected, schedulers, mailbox, web)
    assert len(expected.notices) >= 60_000
    assert schedulers.kills >= 200
    figures(
        f"{database_kind}: {schedulers.kills} kills ({schedulers.kills_inside_the_send} inside the send) over "
        f"{len(expected.notices)} occurrences in {seconds:.0f} s: 0 lost, 0 doubled; {len(expected.mails)} mails, "
        f"{mails} came twice; {len(expected.calls)} calls, {calls} came twice; all with the same identity"
    )


def test_three_schedulers_at_peace_send_each_message_once(
    now: Session, people: Crowd, schedulers: Nursery, mailbox: Mailbox, web: WebSink
) -> None:
    expected = fall_due(now, people, 150, mails=30)
    for _number in range(3):
        schedulers.start(lease=60)
    invariants.await_quiet(now, 60)
    assert schedulers.dead() == []
    assert judge(now, expected, schedulers, mailbox, web) == (0, 0)
