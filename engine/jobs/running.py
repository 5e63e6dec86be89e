"""One piece of work from claim to end. Its last effect and the row's end are one commit.

Whoever lost the lease meanwhile writes nothing: what it has not committed is undone, somebody else is at it.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.failpoints import reached
from engine.jobs.carrying import Carriage, Turn, turn_name
from engine.jobs.claiming import Claimed
from engine.jobs.tasks import HopelessError, LaterError, Task, Work
from engine.registry import registry
from models.job import Job, JobState

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
UNKNOWN_WAIT = timedelta(minutes=1)
"""During an upgrade an older worker may meet a task that only the newer program knows."""
CONTESTED = (OperationalError, StaleDataError)
"""The database was busy, or somebody else wrote first."""

log = logging.getLogger(__name__)


def work_on(session: Session, claimed: Claimed, go_on: Callable[[], bool]) -> None:
    """Do what was claimed (and committed) and write what became of it.

    Whatever the task raises stands in its row. Raises OperationalError when the database itself is away.
    """
    with acting(SYSTEM, Door.SCHEDULER, claimed.request_id):
        task = registry.tasks.get(claimed.task)
        if task is None:
            log.warning("job %s: no task is called %s here", claimed.id, claimed.task)
            _put_back(session, claimed, UNKNOWN_WAIT)
        elif claimed.attempt > task.attempts:
            _give_up(session, claimed, task, "it ended its worker again and again", go_on)
        else:
            _attempt(session, claimed, task, go_on)


def _attempt(session: Session, claimed: Claimed, task: Task, go_on: Callable[[], bool]) -> None:
    try:
        reached("job: before work")
        task.run(session, _work(session, claimed, task, go_on))
        session.flush()
        reached("job: after work")
        _end(session, claimed)
    except LaterError as later:
        session.rollback()
        _put_back(session, claimed, later.after)
    except Exception as error:  # noqa: BLE001 whatever one task raises, the others are to be done; the row says what it was
        session.rollback()
        _failed(session, claimed, task, error, go_on)
    reached("job: after commit")


def _work(session: Session, claimed: Claimed, task: Task, go_on: Callable[[], bool]) -> Work:
    def tell(done: int, total: int) -> None:
        session.connection().execute(_mine(claimed).values(done=done, total=total))

    return Work(
        job_id=claimed.id,
        key=claimed.key,
        args=claimed.args,
        account_id=claimed.account_id,
        department_id=claimed.department_id,
        attempt=claimed.attempt,
        go_on=lambda: go_on() and clock.now() - claimed.at < task.longest,
        tell=tell,
    )


def _end(session: Session, claimed: Claimed) -> None:
    """Done; or, when it was asked for again meanwhile, once more from the beginning."""
    free = {"holder": None, "leased_until": None, "attempts": 0, "error": None}
    over = _mine(claimed).where(Job.asked == claimed.asked)
    if _changed(session, over.values(**free, state=JobState.DONE, ended_at=clock.now())):
        session.commit()
    elif _changed(session, _mine(claimed).values(free)):
        _again(session, claimed)
        session.commit()
    else:
        log.warning("job %s: the lease was lost, what was not committed is undone", claimed.id)
        session.rollback()


def _failed(session: Session, claimed: Claimed, task: Task, error: Exception, go_on: Callable[[], bool]) -> None:
    if isinstance(error, HopelessError) or claimed.attempt >= task.attempts:
        log.error("job %s (%s) is given up", claimed.id, claimed.task, exc_info=error)
        _give_up(session, claimed, task, said(error), go_on)
        return
    level = logging.INFO if isinstance(error, CONTESTED) else logging.ERROR
    log.log(level, "job %s (%s) failed and is tried again", claimed.id, claimed.task, exc_info=error)
    _settle(session, claimed, wait_after(claimed.attempt), attempts=claimed.attempt, error=said(error))


def _give_up(session: Session, claimed: Claimed, task: Task, why: str, go_on: Callable[[], bool]) -> None:
    """The last word on the row; what the task tidies up goes with it, and cannot stop it."""
    if task.gave_up is not None:
        try:
            task.gave_up(session, _work(session, claimed, task, go_on))
            session.flush()
        except Exception:
            session.rollback()
            log.exception("job %s (%s): could not be tidied up after", claimed.id, claimed.task)
    dead = {"state": JobState.DEAD, "error": why[:200], "holder": None, "leased_until": None, "ended_at": clock.now()}
    if _changed(session, _mine(claimed).values(dead)):
        session.commit()
    else:
        session.rollback()


def _put_back(session: Session, claimed: Claimed, after: timedelta) -> None:
    """No failure: the attempt is not counted."""
    _settle(session, claimed, after, attempts=claimed.attempt - 1)


def _settle(session: Session, claimed: Claimed, after: timedelta, *, attempts: int, **values: Any) -> None:  # noqa: ANN401 columns
    """Free the row for a later turn, unless it was asked for again, which is sooner."""
    at = clock.now() + after
    free = {"holder": None, "leased_until": None, **values}
    later = _mine(claimed).where(Job.asked == claimed.asked)
    if _changed(session, later.values(**free, run_at=at, attempts=attempts)):
        Carriage.carry(session, Turn(claimed.id, claimed.lane, at, turn_name(claimed.id, claimed.asked, attempts)))
    elif _changed(session, _mine(claimed).values(free)):
        _again(session, claimed)
    session.commit()


def _again(session: Session, claimed: Claimed) -> None:
    """Whom the queue sent meanwhile found the row in our hands and went away: the queue is told once more."""
    Carriage.carry(session, Turn(claimed.id, claimed.lane, clock.now(), f"{claimed.id}:{claimed.holder}"))


def _mine(claimed: Claimed) -> Any:  # noqa: ANN401 SQLAlchemy's update
    return update(Job).where(Job.id == claimed.id, Job.holder == claimed.holder, Job.state == JobState.WAITING)


def _changed(session: Session, statement: Any) -> bool:  # noqa: ANN401 SQLAlchemy's update
    return int(session.connection().execute(statement).rowcount) == 1


def wait_after(attempt: int) -> timedelta:
    """How long to wait after so many failures: doubled four times over each time, up to an hour."""
    wait: timedelta = min(FIRST_WAIT * 4 ** (attempt - 1), LONGEST_WAIT)
    return wait


def said(error: Exception) -> str:
    """What the row keeps. Only our own errors are known to hold nobody's data."""
    own = type(error).__module__.split(".")[0] in {"engine", "plugins", "admin_views", "server"}
    return (f"{type(error).__name__}: {error}" if own else type(error).__name__)[:200]
