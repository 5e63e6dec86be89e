"""An import as a piece of long work: whichever process takes it up goes on behind the last committed batch."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.importing.running import AT_WORK, pause, run
from engine.jobs.asking import enqueue, ensure
from engine.jobs.tasks import LaterError, Work, task
from models.import_job import ImportJob
from models.words import _

A_WHILE = timedelta(seconds=5)
"""Another worker still has the import in hand, or the database was busy for long."""


def _tidy_up(session: Session, work: Work) -> None:
    number = int(work.args["job"])
    if _is_at_work(session, number):
        pause(session, number, _("The program failed on this file again and again. Tell your administrator."))


@task("import", _("Import of a file"), gave_up=_tidy_up)
def take_in(session: Session, work: Work) -> None:
    """Try or take in the rows of the import `job`, batch by batch."""
    number = int(work.args["job"])
    run(session, number, work.go_on)
    if _is_at_work(session, number):
        raise LaterError(A_WHILE if work.go_on() else timedelta())


def set_going(session: Session, job_id: int) -> None:
    """Have an import worked on that has just been set to be tried or taken in. The caller commits."""
    enqueue(session, take_in.name, _key(job_id), {"job": job_id})


def go_on_with(session: Session, job_id: int) -> bool:
    """Have an import worked on again whose worker is gone, unless that is asked for already. The caller commits."""
    return ensure(session, take_in.name, _key(job_id), {"job": job_id})


def _is_at_work(session: Session, job_id: int) -> bool:
    return session.scalar(select(ImportJob.state).where(ImportJob.id == job_id)) in AT_WORK


def _key(job_id: int) -> str:
    return f"import:{job_id}"
