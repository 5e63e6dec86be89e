"""The list: rows in scope, filtered, searched, ordered, a page at a time, and what can be done with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement

from admin_views.base import querying
from admin_views.base.cells import Reading, read_titles
from admin_views.base.columns import Shown
from admin_views.base.filters import Filter, boxes_of
from admin_views.base.page import list_arguments
from admin_views.base.table import ListRow, TableBody
from admin_views.marking import leaving
from engine.acting import current_act
from engine.database import db
from engine.permissions import may, may_do_to
from engine.registry import registry
from models.words import Words, _


@dataclass(frozen=True)
class Heading:
    """A column's heading; `sort_url` orders by it."""

    column: Shown
    sort_url: str | None
    sorted: str | None


class ListPages:
    """The list page and what decides its rows."""

    @expose("/")
    def index_view(self: Any) -> ResponseReturnValue:
        """The list."""
        found = querying.wanted(self)
        columns = self.columns(self.list_columns)
        page = querying.page_of(found, columns, self.page_size)
        for label in found.unreadable:
            flash(_("The filter “%(field)s” could not be read and was left out.", field=label), "warn")
        html: str = self.render("admin/model/list.html", **self.list_data(found, columns, page))
        return html

    def list_data(
        self: Any, found: querying.Wanted, columns: Sequence[Shown], page: querying.Slice
    ) -> Mapping[str, Any]:
        """What the list's template is given."""
        moves, boxes = self.bulk_choices(), list(boxes_of(self.open_filters()))
        body = TableBody(url_for(".details_view"), bool(moves), frozenset(self.cell_columns))
        return {
            "table_body": body.markup(self.list_rows(page.records, columns)),
            "headings": self.headings(columns, found),
            "slice": page,
            "found": found,
            "boxes": boxes,
            "boxes_content": tuple(box.content for box in boxes),
            "entity": self.entity,
            "arguments": list_arguments(),
            "bulk_actions": moves,
            "saved": self.saved_filters(),
            "empty_hint": self.hint(found),
            "at": self.at,
            "is_filtered": found.is_narrowed,
            "may_import": self.table in registry.importables and may(current_act().actor, self.table, "import"),
            "leaving": leaving(self.table) if self.can_export else None,
        }

    def list_rows(self: Any, records: Sequence[Any], columns: Sequence[Shown]) -> list[ListRow]:
        """The rows as cells; links are titled in one query a model."""
        reading = Reading(
            columns, self.table, read_titles(columns, records), self.formatters, hidden=frozenset(self.write_only)
        )
        actor = current_act().actor
        cells_open = bool(self.cell_columns) and self.can_edit
        return [
            ListRow(
                record.id,
                reading.cells(record),
                getattr(record, "version", None),
                cells_open and may_do_to(db.session, actor, "edit", record) and not self.is_closed(record),
            )
            for record in records
        ]

    def headings(self: Any, columns: Sequence[Shown], found: querying.Wanted) -> list[Heading]:
        """The columns' headings with their sorting."""
        return [self.heading(column, found.order) for column in columns]

    def heading(self: Any, column: Shown, order: Any) -> Heading:
        """One heading: a link when the list may be ordered by it."""
        if not column.sortable or not self.may_read_fully(column.name):
            return Heading(column, None, None)
        current = order.column.name == column.name
        down = current and not order.down
        running = ("descending" if order.down else "ascending") if current else None
        return Heading(column, self.at(sort=column.name, desc="1" if down else None), running)

    def at(self: Any, **changes: Any) -> str:
        """This list's address with some parts changed; a new order or filter starts at the first page."""
        kept = {name: values for name, values in list_arguments().items() if name not in {"after", "before", "page"}}
        given = {**kept, **changes}
        return url_for(".index_view", **{name: value for name, value in given.items() if value is not None})

    def open_filters(self: Any) -> list[Filter]:
        """The filters on columns that this person may read in full: any other would tell what it hides."""
        return [one for one in self.table_filters if self.may_read_fully(one.column.name)]

    def base_conditions(self: Any) -> Sequence[ColumnElement[bool]]:
        """Further conditions that always hold for the list; a view may add its own."""
        return ()

    def search_condition(self: Any, word: str) -> ColumnElement[bool]:
        """A word is found in any of the searched columns that this person may read in full."""
        return querying.holds(self.model, [name for name in self.search if name not in self.write_only], word)

    def hint(self: Any, found: querying.Wanted) -> Words:
        """What to do when there is nothing to show."""
        if found.is_narrowed:
            return _("No row matches. Change or clear the filters.")
        if self.empty_hint:
            return self.empty_hint  # type: ignore[no-any-return]  # mixed into a view
        return (
            _("Nothing has been recorded yet.")
            if not self.can_create
            else _("Nothing has been recorded yet. Add the first one.")
        )
