"""What people and the clock do about rows: dead work asked for again or dropped, old rows forgotten."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.jobs.asking import ask
from models.job import Job, JobState

KEPT = {
    JobState.DONE: timedelta(days=1),
    JobState.DROPPED: timedelta(days=30),
    JobState.DEAD: timedelta(days=180),
}
"""How long rows stay after their end."""


def revive(session: Session, job: Job) -> bool:
    """Have work that was given up tried again from its first attempt, for the same account. The caller commits."""
    if not _leave(session, job, JobState.DEAD):
        return False
    kept = ("task", "lane", "key", "args", "department_id", "account_id", "request_id")
    fresh = {"state": JobState.WAITING, "asked": 1, "attempts": 0, "done": 0, "total": 0}
    moments = {"created_at": clock.now(), "run_at": clock.now()}
    ask(session, {name: getattr(job, name) for name in kept} | fresh | moments)
    return True


def drop(session: Session, job: Job) -> bool:
    """Leave work that was given up undone for good. The caller commits."""
    return _leave(session, job, JobState.DEAD)


def forget_old(session: Session, now: datetime) -> int:
    """Remove rows whose end is long past; how many. The caller commits."""
    gone = 0
    for state, kept in KEPT.items():
        old = delete(Job).where(Job.state == state, Job.ended_at < now - kept)
        gone += session.connection().execute(old).rowcount
    return gone


def lying(session: Session, now: datetime, grace: timedelta, limit: int = 100) -> list[Job]:
    """Due rows that nobody has taken up for `grace`, the oldest first: whoever was to hear of them may not have."""
    free = (Job.leased_until.is_(None)) | (Job.leased_until <= now)
    query = select(Job).where(Job.state == JobState.WAITING, Job.run_at <= now - grace, free)
    return list(session.scalars(query.order_by(Job.run_at).limit(limit)))


def _leave(session: Session, job: Job, state: JobState) -> bool:
    over = update(Job).where(Job.id == job.id, Job.state == state).values(state=JobState.DROPPED, ended_at=clock.now())
    return int(session.connection().execute(over).rowcount) == 1
