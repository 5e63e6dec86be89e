"""The record of backups, drills, restores and moves, and whether one is late."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.backup.drilling import Drilled
from engine.backup.errors import DamagedError, NotNowError, WrongKeyError
from engine.backup.restoring import Restored
from engine.backup.taking import Contents, Taken
from engine.crypto import UnreadableError
from models.audit import AuditHead
from models.backup import BackupRun, RunFailure, RunKind, RunState

BACKUP_LATE = timedelta(hours=26)
"""A day, and time enough for a large database."""
DRILL_LATE = timedelta(days=7)
"""How much longer than its interval a drill may be ago."""
FAILURES: Mapping[type[Exception], RunFailure] = {
    NotNowError: RunFailure.NOT_NOW,
    WrongKeyError: RunFailure.KEY,
    UnreadableError: RunFailure.KEY,
    DamagedError: RunFailure.DAMAGED,
}
Outcome = TypeVar("Outcome", Taken, Drilled)


def recorded(session: Session, run: BackupRun, work: Callable[[], Outcome]) -> Outcome:
    """Do the work with no transaction open, and record how it went. Commits; raises what the work raises."""
    session.add(run)
    session.commit()
    number = run.id
    session.rollback()
    try:
        outcome = work()
    except Exception as error:
        # Whatever it was: that there is no backup must stand in the record.
        _failed(session.get_one(BackupRun, number), error)
        session.commit()
        raise
    run = session.get_one(BackupRun, number)
    note_taken(run, outcome) if isinstance(outcome, Taken) else note_drilled(run, outcome)
    session.commit()
    return outcome


def begun(kind: RunKind, *, slot: str | None = None, file: Path | None = None, mark: int | None = None) -> BackupRun:
    """A row about something that begins now."""
    return BackupRun(
        kind=kind, slot=slot, began_at=clock.now(), state=RunState.RUNNING, mark=mark, file=file.name if file else None
    )


def note_taken(run: BackupRun, taken: Taken) -> None:
    """The backup is there."""
    _ended(run, RunState.DONE)
    run.file, run.size = taken.path.name[-120:], taken.size
    _counts(run, taken.contents)


def note_drilled(run: BackupRun, drilled: Drilled) -> None:
    """How the drill went; one that finds anything wrong has failed."""
    note_restored(run, drilled.restored)
    run.files = drilled.files
    if not drilled.went_well:
        run.state, run.failure = RunState.FAILED, RunFailure.DIFFERENT
        faults = [f"audit {number} {what}" for number, what in drilled.restored.audit_faults]
        run.detail = ", ".join([*faults, *(f"file {name}" for name in drilled.wrong_files)])[:300]


def note_restored(run: BackupRun, restored: Restored) -> None:
    """What was put back."""
    _ended(run, RunState.DONE)
    run.decrypted = restored.decrypted
    _counts(run, restored.contents)


def _counts(run: BackupRun, contents: Contents) -> None:
    tail = contents.tail
    run.tables, run.rows, run.files, run.missing = tail.tables, tail.rows, tail.files, tail.missing
    run.made_at = datetime.fromisoformat(contents.head.made_at)


def _failed(run: BackupRun, error: Exception) -> None:
    _ended(run, RunState.FAILED)
    run.failure = next((why for kind, why in FAILURES.items() if isinstance(error, kind)), RunFailure.OTHER)
    run.detail = type(error).__name__


def _ended(run: BackupRun, state: RunState) -> None:
    run.state, run.ended_at, run.failure, run.detail = state, clock.now(), None, ""


@dataclass(frozen=True)
class Standing:
    """Where backups stand: the last good one, the last good drill, and whether either is later than it should be."""

    backup: BackupRun | None
    drill: BackupRun | None
    backup_late: bool
    drill_late: bool
    latest: Sequence[BackupRun] = ()


def standing(session: Session, drill_days: int, most: int = 30) -> Standing:
    """As of now. `drill_days` is how often a drill is due; 0 when nobody asks for any."""
    backup, drill = last_good(session, RunKind.BACKUP), last_good(session, RunKind.DRILL)
    latest = session.scalars(select(BackupRun).order_by(BackupRun.began_at.desc(), BackupRun.id.desc()).limit(most))
    return Standing(
        backup,
        drill,
        _is_older(backup, BACKUP_LATE),
        bool(drill_days) and _is_older(drill, timedelta(days=drill_days) + DRILL_LATE),
        latest.all(),
    )


def last_good(session: Session, kind: RunKind) -> BackupRun | None:
    """The last of its kind that went well."""
    query = select(BackupRun).where(BackupRun.kind == kind, BackupRun.state == RunState.DONE)
    return session.scalar(query.order_by(BackupRun.began_at.desc()).limit(1))


def _is_older(run: BackupRun | None, than: timedelta) -> bool:
    return run is None or clock.now() - run.began_at > than


def written_so_far(session: Session) -> int:
    """The number of the last audit entry: when it has not grown, nobody has done anything."""
    last: Any = session.scalar(select(AuditHead.last_id))
    return int(last or 0)
