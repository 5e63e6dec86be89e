"""The pages of an import, one a step; each leads to the next open one and can be left and found again."""

import json
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import IO, Any

from flask import flash, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import func, select

from admin_views.base.access import allowed, deny, one, requested_id, row_id
from admin_views.base.page import said
from admin_views.base.saving import write
from admin_views.import_job import forms
from admin_views.import_job.names import NamePages
from admin_views.import_job.people import authors_of
from admin_views.import_job.steps import steps
from admin_views.links import list_address, page_number
from admin_views.pages import Page
from engine import clock
from engine.acting import current_act
from engine.database import db
from engine.errors import NotAllowedError
from engine.importing import files, jobs, lease, mapping, refusing, work
from engine.importing.choices import Choices
from engine.importing.importable import Importable
from engine.importing.source import open_job_table
from engine.importing.unknown import unknown_names
from engine.registry import registry
from engine.tabular.problems import FileRefused
from engine.tabular.reading import Row, Table
from engine.tabular.writing import rows_to_xlsx
from models.import_job import ImportJob, ImportMapping, ImportState
from models.words import Words, _

PER_PAGE = 30
SHOWN = 200
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A_MOMENT = timedelta(seconds=10)
"""What a worker may take to begin; until then nobody need worry."""
AT_WORK = frozenset({ImportState.CHECKING, ImportState.RUNNING})


