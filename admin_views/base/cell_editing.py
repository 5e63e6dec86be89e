"""Changing one value in the list: the same rights, rules and versions as the form, answered as JSON."""

from typing import Any

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from admin_views.base import access, conflicts
from admin_views.base.cells import Reading, read_titles
from admin_views.base.forms import BAD_REQUEST
from admin_views.base.page import said
from admin_views.base.saving import Refused, write
from engine.acting import Door, through
from models.words import Words, _


class CellPages:
    """The cell's little form and what it is posted to."""

    @expose("/cell/")
    def cell_view(self: Any) -> ResponseReturnValue:
        """The control for one cell, made like the form's own."""
        record, name = self.editable(access.requested_id(self.model)), request.args.get("field", "")
        if name not in self.open_cells():
            access.deny(self.table, "edit", record.id)
        form = self._edit_form_class(None, obj=record)
        html: str = self.render("entity/cell.html", field=form[name], record=record, name=name)
        return html

    @expose("/ajax/update/", methods=("POST",))
    def ajax_update(self: Any) -> ResponseReturnValue:
        """Write one cell. Answers `{text, version}`, or `{errors}` with 403, 404, 409 or 422."""
        record = self.editable(access.row_id(request.form.get("list_form_pk"), self.model))
        sent = [name for name in self.form_columns if name in _names_sent()]
        if len(sent) != 1 or sent[0] not in self.open_cells():
            access.deny(self.table, "edit", record.id)
        if conflicts.is_stale(record):
            return _refused(_("Somebody else changed this row. Reload the list to see it."), 409)
        return self.write_cell(record, sent[0])

    def write_cell(self: Any, record: Any, name: str) -> ResponseReturnValue:
        """Check and write one field."""
        form = self._edit_form_class(request.form, obj=record)
        for other in [field.name for field in form if field.name not in {name, "csrf_token"}]:
            del form[other]
        if not form.validate():
            if "csrf_token" in form.errors:
                abort(BAD_REQUEST)
            return _answer({"errors": [str(error) for error in form[name].errors]}, 422)

        def work() -> None:
            form.populate_obj(record)
            self.on_model_change(form, record, is_created=False)

        with through(Door.CELL):
            refused = write(work)
        return self.refused_cell(refused) if refused else self.written_cell(record, name)

    def written_cell(self: Any, record: Any, name: str) -> ResponseReturnValue:
        """The cell as it reads now. Plain text: the browser puts it in as text, never as markup."""
        columns = [self.shown(name)]
        cell = Reading(columns, self.table, read_titles(columns, [record]), self.formatters).cells(record)[0]
        html = self.render("entity/cell_text.html", cell=cell)
        return _answer({"html": html.strip(), "version": record.version}, 200)

    def refused_cell(self: Any, refused: Refused) -> ResponseReturnValue:
        """Every objection as a sentence."""
        sentences = [str(said(v)) + (f" ({v.clause})" if v.clause else "") for v in refused.violations]
        return _answer({"errors": sentences or [str(refused.sentence)]}, refused.status)

    def open_cells(self: Any) -> list[str]:
        """The columns that this person may change in the list."""
        return [
            name for name in self.cell_columns if self.can_edit and self.may_write(name) and name not in self.write_only
        ]


def _names_sent() -> set[str]:
    """Fields that a request names, by themselves, by their marker or by one of their boxes."""
    return {name.removesuffix("-shown").removesuffix("-zh").removesuffix("-en") for name in request.form}


def _refused(sentence: Words, status: int) -> ResponseReturnValue:
    return _answer({"errors": [str(sentence)]}, status)


def _answer(data: dict[str, Any], status: int) -> ResponseReturnValue:
    return jsonify(data), status
