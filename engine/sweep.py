"""The heartbeat's work: what has become due is claimed, done and committed, batch by batch. APScheduler only calls it.

Safe with any number of schedulers and a kill at any point: a row's claim, its effect and its new state are one
transaction; whoever comes second finds nothing to claim.
"""

import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, literal, select, update
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.base import ExecutableOption

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.audit_keeping import head_line
from engine.database_trouble import Trouble, trouble_of
from engine.failpoints import reached
from engine.notices.alarm import alarm
from engine.obligations.recurring import open_periods
from engine.obligations.reminding import remind
from engine.patience import OutOfPatienceError, at_most
from engine.registry import registry
from engine.unreadable import unreadable
from models.obligation import Heartbeat, Obligation, ObligationState, Reminder, ReminderState
from models.types import Choice

BATCH = 500
POSTPONED = timedelta(hours=1)
BRIEFLY = timedelta(minutes=1)
MAX_ATTEMPTS = 5
PATIENCE, PATIENCE_A_ROW = 5.0, 0.05
"""Seconds for a batch, and for each of its rows: whoever writes waits for it, and a handler may never come back."""
MAX_FAILURES = 100
"""After so many poison rows of one kind the rest waits for the next sweep, so that the other kinds have their turn."""
FORGOTTEN = timedelta(days=1)
"""A scheduler that has been silent for this long was taken out of service, and its row goes."""
CONTESTED = (OperationalError, StaleDataError)
"""Somebody else was quicker, or the database was busy: no fault of the row."""

# Written into the statement, not bound: a partial index is used only where the database sees the value.
OPEN = literal(ObligationState.OPEN, Choice(ObligationState), literal_execute=True)
PENDING = literal(ReminderState.PENDING, Choice(ReminderState), literal_execute=True)

log = logging.getLogger(__name__)
GoOn = Callable[[], bool]
Row = Obligation | Reminder


