"""The rows that a list and its export are about: one query, scoped, filtered, searched, counted with a cap."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import load_only, raiseload, selectinload

from admin_views.base import filters as filtering
from admin_views.base import paging
from admin_views.base.columns import Kind, Shown
from admin_views.base.masking import readable
from engine.acting import current_act
from engine.database import db
from engine.scope import criterion
from engine.search import finding
from models.base import Record

CAP = 10_000
"""Rows are counted up to here; beyond, a list says "10,000+"."""
LONGEST_SEARCH = 100
MOST_WORDS = 5


@dataclass(frozen=True)
class Wanted:
    """Which rows, in which order. `unreadable` names filters whose values made no sense."""

    view: Any
    order: paging.Order
    conditions: Sequence[ColumnElement[bool]]
    search: str = ""
    unreadable: Sequence[Any] = ()
    active: int = 0

    @property
    def model(self) -> type[Any]:
        """The rows' model."""
        model: type[Any] = self.view.model
        return model

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beyond the scope leaves rows out."""
        return bool(self.active or self.search)

    def ids(self) -> Select[Any]:
        """The keys of the rows, unordered."""
        return select(self.model.id).where(*self.conditions)

    def count(self) -> int:
        """How many rows there are, at most one more than CAP."""
        return db.session.scalar(select(func.count()).select_from(self.ids().limit(CAP + 1).subquery())) or 0


@dataclass(frozen=True)
class Slice:
    """One page of rows, and the places before and after it."""

    records: Sequence[Any]
    previous: str | None = None
    next: str | None = None
    count: int = 0
    titles: Any = field(default_factory=dict)

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.count > CAP


def wanted(view: Any) -> Wanted:
    """Read the address: filters, search and order, each only by columns that this person may read in full."""
    found = filtering.narrowed(view.open_filters())
    search = request.args.get("search", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    conditions = [*scope_of(view.model), *view.base_conditions(), *found.conditions]
    if search and view.search:
        conditions += [view.search_condition(word) for word in search.split()[:MOST_WORDS]]
    return Wanted(view, order_of(view), conditions, search if view.search else "", found.unreadable, found.active)


def scope_of(model: type[Any], action: str = "read") -> list[ColumnElement[bool]]:
    """The rows to which whoever acts may do `action`; the session alone would miss internal tables."""
    actor = current_act().actor
    if actor.is_system:
        return []
    read = [criterion(model, actor, "read")]
    return read if action == "read" else [*read, criterion(model, actor, action)]


def order_of(view: Any) -> paging.Order:
    """The order that the address asks for, if this person may sort by it; else the view's own."""
    name, down = request.args.get("sort", ""), request.args.get("desc", "") == "1"
    if name not in view.list_columns or not view.shown(name).sortable or not view.may_read_fully(name):
        name, down = view.default_sort
        if not view.may_read_fully(name):
            name, down = "id", True
    return paging.Order(view.shown(name), view.model.id, down)


def page_of(found: Wanted, columns: Sequence[Shown], size: int) -> Slice:
    """The page that the address names. An impossible place is the first page; a page past the end is the last."""
    before, after = request.args.get("before"), request.args.get("after")
    order, count = found.order, found.count()
    backward = before is not None
    cursor = None if before == "end" else paging.read_cursor(before or after, order.column)
    if backward and cursor is None and before != "end":
        backward = False
    keys, more = _keys(found, cursor, size, count, backward=backward)
    records = rows_by_key(found.model, keys, columns, order)
    has_before = (more if backward else cursor is not None) and bool(records)
    has_after = (cursor is not None if backward else more) and bool(records)
    return Slice(
        records,
        paging.cursor_at(records[0], order) if has_before else None,
        paging.cursor_at(records[-1], order) if has_after else None,
        count,
    )


def _keys(
    found: Wanted, cursor: paging.Cursor | None, size: int, count: int, *, backward: bool
) -> tuple[list[int], bool]:
    """The keys of one page: from the index first, the rows afterwards."""
    query = found.ids()
    if found.is_narrowed and count <= CAP:
        # Few rows match: fence them in, so that no database walks the whole table in the list's order to find them.
        query = select(found.model.id).where(found.model.id.in_(found.ids().limit(CAP + 1).subquery().select()))
    offset = 0 if cursor is not None or backward else _offset(size, count)
    keys = db.session.scalars(
        paging.page_after(query, found.order, cursor, size, backward=backward).offset(offset)
    ).all()
    return paging.in_reading_order(keys, size, backward=backward)


def _offset(size: int, count: int) -> int:
    """A page by its number (from 0), kept within what was counted."""
    page = request.args.get("page", 0, type=int)
    last = max(0, (min(count, CAP) - 1) // size)
    return max(0, min(page, last)) * size


def rows_by_key(
    model: type[Any], keys: Sequence[int], columns: Sequence[Shown], order: paging.Order | None = None
) -> list[Any]:
    """The rows of these keys in their order, with exactly what is shown; reading anything else is an error."""
    if not keys:
        return []
    rows = db.session.scalars(select(model).where(model.id.in_(keys)).options(*loads(model, columns, order)))
    found = {row.id: row for row in rows}
    return [found[key] for key in keys if key in found]


def loads(model: type[Any], columns: Sequence[Shown], order: paging.Order | None = None) -> list[Any]:
    """The loading options of a list: its columns and what rights and links need, nothing else."""
    entity = getattr(model, "__entity__", None)
    always = ["id", "department_id", *filter(None, (entity.owner, entity.team, entity.state) if entity else ())]
    if issubclass(model, Record):
        always.append("version")
    names = dict.fromkeys([*always, *([order.column.name] if order else []), *_stored(columns)])
    relations = [name for name in names if name in model.__mapper__.relationships]
    stored = [getattr(model, name) for name in names if name in model.__mapper__.column_attrs]
    return [
        load_only(*stored, raiseload=True),
        *(selectinload(getattr(model, name)) for name in relations),
        raiseload("*"),
    ]


def _stored(columns: Sequence[Shown]) -> list[str]:
    names = []
    for column in columns:
        names += column.needs if column.kind is Kind.COMPUTED else [column.name]
    return names


def holds(model: type[Any], names: Sequence[str], word: str) -> ColumnElement[bool]:
    """Rows that hold the word in one of those of the columns that this person may read in full."""
    open_ones = [name for name in names if readable(model.__tablename__, name)]
    return finding.holds(db.session(), model, open_ones, word)
