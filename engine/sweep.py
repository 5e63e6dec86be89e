"""The heartbeat's work: what has become due is claimed, done and committed, batch by batch. APScheduler only calls it.

Safe with any number of schedulers and a kill at any point: a reminder's claim, its effect and its "sent" are one
transaction; whoever comes second finds nothing to claim.
"""

import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.notices.inbox import notify
from engine.obligations.recurring import open_periods
from engine.obligations.steps import Recipients
from engine.registry import registry
from models.obligation import UNDONE, Heartbeat, Obligation, ObligationState, Reminder, ReminderState

BATCH = 200
POSTPONED = timedelta(hours=1)
MAX_ATTEMPTS = 5
LATE = timedelta(minutes=10)
"""A reminder this long after its planned moment says that it comes late."""

log = logging.getLogger(__name__)


@dataclass
class SweepReport:
    """What one sweep did: counts."""

    opened: int = 0
    lapsed: int = 0
    reminded: int = 0
    done: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """Everything together."""
        return self.opened + self.lapsed + self.reminded + self.done


def sweep(session: Session, name: str | None = None) -> SweepReport:
    """Do everything that is due by the clock, committing as it goes. `name` identifies the scheduler on its page."""
    report = SweepReport()
    with acting(SYSTEM, Door.SCHEDULER):
        report.opened = _committed(session, open_periods)
        report.done = _committed(session, _domains_due)
        report.lapsed = _drain(session, _due_obligations, _lapse, report)
        report.reminded = _drain(session, _due_reminders, _remind, report)
        _beat(session, name or f"{socket.gethostname()}:{os.getpid()}", report)
    return report


def _committed(session: Session, work: Callable[[Session, datetime], int]) -> int:
    done = work(session, clock.now())
    session.commit()
    return done


def _domains_due(session: Session, now: datetime) -> int:
    return sum(registry.hook.due(session=session, now=now))


Row = Obligation | Reminder
Claim = Callable[[Session, datetime], Sequence[Row]]
Work = Callable[[Session, Sequence[Row], datetime], None]


def _drain(session: Session, claim: Claim, work: Work, report: SweepReport) -> int:
    """Batch after batch until nothing is due. A batch that fails is done again row by row, so that poison stands alone."""
    done = 0
    while True:
        now = clock.now()
        try:
            rows = claim(session, now)
            work(session, rows, now)
            session.commit()
        except Exception:  # noqa: BLE001 one bad row must not stop the others; it is found and postponed below
            session.rollback()
            rows = _one_by_one(session, claim, work, report)
        done += len(rows)
        if len(rows) < BATCH:
            return done


def _one_by_one(session: Session, claim: Claim, work: Work, report: SweepReport) -> Sequence[Row]:
    now = clock.now()
    rows = claim(session, now)
    for row in rows:
        try:
            with session.begin_nested():
                work(session, [row], now)
                session.flush()
        except Exception as error:
            log.exception("a row could not be worked on and is postponed")
            report.failed += 1
            _postpone(row, now, error)
    session.commit()
    return rows


def _postpone(row: Row, now: datetime, error: Exception) -> None:
    if isinstance(row, Obligation):
        row.looked_at_next = now + POSTPONED
        return
    row.attempts += 1
    row.error = f"{type(error).__name__}"[:500]
    row.fire_at = now + POSTPONED
    if row.attempts >= MAX_ATTEMPTS:
        row.state = ReminderState.DEAD


def _due_obligations(session: Session, now: datetime) -> Sequence[Obligation]:
    query = select(Obligation).where(Obligation.state == ObligationState.OPEN, Obligation.looked_at_next <= now)
    return session.scalars(query.order_by(Obligation.looked_at_next).limit(BATCH).with_for_update(skip_locked=True)).all()


def _lapse(session: Session, rows: Sequence[Row], now: datetime) -> None:
    for row in rows:
        if isinstance(row, Obligation):
            row.state = ObligationState.OVERDUE
            registry.hook.overdue(session=session, obligation=row, now=now)


def _due_reminders(session: Session, now: datetime) -> Sequence[Reminder]:
    query = (
        select(Reminder)
        .where(Reminder.state == ReminderState.PENDING, Reminder.fire_at <= now)
        .options(selectinload(Reminder.obligation))
        .order_by(Reminder.fire_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=Reminder)
    )
    return session.scalars(query).all()


def _remind(session: Session, rows: Sequence[Row], now: datetime) -> None:
    reminders = [row for row in rows if isinstance(row, Reminder)]
    people = Recipients(session, {row.obligation.department_id for row in reminders})
    for row in reminders:
        if row.obligation.state not in UNDONE:
            row.state = ReminderState.CANCELLED
            continue
        row.state, row.sent_at = ReminderState.SENT, now
        row.obligation.step = max(row.obligation.step, row.step + 1)
        _tell(session, row, people, now)


def _tell(session: Session, row: Reminder, people: Recipients, now: datetime) -> None:
    obligation, owners = row.obligation, people.owners(row.obligation)
    told = people.find(obligation, row.recipients)
    late = now - row.planned_at > LATE
    data = {
        "duty": obligation.kind, "title": obligation.title, "due_at": obligation.due_at, "late": late,
        "planned_at": row.planned_at, "clause": obligation.clause,
        "owners": sorted(people.people[person].name for person in owners if person in people.people),
    }
    mine, others = [p for p in told if p in owners], [p for p in told if p not in owners]
    code = "obligation.overdue" if obligation.due_at <= now else "obligation.due"
    key = f"obligation:{obligation.id}:{row.round}:{row.step}"
    notify(session, obligation.department_id, mine, code, key, data, obligation_id=obligation.id)
    notify(session, obligation.department_id, others, "obligation.escalated", key, data, obligation_id=obligation.id)


def _beat(session: Session, name: str, report: SweepReport) -> None:
    beat = session.get(Heartbeat, name) or Heartbeat(name=name)
    beat.beat_at, beat.swept = clock.now(), report.total
    session.add(beat)
    session.commit()
