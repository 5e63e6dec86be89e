"""Filters that a person keeps under a name, for each list their own."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from admin_views.base import access
from admin_views.base.page import LIST_ARGUMENTS, list_arguments, sayings_of
from admin_views.base.saving import Refused, write
from engine.acting import current_act
from engine.database import db
from models.saved_filter import SavedFilter
from models.words import _

KEPT = ("search", "sort", "desc")


class SavedFilterPages:
    """Keeping and dropping filters."""

    @expose("/filters/save/", methods=("POST",))
    def save_filter_view(self: Any) -> ResponseReturnValue:
        """Keep the list's present filters under a name."""
        if not access.allowed("saved_filter", "create"):
            access.deny("saved_filter", "create")
        kept = SavedFilter(
            staff_id=current_act().actor.staff_id,
            entity=self.table,
            name=request.form.get("name", "").replace("\x00", "").strip(),
            query=current_query(),
        )

        def work() -> None:
            db.session.add(kept)

        self.told(write(work))
        return redirect(url_for(".index_view", **list_arguments()), 303)

    @expose("/filters/drop/", methods=("POST",))
    def drop_filter_view(self: Any) -> ResponseReturnValue:
        """Drop a filter of one's own."""
        kept = access.one(SavedFilter, access.row_id(request.form.get("id"), SavedFilter), "delete")
        self.told(write(lambda: db.session.delete(kept)))
        return redirect(url_for(".index_view"), 303)

    def told(self: Any, refused: Refused | None) -> None:
        """Say what came of it."""
        if refused is None:
            flash(_("Saved."), "good")
            return
        for saying in sayings_of(refused):
            flash(str(saying), "bad")

    def saved_filters(self: Any) -> Sequence[tuple[SavedFilter, str]]:
        """This person's filters for this list, with their addresses."""
        if not access.allowed("saved_filter", "read"):
            return []
        own = select(SavedFilter).where(
            SavedFilter.staff_id == current_act().actor.staff_id, SavedFilter.entity == self.table
        )
        found = db.session.scalars(own.order_by(SavedFilter.name)).all()
        return [(kept, f"{url_for('.index_view')}?{_ours(kept.query)}") for kept in found]


def current_query() -> str:
    """The list's filters, search and order as they stand in its address."""
    return _ours(urlencode([(name, value) for name, values in list_arguments().items() for value in values]))


def _ours(query: str) -> str:
    """Only what a list understands, whoever wrote it; a place in the list is not kept."""
    pairs = [(n, v) for n, v in parse_qsl(query) if n.startswith("flt_") or (n in LIST_ARGUMENTS and n in KEPT)]
    return urlencode(pairs)
