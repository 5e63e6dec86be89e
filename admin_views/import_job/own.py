"""The import that an address names, for whoever brought its file: the rows may hold customers' data."""

from collections.abc import Callable
from typing import Any, NoReturn

from flask import abort, flash, redirect, url_for

from admin_views.base.access import deny, one, requested_id
from admin_views.base.page import sayings_of
from admin_views.base.saving import write
from engine.acting import current_act
from engine.importing.source import open_job_table
from engine.tabular.problems import FileRefused
from engine.tabular.reading import Table
from models.import_job import ImportJob, ImportState
from models.words import Words, _

AT_WORK = frozenset({ImportState.CHECKING, ImportState.RUNNING})
UNDER_WAY = AT_WORK | {ImportState.PAUSED, ImportState.FINISHED, ImportState.CANCELLED}


def own_job() -> ImportJob:
    """The job; somebody else's answers 403."""
    job: ImportJob = one(ImportJob, requested_id(ImportJob), "edit")
    if not is_mine(job):
        deny("import_job", "edit", job.id)
    return job


def own_file() -> tuple[ImportJob, Table]:
    """The same with its open file, while its rows are not under way; later the job's own page is shown."""
    job = own_job()
    if job.state in UNDER_WAY:
        leave(job, _("The columns are settled once the rows are on their way."))
    try:
        return job, open_job_table(job)
    except FileRefused as error:
        leave(job, error.reason)


def is_mine(job: ImportJob) -> bool:
    """Whether whoever acts brought the file."""
    actor = current_act().actor
    return job.created_by_id is not None and job.created_by_id == actor.staff_id


def leave(job: ImportJob, why: Words) -> NoReturn:
    """Go to the import's own page and say why."""
    flash(str(why), "warn")
    abort(redirect(url_for(".details_view", id=job.id), 303))


def written(work: Callable[[], Any]) -> bool:
    """Write and commit; say why not. Answers whether it was done."""
    refused = write(work)
    for saying in sayings_of(refused):
        flash(str(saying), "bad")
    return refused is None
