"""An import under way: its trial, its start and its end, how far it is, and the rows that were refused."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import flash, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from admin_views.base.access import one, requested_id
from admin_views.import_job.own import AT_WORK, own_job, written
from engine.database import db
from engine.importing import files, jobs, mapping, refusing, work
from engine.importing.choices import Choices
from engine.registry import registry
from engine.tabular.reading import Row
from engine.tabular.writing import rows_to_xlsx
from models.import_job import ImportJob
from models.words import _

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class RunPages:
    """What is done with an import whose columns and names are settled."""

    @expose("/try/", methods=("POST",))
    def try_view(self: Any) -> ResponseReturnValue:
        """Begin the trial."""
        job = own_job()
        if not mapping.is_settled(registry.importable(job.entity), Choices.of(job.choices)):
            return redirect(url_for(".formats_view", id=job.id), 303)
        return self._set_going(job, lambda: jobs.check(db.session(), job))

    @expose("/start/", methods=("POST",))
    def start_view(self: Any) -> ResponseReturnValue:
        """Begin the import, or go on with a paused one."""
        job = own_job()
        leave_out = request.form.get("leave_out_refused") == "yes"
        return self._set_going(job, lambda: jobs.start(db.session(), job, leave_out_refused=leave_out))

    @expose("/wake/", methods=("POST",))
    def wake_view(self: Any) -> ResponseReturnValue:
        """Go on at once with an import whose worker is gone."""
        job = own_job()
        return self._set_going(job, lambda: None)

    @expose("/pause/", methods=("POST",))
    def pause_view(self: Any) -> ResponseReturnValue:
        """Stop after the batch under way."""
        job = own_job()
        written(lambda: jobs.perform(db.session(), job, "pause"))
        return redirect(url_for(".details_view", id=job.id), 303)

    @expose("/cancel/", methods=("POST",))
    def cancel_view(self: Any) -> ResponseReturnValue:
        """Give the import up; its file goes."""
        job = own_job()
        stored = job.stored_name
        if written(lambda: jobs.cancel(db.session(), job)):
            files.remove(stored)
        return redirect(url_for(".details_view", id=job.id), 303)

    def _set_going(self: Any, job: ImportJob, begin: Callable[[], object]) -> ResponseReturnValue:
        number = job.id

        def set_going() -> None:
            begin()
            work.set_going(db.session(), number)

        written(set_going)
        return redirect(url_for(".details_view", id=number), 303)

    @expose("/progress/")
    def progress_view(self: Any) -> ResponseReturnValue:
        """How far it is, for the page's script."""
        job = one(ImportJob, requested_id(ImportJob))
        answer = jsonify(
            progress_of(job)
            | {"state": job.state.value, "label": str(job.state.label), "at_work": job.state in AT_WORK}
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/refused/")
    def refused_view(self: Any) -> ResponseReturnValue:
        """The rows that were not taken, to mend and import again: only for whoever brought the file."""
        job = own_job()
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


def progress_of(job: ImportJob) -> dict[str, Any]:
    """How many rows there are, and what became of them so far."""
    return {
        "done": job.next_row,
        "total": job.rows_total,
        "taken": job.rows_taken,
        "same": job.rows_same,
        "refused": job.rows_refused,
    }
