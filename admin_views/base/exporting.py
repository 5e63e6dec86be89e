"""Exactly what the list shows, as a table file: same rows, columns, masks; noted in the audit with who took it."""

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from typing import IO, Any

from flask import abort, flash, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import func, select

from admin_views import preparing
from admin_views.base import access, querying
from admin_views.base.columns import Shown
from admin_views.base.page import list_arguments
from admin_views.base.plain import PlainRows
from admin_views.marking import clearance_asked, mark_for
from engine import audit, clock
from engine.acting import current_act
from engine.circumstances import today_in
from engine.clearance import Clearance, taken
from engine.database import db
from engine.tabular.writing import write_csv, write_xlsx
from models.audit import AuditEntry
from models.words import _

LARGE = 5_000
"""More rows than these are made into a file beside the page: a person waits a second, not half a minute."""
MOST, WITHIN = 30, timedelta(minutes=10)
"""So many files may one person take in so short a time: a program that empties the house takes more."""
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class ExportPages:
    """The export."""

    @expose("/export/<export_type>/")
    def export(self: Any, export_type: str) -> ResponseReturnValue:
        """A csv or xlsx file. More rows than the cap are refused, not cut: half a table misleads."""
        if not self.can_export:
            access.deny(self.table, "export")
        if export_type not in TYPES:
            abort(404)
        if taken_lately() >= MOST:
            abort(429)
        clearance_asked(self.table)
        found = querying.wanted(self)
        conditions = [*found.conditions, *querying.scope_of(self.model, "export")]
        rows = PlainRows(self, conditions, found.order, self.columns(self.list_columns))
        count = rows.count(self.export_cap)
        if count > self.export_cap:
            flash(
                _("More than %(most)s rows: narrow the list with filters first.", most=f"{self.export_cap:,}"), "warn"
            )
            return redirect(url_for(".index_view", **list_arguments()), 303)
        if count > LARGE and not preparing.is_preparing():
            return preparing.offer(self)
        return self.export_file(export_type, rows, count)

    def export_file(self: Any, kind: str, rows: PlainRows, count: int) -> ResponseReturnValue:
        """Write the file (nameless on the disk: nothing is left behind), note who took it, and send it."""
        file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 the answer closes it when it has been sent
        header = [str(column.label) for column in rows.columns]
        clearance = clearance_asked(self.table)
        mark = mark_for(self.table, clearance)
        (write_csv if kind == "csv" else write_xlsx)(file, header, rows.rows(count), mark)
        file.seek(0)
        self.note_export(kind, count, rows.columns, clearance)
        day = today_in(db.session(), current_act().actor.department_id).isoformat()
        return send_file(file, TYPES[kind], as_attachment=True, download_name=f"{self.table}_{day}.{kind}")

    def note_export(
        self: Any, kind: str, rows: int, columns: Sequence[Shown], clearance: Clearance | None = None
    ) -> None:
        """Who took what: rows, columns, names of filters; not their values: a search word may be a person."""
        changes = {
            "rows": [None, rows],
            "columns": [None, [c.name for c in columns]],
            "format": [None, kind],
            "filters": [None, sorted(list_arguments())],
        }
        # Pages that are looked at hold a reading transaction: the note begins one of its own.
        db.session.rollback()
        if clearance is not None:
            changes["clearance"] = [None, clearance.key]
            taken(db.session(), clearance, self.table, rows)
        audit.note(db.session(), "export", self.table, None, changes=changes)
        db.session.commit()


def taken_lately() -> int:
    """How many files whoever acts took in the last minutes, from whichever list."""
    actor = current_act().actor
    mine = (AuditEntry.actor_id == actor.staff_id, AuditEntry.action == "export", AuditEntry.at > clock.now() - WITHIN)
    return db.session.scalar(select(func.count(AuditEntry.id)).where(*mine)) or 0
