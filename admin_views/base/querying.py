"""The rows that a list and its export are about: one query, scoped, filtered, searched, counted with a cap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Load, load_only, selectinload

from admin_views.base import filters as filtering
from admin_views.base import paging
from admin_views.base.columns import Kind, Shown
from admin_views.base.masking import readable
from engine.acting import current_act
from engine.database import db
from engine.scope import criterion
from engine.search import finding
from engine.search.finding import reading_through
from models.base import Record

CAP = 10_000
"""Rows are counted up to here; beyond, a list says "10,000+"."""
NARROWED_CAP = 2_000
"""The same where filters or a search leave rows out: each row counted has to be looked at."""
LONGEST_SEARCH = 100
MOST_WORDS = 5


@dataclass(frozen=True)
class Wanted:
    """Which rows, in which order. `unreadable` names filters whose values made no sense."""

    view: Any
    order: paging.Order
    filters: Sequence[ColumnElement[bool]]
    search: str = ""
    unreadable: Sequence[Any] = ()
    active: int = 0

    @property
    def model(self) -> type[Any]:
        """The rows' model."""
        model: type[Any] = self.view.model
        return model

    @cached_property
    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """What a row must meet."""
        return [*self.filters, *self._searched()]

    @property
    def plain_conditions(self) -> Sequence[ColumnElement[bool]]:
        """The same for walking the rows in their order, past the search index."""
        with reading_through():
            return [*self.filters, *self._searched()]

    def _searched(self) -> Iterator[ColumnElement[bool]]:
        for word in self.search.split()[:MOST_WORDS]:
            yield self.view.search_condition(word)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beyond the scope leaves rows out."""
        return bool(self.active or self.search)

    @property
    def cap(self) -> int:
        """Up to how many rows are counted."""
        return NARROWED_CAP if self.is_narrowed else CAP

    def ids(self) -> Select[Any]:
        """The keys of the rows, unordered."""
        return select(self.model.id).where(*self.conditions)

    def count(self) -> int:
        """How many rows there are, at most one more than the cap."""
        return db.session.scalar(self.counted()) or 0

    def counted(self) -> Select[Any]:
        """The count as a query."""
        return select(func.count()).select_from(self.ids().limit(self.cap + 1).subquery())


@dataclass(frozen=True)
class Slice:
    """One page of rows, and the places before and after it."""

    records: Sequence[Any]
    previous: str | None = None
    next: str | None = None
    count: int = 0
    cap: int = CAP
    titles: Any = field(default_factory=dict)

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.count > self.cap


@dataclass(frozen=True)
class Place:
    """The page that is asked for: behind a row (before it, going backward), or by its number."""

    cursor: paging.Cursor | None
    size: int
    backward: bool

    def offset(self, found: Wanted) -> int:
        """How many rows to pass over: a page by its number (from 0) is kept within what is counted."""
        page = request.args.get("page", 0, type=int)
        if self.cursor is not None or self.backward or page <= 0:
            return 0
        last = max(0, (min(found.count(), found.cap) - 1) // self.size)
        return min(page, last) * self.size


def wanted(view: Any) -> Wanted:
    """Read the address: filters, search and order, each only by columns that this person may read in full."""
    found = filtering.narrowed(view.open_filters())
    search = request.args.get("search", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    filters = [*scope_of(view.model), *view.base_conditions(), *found.conditions]
    return Wanted(view, order_of(view), filters, search if view.search else "", found.unreadable, found.active)


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
    order = found.order
    backward = before is not None
    cursor = None if before == "end" else paging.read_cursor(before or after, order.column)
    if backward and cursor is None and before != "end":
        backward = False
    at = Place(cursor, size, backward)
    options = loads(found.model, columns, order)
    rows, count = _few(found, at, options) if found.is_narrowed else _counted_walk(found, at, options)
    records, more = paging.in_reading_order(rows, size, backward=backward)
    has_before = (more if backward else cursor is not None) and bool(records)
    has_after = (cursor is not None if backward else more) and bool(records)
    return Slice(
        records,
        paging.cursor_at(records[0], order) if has_before else None,
        paging.cursor_at(records[-1], order) if has_after else None,
        count,
        found.cap,
    )


def _walked(found: Wanted, at: Place, options: Sequence[Any], *more: Any) -> Sequence[Any]:
    """A page along the list's order, from its index. Rows far down are found by their keys first, then read."""
    order, offset = found.order, at.offset(found)
    if offset:
        keys = _page(select(found.model.id).where(*found.plain_conditions), order, at).offset(offset)
        query = select(found.model, *more).where(found.model.id.in_(keys.subquery().select()))
        return db.session.execute(query.options(*options).order_by(*order.clauses())).all()
    query = _page(select(found.model, *more).where(*found.plain_conditions), order, at)
    return db.session.execute(query.options(*options)).all()


def _counted_walk(found: Wanted, at: Place, options: Sequence[Any]) -> tuple[Sequence[Any], int]:
    """The same with the count, in one query."""
    rows = _walked(found, at, options, found.counted().scalar_subquery().label("count"))
    count = rows[0].count if rows else found.count()
    return [row[0] for row in rows], count


def _few(found: Wanted, at: Place, options: Sequence[Any]) -> tuple[Sequence[Any], int]:
    """A page of few rows and their count, in one query: they are gathered first, in no order, and ordered then.

    No database so walks its whole table in the list's order to find them. Where they are not few, it is soon found.
    """
    offset = at.offset(found)
    gathered = select(*found.order.columns).where(*found.conditions).limit(found.cap + 1).subquery()
    counted = select(gathered, func.count().over().label("count")).subquery()
    page = _page(select(counted.c.id, counted.c.count), found.order.of(counted), at).offset(offset)
    keys = db.session.execute(page).all()
    count = keys[0].count if keys else found.count()
    if count > found.cap:
        return [row[0] for row in _walked(found, at, options)], count
    return rows_by_key(found.model, [row.id for row in keys], options), count


def _page(query: Select[Any], order: paging.Order, at: Place) -> Select[Any]:
    return paging.page_after(query, order, at.cursor, at.size, backward=at.backward)


def rows_by_key(model: type[Any], keys: Sequence[int], options: Sequence[Any]) -> list[Any]:
    """The rows of these keys in their order, loaded as `loads` says."""
    if not keys:
        return []
    rows = db.session.scalars(select(model).where(model.id.in_(keys)).options(*options))
    found = {row.id: row for row in rows}
    return [found[key] for key in keys if key in found]


def loads(model: type[Any], columns: Sequence[Shown], order: paging.Order | None = None) -> list[Any]:
    """The loading options of a list: its columns and what rights and links need, nothing else."""
    entity = getattr(model, "__entity__", None)
    always = ["id", "department_id", *filter(None, (entity.owner, entity.team, entity.state) if entity else ())]
    # Whoever is involved in a row counts as an owner of it.
    always += [path.partition(".")[0] for path in entity.involved] if entity else []
    if issubclass(model, Record):
        always.append("version")
    names = dict.fromkeys([*always, *([order.column.name] if order else []), *_stored(columns)])
    relations = [name for name in names if name in model.__mapper__.relationships]
    stored = [getattr(model, name) for name in names if name in model.__mapper__.column_attrs]
    return [
        load_only(*stored, raiseload=True),
        *(selectinload(getattr(model, name)) for name in relations),
        # What a relation leads to may be met again on the page, where its title is read.
        Load(model).raiseload("*"),
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
