"""Exactly what the list shows, as a table file: same rows, columns, masks; noted in the audit with who took it."""

import tempfile
from collections.abc import Sequence
from typing import IO, Any

from flask import abort, flash, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from admin_views import preparing, taking
from admin_views.base import access, querying
from admin_views.base.columns import Shown
from admin_views.base.page import list_arguments
from admin_views.base.plain import PlainRows
from admin_views.formats import today
from admin_views.marking import clearance_asked, mark_for
from engine.answers import Clearance
from engine.tabular.writing import write_csv, write_xlsx
from models.words import _

LARGE = 5_000
"""More rows than these are made into a file beside the page: a person waits a second, not half a minute."""


class ExportPages:
    """The export."""

    @expose("/export/<export_type>/")
    def export(self: Any, export_type: str) -> ResponseReturnValue:
        """A csv or xlsx file. More rows than the cap are refused, not cut: half a table misleads."""
        if not self.can_export:
            access.deny(self.table, "export")
        if export_type not in taking.TYPES:
            abort(404)
        taking.admit()
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
        day = today().isoformat()
        self.note_export(kind, count, rows.columns, clearance)
        return send_file(file, taking.TYPES[kind], as_attachment=True, download_name=f"{self.table}_{day}.{kind}")

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
        taking.noted(self.table, None, "", changes, clearance=clearance, rows=rows)
