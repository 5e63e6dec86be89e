"""The steps of an import in which columns become fields, and formats that can be read in several ways are settled."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from admin_views.base.access import one, row_id
from admin_views.import_job import forms
from admin_views.import_job.own import own_file, written
from admin_views.import_job.steps import steps
from engine.acting import current_act
from engine.database import db
from engine.importing import jobs, mapping
from engine.importing.choices import Choices
from engine.registry import registry
from engine.tabular.problems import FileRefused
from engine.tabular.reading import Table
from models.import_job import ImportJob, ImportMapping
from models.words import Words, _


class ColumnPages:
    """The steps of an import in which its columns are settled."""

    @expose("/map/", methods=("GET", "POST"))
    def map_view(self: Any) -> ResponseReturnValue:
        """Which column is which field; the guess or the last mapping is filled in."""
        job, table = own_file()
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
        written(lambda: jobs.map_columns(db.session(), job, choices, table))
        return redirect(url_for(".details_view", id=job.id), 303)

    def _show_mapping(
        self: Any, job: ImportJob, table: Table, choices: Choices, problems: Mapping[str, Words], status: int = 200
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
    def use_view(self: Any) -> ResponseReturnValue:
        """Fill in what a remembered mapping says."""
        job, table = own_file()
        known: ImportMapping = one(ImportMapping, row_id(request.form.get("mapping"), ImportMapping))
        written(lambda: jobs.use_mapping(db.session(), job, known, table))
        return redirect(url_for(".map_view", id=job.id), 303)

    @expose("/sheet/", methods=("POST",))
    def sheet_view(self: Any) -> ResponseReturnValue:
        """Read another sheet, or take another row for the header."""
        job, _table = own_file()
        sheet, row = request.form.get("sheet") or None, forms.whole_number(request.form.get("header_row", ""))
        try:
            written(lambda: jobs.choose_sheet(db.session(), job, sheet, row))
        except FileRefused as error:
            flash(str(error.reason), "bad")
        return redirect(url_for(".map_view", id=job.id), 303)

    @expose("/formats/", methods=("GET", "POST"))
    def formats_view(self: Any) -> ResponseReturnValue:
        """Columns that can be read in several ways: the person says which."""
        job, table = own_file()
        importable, choices = registry.importable(job.entity), Choices.of(job.choices)
        settled, questions, _unreadable = mapping.settle_formats(importable, choices, table)
        if request.method == "POST":
            answered = mapping.answer(
                settled, questions, {name: request.form.get(f"format-{name}", "") for name in questions}
            )
            if mapping.is_settled(importable, answered):
                written(lambda: jobs.keep_choices(db.session(), job, answered))
                return redirect(url_for(".details_view", id=job.id), 303)
            flash(_("Please say for every column how it is to be read."), "bad")
        asked = forms.questions_for(importable, choices, questions, choices.formats)
        return self.render("import/formats.html", job=job, questions=asked, steps=steps("formats"))


def _doubled(choices: Choices) -> dict[str, Words]:
    """Fields that take the same column as another, unless one is the name and number of the same thing."""
    titles = list(choices.columns.values())
    return {
        name: _("Another field is read from “%(column)s” as well. Choose one of them.", column=title)
        for name, title in choices.columns.items()
        if titles.count(title) > 1 and name not in {"number", "name"}
    }
