"""Creating and editing: the form as this person may see it; what the rulebook says to it stands at its field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import inspect
from werkzeug.datastructures import MultiDict

from admin_views.base import access, conflicts, inline
from admin_views.base.cells import Cell, Reading, read_titles
from admin_views.base.masking import sight
from admin_views.base.page import Rule, Said, answer, clauses_about, said, sayings_of
from admin_views.base.saving import Refused, write
from admin_views.base.titles import title_of
from engine.acting import Door, current_act, through
from engine.database import db
from engine.permissions import Sight, may_do_to
from models.base import Record
from models.words import Words, _

BAD_REQUEST = 400


@dataclass(frozen=True)
class FormRow:
    """A line of the form: a field to fill in, or a value that this person may only look at."""

    name: str
    label: str
    field: Any = None
    cell: Cell | None = None
    help: str = ""
    clauses: Sequence[Rule] = ()


@dataclass
class Draft:
    """A form on its way: fields, rows of inline tables, what was said to it, a conflict when there is one."""

    form: Any
    record: Any = None
    tables: list[inline.Table] = field(default_factory=list)
    sayings: list[Said] = field(default_factory=list)
    conflict: conflicts.Conflict | None = None
    status: int = 200

    @property
    def version(self) -> int | str:
        """The version of the record that the form is made from, sent along with it."""
        return self.record.version if isinstance(self.record, Record) and inspect(self.record).persistent else ""


class FormPages:
    """Pages for creating, editing and deleting one record."""

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self: Any) -> ResponseReturnValue:
        """An empty form; posted: the record, or the form with what speaks against it."""
        if not self.can_create:
            access.deny(self.table, "create")
        draft = self.draft_for(None)
        if request.method == "POST" and self.checked(draft):
            record = self.model()
            if self.save(draft, record, is_created=True):
                return self.saved(record, _("Saved: %(title)s", title=_title(record)))
        return self.form_page(draft)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self: Any) -> ResponseReturnValue:
        """The record's form; posted: the changed record, what speaks against it, or a conflict with both versions."""
        record = self.editable(access.requested_id(self.model))
        if request.method == "GET" and self.is_closed(record):
            flash(_("This is closed and can no longer be changed."), "warn")
            return redirect(url_for(".details_view", id=record.id), 303)
        draft = self.draft_for(record)
        if request.method == "POST" and self.checked(draft):
            if conflicts.is_stale(record):
                self.add_conflict(draft)
            elif self.save(draft, record, is_created=False):
                return self.saved(record, _("Saved: %(title)s", title=_title(record)))
        return self.form_page(draft)

    @expose("/delete/", methods=("POST",))
    def delete_view(self: Any) -> ResponseReturnValue:
        """Remove a draft. Anything else is kept by the gate, which says so."""
        record = access.one(self.model, access.row_id(request.form.get("id"), self.model))
        if not may_do_to(db.session, current_act().actor, "delete", record):
            access.deny(self.table, "delete", record.id)
        if conflicts.is_stale(record):
            refused: Refused | None = Refused(
                sentence=_("Somebody else changed this. Please look at it again."), is_conflict=True
            )
        else:
            refused = write(lambda: db.session.delete(record))
        if refused is None:
            flash(_("Deleted."), "good")
            return redirect(url_for(".index_view"), 303)
        return self.details_page(record, sayings=sayings_of(refused), status=refused.status)

    def editable(self: Any, number: int) -> Any:
        """The row in scope, 403 when the role may read but not edit it."""
        record = access.one(self.model, number)
        if not self.form_columns or not may_do_to(db.session, current_act().actor, "edit", record):
            access.deny(self.table, "edit", number)
        return record

    def is_closed(self: Any, record: Any) -> bool:
        """Whether the record is in a state in which nothing may be edited."""
        state = getattr(self.entity, "state", None)
        return state is not None and getattr(record, state) in self.entity.frozen

    # The form

    def draft_for(self: Any, record: Any) -> Draft:
        """The form with only those fields that this person may write."""
        data: Any = (
            request.form if request.method == "POST" else _presets(self.form_columns) if record is None else None
        )
        form = self._edit_form_class(data, obj=record)
        for name in self.form_columns:
            if not self.may_write(name) or (record is not None and name in self.entity.settled):
                del form[name]
        if request.method == "GET" and record is None:
            _begin(form, self.first_values())
        posted = request.form if request.method == "POST" else None
        return Draft(form, record, inline.tables(self.inline, record, posted))

    def first_values(self) -> Mapping[str, Any]:
        """With what an empty form begins, by field; what the address fills in goes first."""
        return {}

    def may_write(self: Any, name: str) -> bool:
        """Whether whoever acts may fill in the field. A secret may be set anew by those who see its mask."""
        seen = sight(self.table, name)
        return seen is Sight.WRITE or (name in self.write_only and seen is Sight.MASKED)

    def checked(self: Any, draft: Draft) -> bool:
        """Whether everything typed can be read. A missing or foreign token answers 400."""
        fine = draft.form.validate()
        if draft.form.errors.get("csrf_token"):
            abort(BAD_REQUEST)
        fine = all([table.validate() for table in draft.tables]) and fine  # noqa: C419 all of them are validated, so that all are said
        if not fine:
            draft.status = 422
            draft.sayings.append(Said(str(_("Nothing was saved yet: please look at the marked fields."))))
        return fine

    def save(self: Any, draft: Draft, record: Any, *, is_created: bool) -> bool:
        """Write the record and its inline rows in one transaction; on a refusal the draft knows why."""

        def work() -> None:
            with db.session.no_autoflush:
                draft.form.populate_obj(record)
                db.session.add(record)
                self.on_model_change(draft.form, record, is_created)
                db.session.flush()
                if draft.tables:
                    with through(Door.INLINE):
                        inline.apply(draft.tables, record)
                        db.session.flush()

        refused = write(work)
        if refused is not None:
            self.explain(draft, record, refused)
        return refused is None

    def explain(self: Any, draft: Draft, record: Any, refused: Refused) -> None:
        """Put every objection where it belongs: at its field, at its inline row, or on top."""
        draft.status = refused.status
        if refused.is_conflict and draft.record is not None:
            self.add_conflict(draft)
            return
        for violation in refused.violations:
            if inline.place(draft.tables, violation):
                continue
            own = violation.record is None or violation.record is record
            if own and violation.field and violation.field in draft.form:
                _say_at(draft.form[violation.field], said(violation))
            else:
                draft.sayings.append(said(violation))
        placed = [name for name in refused.fields if name in draft.form]
        for name in placed:
            _say_at(draft.form[name], Said(str(refused.sentence)))
        if refused.sentence and not placed:
            draft.sayings.append(Said(str(refused.sentence)))

    def add_conflict(self: Any, draft: Draft) -> None:
        """Both versions side by side; the form keeps the person's text and takes the newest version as its ground."""
        record, candidate = draft.record, self.model()
        columns = [self.shown(name) for name in self.form_columns if name in draft.form and name not in self.write_only]
        with db.session.no_autoflush:
            draft.form.populate_obj(candidate)
        reading = Reading(columns, self.table, read_titles(columns, [candidate, record]), self.formatters)
        mine, theirs = ({c.column.name: c.text for c in reading.cells(one)} for one in (candidate, record))
        draft.conflict = conflicts.compare(record, {c.name: c.label for c in columns}, mine, theirs)
        draft.status = 409

    def form_page(self: Any, draft: Draft) -> ResponseReturnValue:
        """Show the form."""
        page = self.render(
            "admin/model/edit.html" if draft.record is not None else "admin/model/create.html",
            draft=draft,
            form=draft.form,
            record=draft.record,
            sections=self.form_sections(draft),
            entity=self.entity,
        )
        return answer(page, draft.status)

    def form_sections(self: Any, draft: Draft) -> list[tuple[Words | None, list[FormRow]]]:
        """The form's lines under their headings."""
        rows = {row.name: row for row in self.form_rows(draft)}
        grouped = [(heading, [rows.pop(n) for n in names if n in rows]) for heading, names in self.groups]
        rest = [(None, list(rows.values()))] if rows else []
        return [(heading, lines) for heading, lines in [*grouped, *rest] if lines]

    def form_rows(self: Any, draft: Draft) -> list[FormRow]:
        """One line for each column that this person may see; fields that may only be read show their value."""
        only_read = [c for c in self.columns(self.form_columns) if c.name not in draft.form]
        stored = draft.record is not None
        reading = Reading(
            only_read, self.table, read_titles(only_read, [draft.record]) if stored else {}, self.formatters
        )
        cells = {c.name: reading.cell(draft.record, c) for c in only_read} if stored else {}
        return [self.form_row(draft, name, cells) for name in self.form_columns if name in draft.form or name in cells]

    def form_row(self: Any, draft: Draft, name: str, cells: dict[str, Cell]) -> FormRow:
        """One line, with what the rulebook has to say about the field."""
        column = self.shown(name)
        help_ = str(self.help.get(name, ""))
        field_ = draft.form[name] if name in draft.form else None  # noqa: SIM401 the collection has no get
        return FormRow(name, str(column.label), field_, cells.get(name), help_, clauses_about(self.model, name))

    def saved(self: Any, record: Any, message: Words) -> ResponseReturnValue:
        """Where one goes after saving: the record, or the next empty form; never where the request says."""
        flash(message, "good")
        if "_add_another" in request.form and self.can_create:
            return redirect(url_for(".create_view"), 303)
        return redirect(url_for(".details_view", id=record.id), 303)


def _begin(form: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in form and name not in request.args:
            form[name].data = value


def _presets(columns: Sequence[str]) -> MultiDict[str, str] | None:
    """What a link to an empty form fills in already; `…-shown` comes with a column of several boxes."""
    names = [name for name in request.args if name.removesuffix("-shown") in columns]
    found = MultiDict((name, value) for name in names for value in request.args.getlist(name))
    return found or None


def _say_at(field_: Any, saying: Said) -> None:
    field_.errors = [*field_.errors, saying]


def _title(record: Any) -> str:
    return str(title_of(record))
