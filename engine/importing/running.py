"""Batch after batch, each one transaction with its progress in it: a job goes on with the first row not counted.

A trial (`CHECKING`) and the import itself (`RUNNING`) go the same way; the trial writes nothing but its findings.
"""

import gc
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine.accounts.actor import actor_for
from engine.acting import SYSTEM, Actor, Door, acting, consequences, seeing_all
from engine.errors import NotAllowedError
from engine.failpoints import reached
from engine.importing import files, lease
from engine.importing.plan import Plan, make
from engine.importing.refusing import because, refusal, stored
from engine.importing.source import Source, open_source
from engine.importing.taking import Batch, Reading, read, take
from engine.tabular.problems import FileRefused
from engine.transitions.performing import perform
from models.accounts import Account, AccountState
from models.import_job import ImportJob, ImportLease, ImportState
from models.words import Words, _

BATCH = 1000
BREATH = 0.01
"""Seconds between two batches, in which others can write to a SQLite database."""
ATTEMPTS = 5
AT_WORK = {ImportState.CHECKING: True, ImportState.RUNNING: False}
"""The states in which a worker has something to do, and whether it is a trial."""
CONTESTED = (OperationalError, StaleDataError, IntegrityError)
"""Somebody else was quicker, or the database was busy: the same batch is tried again."""

log = logging.getLogger(__name__)


@dataclass
class Work:
    """A job that is open: its rows from `at` on, how they are read, who is responsible for them."""

    source: Source
    plan: Plan
    actor: Actor
    at: int = 0
    _ahead: tuple[int, int, Reading] | None = None

    def read_ahead(self) -> None:
        """Read the next batch while no transaction is open: what needs no database keeps nobody from writing."""
        if self._ahead is not None and self._ahead[0] == self.at:
            return
        try:
            self._ahead = (self.at, BATCH, read(self.plan, self.source.rows(self.at, BATCH)))
        except Exception:  # noqa: BLE001 the batch meets the same error again, and finds the row that it comes from
            self._ahead = None

    def reading(self, start: int, size: int) -> Reading:
        """The rows from `start` on, read now unless they were read ahead."""
        if self._ahead is not None and self._ahead[:2] == (start, size):
            return self._ahead[2]
        return read(self.plan, self.source.rows(start, size))


def run(session: Session, job_id: int, go_on: Callable[[], bool] = lambda: True) -> None:
    """Do a job to its end, or until `go_on` says no; nothing happens while another worker has it in hand."""
    holder = lease.holder_name()
    if not _claimed(session, job_id, holder):
        return
    try:
        work = opened(session, job_id)
        while work is not None and go_on() and _next(session, job_id, work, holder):
            time.sleep(BREATH)
    finally:
        session.rollback()
        lease.release(session, job_id, holder)
        session.commit()


def _claimed(session: Session, job_id: int, holder: str) -> bool:
    taken = lease.claim(session, job_id, holder)
    session.commit()
    return taken


