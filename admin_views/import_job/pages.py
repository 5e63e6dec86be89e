"""The pages of an import, one a step; each leads to the next open one and can be left and found again."""

import json
from datetime import timedelta

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import func, select

from admin_views.base.access import allowed, one, requested_id
from admin_views.import_job.columns import ColumnPages
from admin_views.import_job.names import NamePages
from admin_views.import_job.own import AT_WORK, is_mine
from admin_views.import_job.people import authors_of
from admin_views.import_job.running import RunPages, progress_of
from admin_views.import_job.steps import steps
from admin_views.import_job.uploading import UploadPages, importables
from admin_views.links import list_address, page_number
from admin_views.pages import Page
from engine import clock
from engine.database import db
from engine.importing import jobs, lease, mapping, refusing
from engine.importing.choices import Choices
from engine.importing.source import open_job_table
from engine.importing.unknown import unknown_names
from engine.registry import registry
from engine.tabular.problems import FileRefused
from models.import_job import ImportJob, ImportState

PER_PAGE = 30
SHOWN = 200
A_MOMENT = timedelta(seconds=10)
"""What a worker may take to begin; until then nobody need worry."""


class ImportPages(UploadPages, ColumnPages, NamePages, RunPages, Page):
    """Imports: what was brought in, and bringing in more."""

    needs = ("import_job", "read")
    icon = "upload"

    @expose("/")
    def index_view(self) -> str:
        """Every import that the reader may see, the latest first."""
        total = db.session.scalar(select(func.count(ImportJob.id))) or 0
        pages = max(1, -(-total // PER_PAGE))
        page = min(page_number(), pages)
        query = select(ImportJob).order_by(ImportJob.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
        rows = db.session.scalars(query).all()
        return self.render(
            "import/index.html",
            rows=rows,
            authors=authors_of(rows),
            page=page,
            pages=pages,
            total=total,
            page_url=lambda number: url_for(".index_view", page=number),
            may_import=bool(importables()),
            mappings=url_for("import_mapping.index_view") if allowed("import_mapping", "read") else None,
        )

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        """Where the import stands; an open step is opened."""
        job = one(ImportJob, requested_id(ImportJob))
        unsettled = job.state in {ImportState.UPLOADED, ImportState.MAPPED} and is_mine(job)
        if unsettled and (step := self._open_step(job)) is not None:
            return redirect(url_for(step, id=job.id), 303)
        kept = jobs.refusals(db.session(), job, SHOWN)
        return self.render(
            "import/show.html",
            job=job,
            importable=registry.importable(job.entity),
            steps=steps(_step_of(job)),
            **progress_of(job),
            refusals=[(each.row_number, refusing.reasons_of(each)) for each in kept],
            mine=is_mine(job),
            author=authors_of([job]).get(job.created_by_id),
            stalled=_is_stalled(job),
            error=_error(job),
            records=list_address(job.entity),
            at_work=job.state in AT_WORK,
        )

    def _open_step(self, job: ImportJob) -> str | None:
        """The step to open. None when the rest is settled, or the file is gone: no step could be taken with it."""
        try:
            table = open_job_table(job)
        except FileRefused as error:
            flash(str(error.reason), "bad")
            return None
        if job.state is ImportState.UPLOADED:
            return ".map_view"
        importable = registry.importable(job.entity)
        if not mapping.is_settled(importable, Choices.of(job.choices)):
            return ".formats_view"
        return ".names_view" if unknown_names(db.session(), job, importable, table) else None


def _step_of(job: ImportJob) -> str:
    match job.state:
        case ImportState.UPLOADED:
            return "columns"
        case ImportState.MAPPED | ImportState.CHECKING:
            return "trial"
        case ImportState.FINISHED:
            return ""
    return "import"


def _is_stalled(job: ImportJob) -> bool:
    now = clock.now()
    return job.state in AT_WORK and job.updated_at < now - A_MOMENT and lease.is_free(db.session(), job.id, now)


def _error(job: ImportJob) -> str:
    return refusing.told(json.loads(job.error)) if job.error else ""
