"""One record on a page: what it says, what can be done, what is owed for it, what happened to it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from admin_views.base import access
from admin_views.base.cells import Cell, Reading, read_titles
from admin_views.base.columns import shown_column
from admin_views.base.history import history_of
from admin_views.base.masking import sight
from admin_views.base.page import Said, answer
from admin_views.duties import post_label, what_to_do
from admin_views.links import list_address, record_address
from engine import audit
from engine.acting import current_act
from engine.database import db
from engine.permissions import Sight, matrix, may_do_to
from engine.registry import registry
from models.base import Record
from models.obligation import Obligation
from models.words import Words, _

SHORTEST_REASON = 4
OBLIGATIONS_SHOWN = 20


class DetailPages:
    """The record's page and the one way to look behind a mask."""

    @expose("/details/")
    def details_view(self: Any) -> ResponseReturnValue:
        """The record."""
        return self.details_page(access.one(self.model, access.requested_id(self.model)))

    @expose("/unmask/", methods=("POST",))
    def unmask_view(self: Any) -> ResponseReturnValue:
        """Show one masked field once, after a reason that the audit keeps."""
        record = access.one(self.model, access.row_id(request.form.get("id"), self.model))
        field, reason = request.form.get("field", ""), request.form.get("reason", "").strip()
        if not self.may_unmask(record, field):
            access.deny(self.table, "unmask", record.id)
        if len(reason) < SHORTEST_REASON:
            flash(_("Say why you need to see this; the reason is kept."), "warn")
            return redirect(url_for(".details_view", id=record.id), 303)
        # Only that the field was looked at, and why: the audit never holds the value.
        audit.note(
            db.session(),
            "unmask",
            self.table,
            record.id,
            str(record.title),
            {"field": [None, field], "reason": [None, reason]},
            department_id=record.department_id,
        )
        db.session.commit()
        return self.details_page(record, unmasked=frozenset({field}))

    def may_unmask(self: Any, record: Any, field: str) -> bool:
        """Whether this person sees a mask here that a reason may lift."""
        if field not in self.detail_columns or field in self.write_only or sight(self.table, field) is not Sight.MASKED:
            return False
        actor = current_act().actor
        return not matrix.is_withheld(actor, self.table, field) and may_do_to(db.session, actor, "unmask", record)

    def details_page(
        self: Any,
        record: Any,
        *,
        unmasked: frozenset[str] = frozenset(),
        sayings: Sequence[Said] = (),
        status: int = 200,
    ) -> ResponseReturnValue:
        """Show the record."""
        sections = self.detail_sections(record, unmasked)
        page = self.render(
            "admin/model/details.html",
            record=record,
            entity=self.entity,
            sections=sections,
            sayings=sayings,
            state=getattr(record, self.entity.state) if getattr(self.entity, "state", None) else None,
            moves=self.offered(record),
            may_edit=self.may_edit(record),
            may_delete=self.may_delete(record),
            unmaskable=[
                c.column.name
                for _heading, cells in sections
                for c in cells
                if c.masked and self.may_unmask(record, c.column.name)
            ],
            obligations=obligations_of(record),
            what_to_do=what_to_do,
            post_label=post_label,
            history=history_of(self, record),
            related=self.related_links(record),
            files=self.files_of(record),
            may_attach=self.may_attach(record),
            children=self.child_tables(record),
        )
        return answer(page, status)

    def detail_sections(self: Any, record: Any, unmasked: frozenset[str]) -> list[tuple[Words | None, list[Cell]]]:
        """The readable columns under their headings."""
        columns = self.columns(self.detail_columns)
        reading = Reading(
            columns, self.table, read_titles(columns, [record]), self.formatters, unmasked, frozenset(self.write_only)
        )
        cells = {
            cell.column.name: cell
            for cell in reading.cells(record)
            if cell.column.name not in self.only_filled or getattr(record, cell.column.name) not in (None, False)
        }
        grouped = [(heading, [cells.pop(n) for n in names if n in cells]) for heading, names in self.groups]
        rest = [(None, list(cells.values()))] if cells else []
        return [(heading, found) for heading, found in [*grouped, *rest] if found]

    def may_edit(self: Any, record: Any) -> bool:
        """Whether an edit button makes sense."""
        allowed = self.can_edit and may_do_to(db.session, current_act().actor, "edit", record)
        return bool(allowed) and not self.is_closed(record)

    def may_delete(self: Any, record: Any) -> bool:
        """Whether this is a draft that this person may throw away."""
        return bool(getattr(record, "is_draft", False)) and may_do_to(db.session, current_act().actor, "delete", record)

    def child_tables(self: Any, record: Any) -> list[Any]:
        """The inline children, to be read."""
        found = []
        for child in self.inline:
            if not access.allowed(child.table, "read"):
                continue
            query = (
                select(child.model)
                .where(getattr(child.model, child.key) == record.id)
                .order_by(getattr(child.model, child.order))
            )
            rows = db.session.scalars(query.limit(100)).all()
            names = [name for name in child.read or child.columns if sight(child.table, name) is not Sight.NONE]
            columns = [self.child_column(child, name) for name in names]
            reading = Reading(columns, child.table, read_titles(columns, rows))
            cells = [_leading_to(child.table, row, reading.cells(row)) for row in rows]
            found.append((child.label, [str(c.label) for c in columns], cells))
        return found

    def child_column(self: Any, child: Any, name: str) -> Any:
        """A column of an inline child."""
        return shown_column(child.model, name, {**self.labels, **child.labels}, {})

    def related_links(self: Any, record: Any) -> list[tuple[str, str]]:
        """Lists of other entities, narrowed to this record."""
        links = []
        for table, column in self.related:
            model = registry.entities.get(table)
            url = list_address(table, **{f"flt_{column}": record.id})
            if model is not None and url and access.allowed(table, "read"):
                links.append((str(model.__entity__.plural), url))
        return links


def _leading_to(table: str, row: Any, cells: list[Cell]) -> list[Cell]:
    """A child that has a page of its own is reached by its first cell, where that leads nowhere else."""
    if not cells or cells[0].url:
        return cells
    return [replace(cells[0], url=record_address(table, row.id)), *cells[1:]]


def obligations_of(record: Any) -> Sequence[Obligation]:
    """What is and was owed for the record, as far as this person may see it."""
    if not isinstance(record, Record):
        return ()
    query = select(Obligation).where(
        Obligation.subject_type == record.__tablename__, Obligation.subject_id == record.id
    )
    return db.session.scalars(query.order_by(Obligation.due_at.desc()).limit(OBLIGATIONS_SHOWN)).all()
