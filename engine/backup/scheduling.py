"""Backups by the clock: one a day, smaller steps between them where something was done, a drill every month.

Whoever ticks asks; of several processes one makes the backup, because a slot is a row with a name of its own.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from alembic.config import Config
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role, seeing_all
from engine.backup import keeping, keys, runs
from engine.backup.drilling import drill
from engine.backup.errors import BackupError
from engine.backup.taking import Place, take
from engine.crypto import UnreadableError
from engine.database import only_reading
from engine.notices.inbox import notify
from models.accounts import Account, AccountState
from models.backup import BackupRun, RunKind, RunState
from models.organisation import Department

TRIES = 3
AGAIN_AFTER = timedelta(minutes=15)
DEAD_AFTER = timedelta(hours=6)
"""A backup that has been under way for so long was killed."""
SHARE = 10
"""A backup may take at most this part of the time: after one of two minutes none begins for twenty."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What the settings say: where to, under which key, when, and how much is kept."""

    folder: Path
    key_file: Path
    at: str
    minutes: int
    days: int
    weeks: int
    drill_days: int


@dataclass(frozen=True)
class Slot:
    """A backup that is due: its name, unlike any other's, and the label of its file."""

    name: str
    label: str


def tick(session: Session, plan: Plan, place: Place, config: Callable[[], Config]) -> None:
    """Make the backup that is due, if one is, and then the drill. Commits; what fails is recorded and told."""
    with only_reading():
        slot = due(session, plan)
        session.rollback()
    run = claim(session, slot) if slot else None
    if slot is None or run is None:
        return
    try:
        sealed_by = keys.ensure(plan.key_file)
        taken = runs.recorded(session, run, lambda: take(place, plan.folder, sealed_by, slot.label))
        keeping.tidy(plan.folder, plan.days, plan.weeks)
        if is_drill_due(session, plan):
            trial = runs.begun(RunKind.DRILL, file=taken.path)
            drilled = runs.recorded(session, trial, lambda: drill(taken.path, place, config(), sealed_by))
            if not drilled.went_well:
                _tell(session, "backup.drill_failed", slot.name)
    except (BackupError, UnreadableError, OSError):
        log.exception("the backup %s or its drill failed", slot.name)
        _tell(session, "backup.failed", slot.name)


def due(session: Session, plan: Plan) -> Slot | None:
    """The backup whose time has come and that nobody made; None before there is a department."""
    zone = session.scalar(select(Department.timezone).order_by(Department.id).limit(1))
    if zone is None:
        return None
    daily = Slot(f"daily {_last(clock.now(), zone, plan.at):%Y-%m-%d}", "daily")
    if _is_open(session, daily.name):
        return daily
    return _step(session, plan) if plan.minutes else None


def _last(now: datetime, zone: str, at: str) -> datetime:
    """The last local moment of that time of day."""
    here = now.astimezone(ZoneInfo(zone))
    moment = datetime.combine(here.date(), time.fromisoformat(at), here.tzinfo)
    return moment if moment <= here else moment - timedelta(days=1)


def _step(session: Session, plan: Plan) -> Slot | None:
    now = clock.now()
    last = runs.last_good(session, RunKind.BACKUP)
    if last is None or last.ended_at is None:
        return None
    is_soon = now < last.ended_at + SHARE * (last.ended_at - last.began_at)
    if is_soon or last.mark == runs.written_so_far(session):
        return None
    step = timedelta(minutes=plan.minutes)
    moment = datetime.min.replace(tzinfo=UTC) + step * ((now - datetime.min.replace(tzinfo=UTC)) // step)
    slot = Slot(f"recent {moment:%Y-%m-%dT%H:%M}", "recent")
    return slot if last.began_at < moment and _is_open(session, slot.name) else None


def _is_open(session: Session, name: str) -> bool:
    run = session.scalar(select(BackupRun).where(BackupRun.slot == name))
    return run is None or _may_be_tried_again(run)


def _may_be_tried_again(run: BackupRun) -> bool:
    now = clock.now()
    if run.state is RunState.RUNNING:
        return run.began_at < now - DEAD_AFTER
    is_rested = run.ended_at is not None and run.ended_at < now - AGAIN_AFTER
    return run.state is RunState.FAILED and run.attempts < TRIES and is_rested


def claim(session: Session, slot: Slot) -> BackupRun | None:
    """The row with which this process makes the backup; None when another one was quicker. Commits."""
    mark = runs.written_so_far(session)
    run = session.scalar(select(BackupRun).where(BackupRun.slot == slot.name))
    try:
        if run is None:
            run = runs.begun(RunKind.BACKUP, slot=slot.name, mark=mark)
            session.add(run)
        elif not (_may_be_tried_again(run) and _take_over(session, run, mark)):
            session.rollback()
            return None
        session.commit()
    except IntegrityError:
        session.rollback()
        return None
    session.refresh(run)
    return run


def _take_over(session: Session, run: BackupRun, mark: int) -> bool:
    as_read = (BackupRun.id == run.id, BackupRun.state == run.state, BackupRun.attempts == run.attempts)
    again = {"state": RunState.RUNNING, "attempts": run.attempts + 1, "began_at": clock.now(), "mark": mark}
    query = update(BackupRun).where(*as_read).values(again).returning(BackupRun.id)
    return session.scalar(query.execution_options(synchronize_session=False)) is not None


def is_drill_due(session: Session, plan: Plan) -> bool:
    """Whether the last good drill is so long ago, or there was none."""
    last = runs.last_good(session, RunKind.DRILL)
    every = timedelta(days=plan.drill_days)
    return bool(plan.drill_days) and (last is None or clock.now() - last.began_at >= every)


def _tell(session: Session, code: str, name: str) -> None:
    """Let every administrator know, once for each slot."""
    session.rollback()
    with seeing_all():
        accounts = session.scalars(select(Account).where(Account.state == AccountState.ACTIVE)).all()
    for account in accounts:
        if Role.ADMINISTRATOR in account.roles:
            notify(session, account.department_id, [account.staff_id], code, f"{code} {name}", {"slot": name})
    session.commit()