@dataclass
class SweepReport:
    """What one sweep did: counts, and the names of what failed."""

    opened: int = 0
    lapsed: int = 0
    reminded: int = 0
    done: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Everything together."""
        return self.opened + self.lapsed + self.reminded + self.done

    @property
    def failed(self) -> int:
        """How many things could not be done."""
        return len(self.failures)


@dataclass(frozen=True)
class Work:
    """One kind of due row: how to find it, what to do with a batch, how to put one off that cannot be done.

    `aside` are the values that put a row out of the way which cannot even be read; `loading` is read along with rows.
    """

    model: type[Row]
    due: Callable[[datetime], Select[Any]]
    do: Callable[[Session, Sequence[Any], datetime], None]
    postpone: Callable[[Any, datetime, BaseException], None]
    aside: Callable[[datetime], Mapping[str, Any]]
    loading: tuple[ExecutableOption, ...] = ()


def sweep(session: Session, name: str | None = None, go_on: GoOn = lambda: True) -> SweepReport:
    """Do everything that is due by the clock, committing as it goes. `name` identifies the scheduler on its page.

    `go_on` is asked before each batch: a process that is told to stop ends after the batch under way. Raises
    OperationalError when the disk is full or the database is away: then nothing more can be done at present.
    """
    report = SweepReport()
    with acting(SYSTEM, Door.SCHEDULER):
        report.opened = _apart(session, "recurring duties", open_periods, report)
        for domain, due in _domains_due():
            report.done += _apart(session, domain, due, report)
        report.lapsed = _drain(session, LAPSING, report, go_on)
        report.reminded = _drain(session, REMINDING, report, go_on)
        _beat(session, name or f"{socket.gethostname()}:{os.getpid()}", report)
    return report


def _apart(session: Session, name: str, work: Callable[[Session, datetime], int], report: SweepReport) -> int:
    """A transaction of its own, so that what fails in one domain does not stop the others."""
    try:
        done = work(session, clock.now())
        session.commit()
    except (*CONTESTED, IntegrityError):
        session.rollback()
        log.info("%s: another scheduler was quicker, or the database was busy", name)
        return 0
    except Exception:
        # A domain's work may be a plugin's: whatever it raises, the reminders are to go out.
        session.rollback()
        log.exception("%s could not be done", name)
        report.failures.append(name)
        return 0
    return done


def _domains_due() -> Iterator[tuple[str, Callable[[Session, datetime], int]]]:
    for implementation in registry.hook.due.get_hookimpls():
        others = [plugin for plugin in registry.plugins.get_plugins() if plugin is not implementation.plugin]
        yield implementation.plugin_name, _alone(registry.plugins.subset_hook_caller("due", others))


def _alone(caller: Callable[..., list[int]]) -> Callable[[Session, datetime], int]:
    return lambda session, now: sum(caller(session=session, now=now))


def _drain(session: Session, work: Work, report: SweepReport, go_on: GoOn) -> int:
    """Batch after batch until nothing is due. A batch that fails is halved until poison stands alone and is put off."""
    done, failed = 0, report.failed
    while go_on() and report.failed - failed < MAX_FAILURES:
        reached("before claim")
        now = clock.now()
        rows = _read(session, work, now, report)
        done += _attempt(session, work, rows, now, report)
        if len(rows) < BATCH:
            break
    return done


def _read(session: Session, work: Work, now: datetime, report: SweepReport) -> Sequence[Row]:
    """The next batch. Rows that were tampered with so that they cannot be read are put out of the way first."""
    query = work.due(now).limit(BATCH).options(*work.loading)
    try:
        return session.scalars(query).all()
    except SQLAlchemyError:
        raise
    except Exception:
        log.exception("a row of %s cannot be read", work.model.__tablename__)
        ids = session.scalars(work.due(now).limit(BATCH).with_only_columns(work.model.id)).all()
        bad = unreadable(session, work.model, ids, work.loading)
        session.execute(update(work.model).where(work.model.id.in_(bad)).values(**work.aside(now)))
        if work.model is Reminder:
            alarm(session, _homes(session, bad), "reminder")
        session.commit()
        report.failures.append(f"{work.model.__tablename__} {bad}")
        return session.scalars(query).all()


def _homes(session: Session, reminders: Sequence[int]) -> Sequence[int]:
    query = select(Obligation.department_id).join(Reminder, Reminder.obligation_id == Obligation.id)
    return session.scalars(query.where(Reminder.id.in_(reminders)).distinct()).all()


def _attempt(session: Session, work: Work, rows: Sequence[Row], now: datetime, report: SweepReport) -> int:
    """Do a claimed batch in one transaction; how many rows were done."""
    ids = [row.id for row in rows]
    try:
        with at_most(PATIENCE + PATIENCE_A_ROW * len(ids)):
            reached("after claim")
            work.do(session, rows, now)
            session.flush()
            reached("after effect")
            reached("before commit")
            session.commit()
    except (Exception, SystemExit) as error:
        # One bad row must not stop the others: the batch is halved until it stands alone.
        _undo(session, error)
        if trouble_of(error) in {Trouble.FULL, Trouble.AWAY}:
            # No fault of any row: all of them wait for the next sweep.
            raise
        if len(ids) <= 1:
            _put_off(session, work, ids, error, report)
            return 0
        half = len(ids) // 2
        return sum(_again(session, work, part, report) for part in (ids[:half], ids[half:]))
    reached("after commit")
    return len(ids)


def _undo(session: Session, error: BaseException) -> None:
    """Roll back. Work that was interrupted anywhere, even inside the driver, leaves a connection not to be trusted."""
    if isinstance(error, OutOfPatienceError):
        with suppress(SQLAlchemyError):
            session.connection().invalidate()
    session.rollback()


def _again(session: Session, work: Work, ids: Sequence[int], report: SweepReport) -> int:
    now = clock.now()
    rows = session.scalars(work.due(now).where(work.model.id.in_(ids)).options(*work.loading)).all()
    return _attempt(session, work, rows, now, report)


def _put_off(session: Session, work: Work, ids: Sequence[int], error: BaseException, report: SweepReport) -> None:
    if not isinstance(error, CONTESTED):
        log.error("%s %s could not be worked on and is put off", work.model.__tablename__, ids, exc_info=error)
        report.failures.append(f"{work.model.__tablename__} {ids}")
    now = clock.now()
    for row in session.scalars(work.due(now).where(work.model.id.in_(ids))):
        work.postpone(row, now, error)
        if isinstance(row, Reminder) and row.state is ReminderState.DEAD:
            alarm(session, [row.obligation.department_id], "reminder")
    session.commit()


def _due_obligations(now: datetime) -> Select[Any]:
    query = select(Obligation).where(Obligation.state == OPEN, Obligation.looked_at_next <= now)
    return query.order_by(Obligation.looked_at_next).with_for_update(skip_locked=True)


def _lapse(session: Session, rows: Sequence[Obligation], now: datetime) -> None:
    late = update(Obligation).where(Obligation.id.in_([row.id for row in rows])).values(state=ObligationState.OVERDUE)
    session.execute(late.execution_options(synchronize_session=False))
    for row in rows:
        set_committed_value(row, "state", ObligationState.OVERDUE)
    if registry.hook.overdue.get_hookimpls():
        for row in rows:
            registry.hook.overdue(session=session, obligation=row, now=now)


def _look_later(row: Obligation, now: datetime, error: BaseException) -> None:
    row.looked_at_next = now + (BRIEFLY if isinstance(error, CONTESTED) else POSTPONED)


def _due_reminders(now: datetime) -> Select[Any]:
    """Claimed with the obligations that reminders write to: nobody waits for what another scheduler has in hand."""
    return (
        select(Reminder)
        .join(Reminder.obligation)
        .where(Reminder.state == PENDING, Reminder.fire_at <= now)
        .order_by(Reminder.fire_at)
        .with_for_update(skip_locked=True, of=(Reminder, Obligation))
    )


def _remind_later(row: Reminder, now: datetime, error: BaseException) -> None:
    if isinstance(error, CONTESTED):
        row.fire_at = now + BRIEFLY
        return
    row.attempts += 1
    row.error = type(error).__name__[:500]
    row.fire_at = now + POSTPONED
    if row.attempts >= MAX_ATTEMPTS:
        row.state = ReminderState.DEAD


LAPSING = Work(Obligation, _due_obligations, _lapse, _look_later, aside=lambda now: {"looked_at_next": now + POSTPONED})
REMINDING = Work(
    Reminder,
    _due_reminders,
    remind,
    _remind_later,
    aside=lambda _now: {"state": ReminderState.DEAD, "error": "unreadable"},
    loading=(selectinload(Reminder.obligation),),
)


def _beat(session: Session, name: str, report: SweepReport) -> None:
    """Leave a sign of life, with what failed: the page of the schedulers reads it."""
    now = clock.now()
    session.execute(delete(Heartbeat).where(Heartbeat.beat_at < now - FORGOTTEN, Heartbeat.name != name))
    beat = session.get(Heartbeat, name) or Heartbeat(name=name, beat_at=now - FORGOTTEN)
    is_new_hour = _hour(beat.beat_at) != _hour(now)
    beat.beat_at, beat.swept, beat.failed = now, report.total, report.failed
    beat.note = ", ".join(report.failures)[:200]
    session.add(beat)
    # Whoever keeps the log elsewhere can show later that the audit's end was cut off.
    line = head_line(session) if is_new_hour else None
    session.commit()
    if line:
        log.info(line)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
