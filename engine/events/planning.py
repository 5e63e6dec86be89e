"""Reads the audit chain from where each subscription stands and notes which calls are to be made.

The chain is written with the work itself and committed in the order of its numbers, so a cursor over it misses
nothing and sees nothing that was rolled back; calls and cursor move in one transaction, so nothing is planned twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine.events.naming import is_wanted, names
from engine.notices.insertion import add_new
from models.audit import AuditEntry, AuditHead
from models.event_subscription import CallState, EventCall, EventCursor, EventSubscription

BATCH = 1000
KEPT = timedelta(days=30)
"""How long a call that was made stays to be looked at."""


def begin(session: Session, subscriptions: Sequence[EventSubscription]) -> None:
    """Let fresh subscriptions hear what happens from now on, not the whole past."""
    last = _end_of_chain(session)
    session.add_all(EventCursor(subscription_id=each.id, entry_id=last) for each in subscriptions)


def plan_calls(session: Session, now: datetime) -> int:
    """Note the calls for what has happened since; how many were noted. The caller commits."""
    _forget(session, now)
    active = select(EventSubscription).where(EventSubscription.active.is_(True)).order_by(EventSubscription.id)
    subscriptions = session.scalars(active).all()
    known = frozenset(names()) if subscriptions else frozenset()
    return sum(_plan(session, subscription, known, now) for subscription in subscriptions)


def skip_to_present(session: Session, subscription: EventSubscription) -> None:
    """Leave out what happened while a subscription was switched off."""
    last = _end_of_chain(session)
    here = update(EventCursor).where(EventCursor.subscription_id == subscription.id)
    session.execute(here.values(entry_id=last).execution_options(synchronize_session=False))


def _plan(session: Session, subscription: EventSubscription, known: frozenset[str], now: datetime) -> int:
    mine = select(EventCursor).where(EventCursor.subscription_id == subscription.id)
    cursor, last = session.scalar(mine.with_for_update(skip_locked=True)), _end_of_chain(session)
    if cursor is None or cursor.entry_id == last:
        return 0
    entries = _entries(session, subscription.department_id, cursor.entry_id, last)
    named = [(number, f"{entity}.{action}") for number, entity, action in entries]
    rows = [
        {"subscription_id": subscription.id, "entry_id": number, "event": name, "not_before": now,
         "state": CallState.PENDING, "attempts": 0}
        for number, name in named
        if name in known and is_wanted(name, subscription.events)
    ]  # fmt: skip
    add_new(session, EventCall, rows, ("subscription_id", "entry_id"))
    cursor.entry_id = entries[-1][0] if len(entries) == BATCH else last
    return len(rows)


def _end_of_chain(session: Session) -> int:
    return session.scalar(select(AuditHead.last_id)) or 0


def _entries(session: Session, department_id: int, after: int, last: int) -> list[tuple[int, str, str]]:
    query = (
        select(AuditEntry.id, AuditEntry.entity, AuditEntry.action)
        .where(AuditEntry.id > after, AuditEntry.id <= last, AuditEntry.department_id == department_id)
        .order_by(AuditEntry.id)
        .limit(BATCH)
    )
    return [(number, entity, action) for number, entity, action in session.execute(query)]


def _forget(session: Session, now: datetime) -> None:
    old = delete(EventCall).where(EventCall.state == CallState.SENT, EventCall.sent_at < now - KEPT)
    session.execute(old.execution_options(synchronize_session=False))