class ImportPages(NamePages, Page):
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
            may_import=bool(_importables()),
            mappings=url_for("import_mapping.index_view") if allowed("import_mapping", "read") else None,
        )

    @expose("/new/", methods=("GET", "POST"))
    def new_view(self) -> ResponseReturnValue:
        """Choose what and which file."""
        if not _importables():
            deny("import_job", "create")
        known = _mapping_to_use()
        if request.method == "GET":
            return self._ask_for_file(known.entity if known else request.args.get("entity", ""))
        upload, entity = request.files.get("file"), request.form.get("entity", "")
        if upload is None or not upload.filename:
            return self._ask_for_file(entity, _("Choose a file first."), 422)
        kept: list[int] = []
        try:
            refused = write(lambda: kept.append(_upload(upload.stream, upload.filename or "", entity, known)))
        except FileRefused as error:
            return self._ask_for_file(entity, error.reason, 422)
        except NotAllowedError:
            deny(entity if entity in registry.importables else "import_job", "import")
        if refused is not None:
            return self._ask_for_file(entity, refused.sentence or said(refused.violations[0]).text, refused.status)
        return redirect(url_for(".map_view", id=kept[0]), 303)

    def _ask_for_file(self, entity: str, problem: Words | None = None, status: int = 200) -> ResponseReturnValue:
        offered = _importables()
        chosen = entity if entity in {each.name for each in offered} else offered[0].name
        return self.render(
            "import/new.html",
            offered=offered,
            chosen=chosen,
            problem=problem,
            steps=steps("upload"),
            known=_mapping_to_use(),
        ), status

    @expose("/map/", methods=("GET", "POST"))
    def map_view(self) -> ResponseReturnValue:
        """Which column is which field; the guess or the last mapping is filled in."""
        job, table = self._own(before_run=True)
        importable = registry.importable(job.entity)
        if request.method == "GET":
            return self._show_mapping(job, table, Choices.of(job.choices), {})
        choices = forms.read_choices(db.session(), job, importable, table, request.form)
        problems = _doubled(choices) | mapping.objections(
            importable, choices, mapping.fields_for(importable, current_act().actor)
        )
        if not problems:
            choices, _asked, problems = mapping.settle_formats(importable, choices, table)
        if problems:
            return self._show_mapping(job, table, choices, problems, 422)
        self._write(lambda: jobs.map_columns(db.session(), job, choices, table))
        return redirect(url_for(".details_view", id=job.id), 303)

    def _show_mapping(
        self, job: ImportJob, table: Table, choices: Choices, problems: Mapping[str, Words], status: int = 200
    ) -> ResponseReturnValue:
        importable = registry.importable(job.entity)
        actor = current_act().actor
        lines = forms.lines(db.session(), importable, actor, job.department_id, choices, problems)
        known = mapping.remembered(db.session(), importable, table) is not None
        return self.render(
            "import/map.html",
            job=job,
            table=table,
            lines=lines,
            samples=forms.samples(table, forms.hidden_columns(importable, actor, table, choices)),
            masks=forms.samples(table, table.header),
            steps=steps("columns"),
            known=known,
            mappings=mapping.mappings(db.session(), job.entity),
            problems=problems,
            before=jobs.same_file_before(db.session(), job),
            header_row=Choices.of(job.choices).header_row,
        ), status

    @expose("/use/", methods=("POST",))
    def use_view(self) -> ResponseReturnValue:
        """Fill in what a remembered mapping says."""
        job, table = self._own(before_run=True)
        known: ImportMapping = one(ImportMapping, row_id(request.form.get("mapping"), ImportMapping))
        self._write(lambda: jobs.use_mapping(db.session(), job, known, table))
        return redirect(url_for(".map_view", id=job.id), 303)

    @expose("/sheet/", methods=("POST",))
    def sheet_view(self) -> ResponseReturnValue:
        """Read another sheet, or take another row for the header."""
        job, _table = self._own(before_run=True)
        sheet, row = request.form.get("sheet") or None, forms.whole_number(request.form.get("header_row", ""))
        try:
            self._write(lambda: jobs.choose_sheet(db.session(), job, sheet, row))
        except FileRefused as error:
            flash(str(error.reason), "bad")
        return redirect(url_for(".map_view", id=job.id), 303)

    @expose("/formats/", methods=("GET", "POST"))
    def formats_view(self) -> ResponseReturnValue:
        """Columns that can be read in several ways: the person says which."""
        job, table = self._own(before_run=True)
        importable, choices = registry.importable(job.entity), Choices.of(job.choices)
        settled, questions, _unreadable = mapping.settle_formats(importable, choices, table)
        if request.method == "POST":
            answered = mapping.answer(
                settled, questions, {name: request.form.get(f"format-{name}", "") for name in questions}
            )
            if mapping.is_settled(importable, answered):
                self._write(lambda: jobs.keep_choices(db.session(), job, answered))
                return redirect(url_for(".details_view", id=job.id), 303)
            flash(_("Please say for every column how it is to be read."), "bad")
        asked = forms.questions_for(importable, choices, questions, choices.formats)
        return self.render("import/formats.html", job=job, questions=asked, steps=steps("formats"))

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        """Where the import stands; an open step is opened."""
        job = one(ImportJob, requested_id(ImportJob))
        unsettled = job.state in {ImportState.UPLOADED, ImportState.MAPPED} and _is_mine(job)
        if unsettled and (step := self._open_step(job)) is not None:
            return redirect(url_for(step, id=job.id), 303)
        kept = jobs.refusals(db.session(), job, SHOWN)
        return self.render(
            "import/show.html",
            job=job,
            importable=registry.importable(job.entity),
            steps=steps(_step_of(job)),
            **_progress(job),
            refusals=[(each.row_number, refusing.reasons_of(each)) for each in kept],
            mine=_is_mine(job),
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

    @expose("/try/", methods=("POST",))
    def try_view(self) -> ResponseReturnValue:
        """Begin the trial."""
        job = self._own_job()
        if not mapping.is_settled(registry.importable(job.entity), Choices.of(job.choices)):
            return redirect(url_for(".formats_view", id=job.id), 303)
        return self._set_going(job, lambda: jobs.check(db.session(), job))

    @expose("/start/", methods=("POST",))
    def start_view(self) -> ResponseReturnValue:
        """Begin the import, or go on with a paused one."""
        job = self._own_job()
        leave_out = request.form.get("leave_out_refused") == "yes"
        return self._set_going(job, lambda: jobs.start(db.session(), job, leave_out_refused=leave_out))

    @expose("/wake/", methods=("POST",))
    def wake_view(self) -> ResponseReturnValue:
        """Go on at once with an import whose worker is gone."""
        job = self._own_job()
        return self._set_going(job, lambda: None)

    @expose("/pause/", methods=("POST",))
    def pause_view(self) -> ResponseReturnValue:
        """Stop after the batch under way."""
        job = self._own_job()
        self._write(lambda: jobs.perform(db.session(), job, "pause"))
        return redirect(url_for(".details_view", id=job.id), 303)

    @expose("/cancel/", methods=("POST",))
    def cancel_view(self) -> ResponseReturnValue:
        """Give the import up; its file goes."""
        job = self._own_job()
        stored = job.stored_name
        if self._write(lambda: jobs.cancel(db.session(), job)):
            files.remove(stored)
        return redirect(url_for(".details_view", id=job.id), 303)

    def _set_going(self, job: ImportJob, begin: Any) -> ResponseReturnValue:
        number = job.id

        def set_going() -> None:
            begin()
            work.set_going(db.session(), number)

        self._write(set_going)
        return redirect(url_for(".details_view", id=number), 303)

    @expose("/progress/")
    def progress_view(self) -> ResponseReturnValue:
        """How far it is, for the page's script."""
        job = one(ImportJob, requested_id(ImportJob))
        answer = jsonify(
            _progress(job) | {"state": job.state.value, "label": str(job.state.label), "at_work": job.state in AT_WORK}
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/refused/")
    def refused_view(self) -> ResponseReturnValue:
        """The rows that were not taken, to mend and import again: only for whoever brought the file."""
        job = self._own_job()
        kept = jobs.refusals(db.session(), job)
        if not kept:
            flash(_("No row was refused."), "info")
            return redirect(url_for(".details_view", id=job.id), 303)
        book = BytesIO()
        header = Choices.of(job.choices).header
        rows = (Row(each.row_number, refusing.load(each.cells)) for each in kept)
        rows_to_xlsx(book, header, rows, {each.row_number: refusing.problems_of(each) for each in kept})
        book.seek(0)
        name = _("%(file)s rows to mend.xlsx", file=job.filename.rsplit(".", 1)[0])
        return send_file(book, SHEET, as_attachment=True, download_name=str(name), max_age=0)

    def _own_job(self) -> ImportJob:
        """The job, for whoever brought the file: its rows may hold customers' data."""
        job: ImportJob = one(ImportJob, requested_id(ImportJob), "edit")
        if not _is_mine(job):
            deny("import_job", "edit", job.id)
        return job

    def _own(self, *, before_run: bool = False) -> tuple[ImportJob, Table]:
        """The same with its open file; a job that is past this step leads back to its page."""
        job = self._own_job()
        if before_run and job.state in AT_WORK | {ImportState.PAUSED, ImportState.FINISHED, ImportState.CANCELLED}:
            self._leave(job, _("The columns are settled once the rows are on their way."))
        try:
            return job, open_job_table(job)
        except FileRefused as error:
            self._leave(job, error.reason)

    def _write(self, work: Any) -> bool:
        """Write and commit; say why not. Answers whether it was done."""
        refused = write(work)
        for violation in refused.violations if refused else ():
            flash(str(said(violation)), "bad")
        if refused is not None and refused.sentence is not None:
            flash(str(refused.sentence), "bad")
        return refused is None


def _mapping_to_use() -> ImportMapping | None:
    """The remembered mapping that the address names."""
    asked = request.args.get("mapping")
    return one(ImportMapping, row_id(asked, ImportMapping)) if asked else None


def _upload(stream: IO[bytes], filename: str, entity: str, known: ImportMapping | None) -> int:
    """The new job's id; a mapping for what the file brings is used at once."""
    job = jobs.upload(db.session(), stream, filename, entity)
    if known is not None and known.entity == entity:
        jobs.use_mapping(db.session(), job, known, open_job_table(job))
    return job.id


def _importables() -> list[Importable]:
    return jobs.importables_for(current_act().actor)


def _is_mine(job: ImportJob) -> bool:
    actor = current_act().actor
    return job.created_by_id is not None and job.created_by_id == actor.staff_id


def _doubled(choices: Choices) -> dict[str, Words]:
    """Fields that take the same column as another, unless one is the name and number of the same thing."""
    titles = list(choices.columns.values())
    return {
        name: _("Another field is read from “%(column)s” as well. Choose one of them.", column=title)
        for name, title in choices.columns.items()
        if titles.count(title) > 1 and name not in {"number", "name"}
    }


def _step_of(job: ImportJob) -> str:
    match job.state:
        case ImportState.UPLOADED:
            return "columns"
        case ImportState.MAPPED | ImportState.CHECKING:
            return "trial"
        case ImportState.FINISHED:
            return ""
    return "import"


def _progress(job: ImportJob) -> dict[str, Any]:
    return {
        "done": job.next_row,
        "total": job.rows_total,
        "taken": job.rows_taken,
        "same": job.rows_same,
        "refused": job.rows_refused,
    }


def _is_stalled(job: ImportJob) -> bool:
    now = clock.now()
    return job.state in AT_WORK and job.updated_at < now - A_MOMENT and lease.is_free(db.session(), job.id, now)


def _error(job: ImportJob) -> str:
    return refusing.told(json.loads(job.error)) if job.error else ""