def _next(session: Session, job_id: int, work: Work, holder: str) -> bool:
    """One batch, tried again when others were in the way."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _uncollected():
                work.read_ahead()
                return lease.claim(session, job_id, holder) and run_batch(session, job_id, work)
        except CONTESTED:
            session.rollback()
            log.info("import %s: others were writing, attempt %s", job_id, attempt)
            time.sleep(BREATH * attempt)
    return False


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector still for one batch.

    A batch's many objects die with it by their counts of references; seeing them arrive, the collector would walk
    through everything that the program holds, and take a third of the time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def opened(session: Session, job_id: int) -> Work | None:
    """The job ready for work. When it cannot be worked on, it is paused with the reason, and the answer is None."""
    job = session.get(ImportJob, job_id, populate_existing=True)
    if job is None or job.state not in AT_WORK:
        return None
    try:
        actor = actor_of(session, job)
        source = open_source(job)
        plan = make(session, job, source.table, actor)
        if plan.inner is not None:
            source.arrange(plan.inner.levels)
        work = Work(source, plan, actor, at=job.next_row)
    except FileRefused as refused:
        pause(session, job_id, refused.reason)
    except NotAllowedError as refused:
        pause(session, job_id, refused.sentence)
    else:
        session.rollback()
        return work
    return None


def actor_of(session: Session, job: ImportJob) -> Actor:
    """Whoever is responsible for the job, with the rights of today. Raises NotAllowedError when none are left."""
    if job.account_id is None and job.created_by_id is None:
        return SYSTEM
    with seeing_all():
        mine = Account.id == job.account_id if job.account_id is not None else Account.staff_id == job.created_by_id
        account = session.scalars(select(Account).where(mine, Account.department_id == job.department_id)).first()
    if account is None or account.state is not AccountState.ACTIVE:
        raise NotAllowedError(job.entity, "import")
    return actor_for(session, account)


def run_batch(session: Session, job_id: int, work: Work | None = None, size: int | None = None) -> bool:
    """Take the next rows in and commit them with the job's progress. True: there is more to do.

    `work` spares opening the file anew. A row on which the program itself fails is found by halving and refused alone.
    """
    work, size = work or opened(session, job_id), size or BATCH
    if work is None:
        return False
    with acting(work.actor, Door.IMPORT):
        try:
            return _batch(session, job_id, work, size)
        except CONTESTED:
            raise
        except FileRefused as refused:
            pause(session, job_id, refused.reason)
            return False
        except Exception as error:  # noqa: BLE001 whatever a plugin's rule raises, the other rows are to be taken
            # Whatever a plugin's rule raises, the other rows are to be taken; the text may hold customers' data.
            session.rollback()
            log.error("import %s: %s in a batch of %s rows", job_id, type(error).__name__, size)  # noqa: TRY400 no data  # noqa: TRY400 the text may hold customers' data
            if size == 1:
                return _set_aside(session, job_id, work)
        return run_batch(session, job_id, work, max(1, size // 8))


def _batch(session: Session, job_id: int, work: Work, size: int) -> bool:
    job = session.get(ImportJob, job_id, populate_existing=True)
    if job is None or job.state not in AT_WORK:
        return False
    dry = AT_WORK[job.state]
    reading = work.reading(job.next_row, size)
    reached("import: before rows")
    done = take(session, work.plan, job, reading, dry=dry)
    reached("import: after rows")
    work.at = job.next_row + done.rows
    goes_on = _count(session, job, done, dry=dry, ended=not reading.rows)
    if work.plan.inner is not None:
        work.plan.inner.learn(done.learned)
    return goes_on


def _count(session: Session, job: ImportJob, done: Batch, *, dry: bool, ended: bool) -> bool:
    """Progress, refusals and, behind the last row, the end; one commit with the rows themselves."""
    session.add_all(refusal(job.id, row, reasons, dry=dry) for row, reasons in done.refused)
    with consequences():
        job.next_row += done.rows
        job.rows_taken += done.taken
        job.rows_same += done.same
        job.rows_refused += len(done.refused)
        session.flush()
        over = ended or job.next_row >= job.rows_total
        if over:
            perform(session, job, "checked" if dry else "finish")
        stored_name = job.stored_name
        reached("import: before commit")
        session.commit()
    reached("import: after commit")
    if over and not dry:
        files.remove(stored_name)
    return not over


def _set_aside(session: Session, job_id: int, work: Work) -> bool:
    """Refuse the one next row, on which the program failed."""
    job = session.get_one(ImportJob, job_id, populate_existing=True)
    if job.state not in AT_WORK:
        return False
    row = work.source.rows(job.next_row, 1)[0]
    says = because(_("The program failed on this row. Tell your administrator its number."))
    return _count(session, job, Batch(refused=[(row, [says])]), dry=AT_WORK[job.state], ended=False)


def pause(session: Session, job_id: int, why: Words) -> None:
    """Stop an import that is at work, and say on its page why. Commits."""
    session.rollback()
    job = session.get_one(ImportJob, job_id, populate_existing=True)
    with acting(SYSTEM, Door.IMPORT):
        job.error = json.dumps(stored(why))
        session.flush()
        perform(session, job, "give_up" if job.state is ImportState.CHECKING else "pause")
        session.commit()


def interrupted(session: Session, now: datetime) -> list[int]:
    """Jobs that ought to be worked on and whose worker is gone, the oldest first."""
    query = (
        select(ImportJob.id)
        .join(ImportLease, ImportLease.job_id == ImportJob.id)
        .where(ImportJob.state.in_(AT_WORK), ImportLease.until <= now)
    )
    with seeing_all():
        return list(session.scalars(query.order_by(ImportJob.id)))


def clear_away(session: Session) -> int:
    """Remove files that no job will read again; how many."""
    old = files.old_files()
    if not old:
        return 0
    over = (ImportState.FINISHED, ImportState.CANCELLED)
    with seeing_all():
        needed = set(
            session.scalars(
                select(ImportJob.stored_name).where(ImportJob.stored_name.in_(old), ImportJob.state.not_in(over))
            )
        )
    return files.keep_only(needed, old)
