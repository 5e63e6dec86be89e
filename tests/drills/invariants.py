"""What must hold after every drill."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, or_, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import faults
from engine.database import only_reading
from models.notification import Delivery, DeliveryState, Notification
from models.obligation import Heartbeat, Obligation, ObligationState, Reminder, ReminderState
from tests.drills.occurrences import Expected


def is_quiet(session: Session) -> bool:
    """Whether nothing is due any more, what was put off for a while included. Looking takes no lock from who works."""
    session.rollback()
    now = clock.now()
    with only_reading():
        waiting = [
            select(Reminder.id)
            .join(Reminder.obligation)
            .where(Reminder.state == ReminderState.PENDING, Obligation.due_at <= now),
            select(Obligation.id).where(Obligation.state == ObligationState.OPEN, Obligation.due_at <= now),
            select(Delivery.id).where(Delivery.state == DeliveryState.PENDING),
        ]
        found = any(session.scalar(query.limit(1)) for query in waiting)
        session.rollback()
    return not found


def await_quiet(session: Session, patience: float, meanwhile: Callable[[], object] = lambda: time.sleep(0.2)) -> float:
    """Wait until nothing is due, and say how many seconds it took."""
    began = time.monotonic()
    while not _is_quiet(session):
        assert time.monotonic() - began < patience, f"not everything was done within {patience} seconds"
        meanwhile()
    return time.monotonic() - began


def _is_quiet(session: Session) -> bool:
    """A database that is away is not quiet."""
    try:
        return is_quiet(session)
    except OperationalError:
        session.rollback()
        return False


def nothing_lost_nothing_doubled(session: Session, expected: Expected) -> None:
    """Q1 and Q2: every occurrence has its effect, once."""
    session.rollback()
    session.expire_all()
    written = Counter(map(tuple, session.execute(select(Notification.recipient_id, Notification.key)).all()))
    missing = expected.notices - written.keys()
    assert not missing, f"{len(missing)} lost, such as {min(missing)}"
    assert written.keys() - expected.notices == frozenset(), "nobody asked for these"
    assert {key: times for key, times in written.items() if times > 1} == {}, "doubled"
    duties = len(expected.notices)
    assert session.scalar(select(func.count()).where(Reminder.state == ReminderState.SENT)) == duties
    assert session.scalar(select(func.count()).where(Obligation.state == ObligationState.OVERDUE)) == duties
    keys = session.scalars(select(Delivery.key)).all()
    assert len(keys) == len(set(keys))


def all_arrived(session: Session, came: Counter[str], wanted: frozenset[str], excuses: int) -> int:
    """Q3: each message came, none that nobody sent; again at most as often as somebody died inside the send.

    Answers how many came twice, which always means: with the same identity.
    """
    assert wanted - came.keys() == frozenset(), "lost on the way"
    assert came.keys() - wanted == frozenset(), "nobody sent these"
    doubled = came.total() - len(came)
    assert doubled <= excuses, f"{doubled} came again after {excuses} deaths inside the send"
    return doubled


def no_lease_left(session: Session, lease: timedelta) -> None:
    """Q4: nobody's lease outlives its holder."""
    forgotten = clock.now() - 2 * lease
    held = select(func.count(Delivery.id)).where(Delivery.state == DeliveryState.PENDING)
    assert session.scalar(held.where(Delivery.leased_until < forgotten)) == 0


def sound(session: Session) -> None:
    """Q5: the database is whole, every reference leads somewhere, the audit holds."""
    session.rollback()
    if session.get_bind().dialect.name == "sqlite":
        assert session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
    wrong = list(faults(session))
    assert not wrong, wrong[:5]
    session.rollback()


def heartbeat_tells(session: Session, *, silent: bool) -> None:
    """Q6: the page is red when nobody sweeps, and only then."""
    from admin_views.standing import SILENT_AFTER

    last = session.scalar(select(func.max(Heartbeat.beat_at)))
    assert (last is None or clock.now() - last > SILENT_AFTER) is silent
    assert session.scalar(select(func.count()).where(or_(Heartbeat.name.is_(None), Heartbeat.name == ""))) == 0
