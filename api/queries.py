"""What a list is asked for: filters, order, fields, place; never by what the caller may not read in full."""

import json
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Load, load_only, selectinload

from api import cursors
from api.bodies import is_storable
from api.columns import Column, Kind
from api.entities import Offered, entity_of
from api.problems import BAD, ProblemError, Said, wrong
from api.values import UnreadableError, from_json, to_json
from engine.acting import current_act
from engine.scope import criterion
from models.audit import AuditEntry
from models.words import Words, _

USUAL, MOST = 50, 200
MOST_VALUES = 100
LONGEST_VALUE = 500
COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
YES_NO = {"true": True, "false": False}


@dataclass(frozen=True)
class Order:
    """By which column a list runs, and whether downwards; ties are broken by the id."""

    column: Column
    down: bool


@dataclass(frozen=True)
class Wanted:
    """One request for a list, read and checked."""

    offered: Offered
    conditions: Sequence[ColumnElement[bool]]
    order: Order
    fields: Mapping[str, Column]
    limit: int
    labels: bool
    cursor: str | None

    @property
    def model(self) -> type[Any]:
        """The rows' model."""
        return self.offered.resource.model

    @property
    def about(self) -> str:
        """What a cursor of this list is bound to: who asks, which rows, in which order."""
        asked = sorted((name, value) for name, value in request.args.items(multi=True) if name not in UNBOUND)
        return json.dumps([current_act().actor.account_id, self.offered.resource.name, asked])

    def page(self) -> Select[Any]:
        """The rows of the page and one more, which tells whether there is another page."""
        query = (
            select(self.model)
            .where(*in_reach(self.offered), *self.conditions)
            .options(*loads(self.offered, self.fields, self.order.column))
        )
        if self.cursor is not None:
            query = query.where(self._beyond(*cursors.opened(self.cursor, self.about)))
        return query.order_by(*self._clauses()).limit(self.limit + 1)

    def cursor_after(self, record: Any) -> str:
        """The place of a row."""
        value = to_json(self.order.column, getattr(record, self.order.column.name))
        return cursors.sealed([value, record.id], self.about)

    def _clauses(self) -> list[Any]:
        key, value = self.model.id, self.order.column.attribute
        ties = [key.desc() if self.order.down else key.asc()]
        if self.order.column.name == "id":
            return ties
        nothing = [value.is_(None).asc()] if self.order.column.nullable else []
        return [*nothing, value.desc() if self.order.down else value.asc(), *ties]

    def _beyond(self, plain: Any, number: int) -> ColumnElement[bool]:
        key: Any = self.model.id
        value: Any = self.order.column.attribute
        column = self.order.column
        later: ColumnElement[bool] = key < number if self.order.down else key > number
        if column.name == "id":
            return later
        if plain is None:
            return and_(value.is_(None), later)
        typed = from_json(column, plain)
        further = value < typed if self.order.down else value > typed
        return or_(further, and_(value == typed, later), value.is_(None) if column.nullable else false())


UNBOUND = frozenset({"cursor", "limit", "fields", "labels"})
"""What may change from page to page."""
OWN = UNBOUND | {"sort"}


def wanted(offered: Offered) -> Wanted:
    """Read the address. Raises ProblemError (400) that names every part that makes no sense."""
    faults: list[Said] = []
    conditions = list(_conditions(offered, faults))
    order, fields = _order(offered, faults), _fields(offered, faults)
    limit, labels = _limit(faults), wants_labels(faults)
    _once(faults)
    if faults:
        raise ProblemError(BAD, _("Parts of the address make no sense."), faults)
    return Wanted(offered, conditions, order, fields, limit, labels, request.args.get("cursor"))


def in_reach(offered: Offered) -> list[ColumnElement[bool]]:
    """The rows that the caller may read; the session alone would miss the engine's own tables."""
    actor = current_act().actor
    return [] if actor.is_system else [criterion(offered.resource.model, actor)]


def loads(offered: Offered, fields: Mapping[str, Column], order: Column | None = None) -> list[Any]:
    """The loading options: what is shown and what rights ask, nothing else; reading more is an error."""
    model, entity = offered.resource.model, entity_of(offered.resource.model)
    asked = [*filter(None, (entity.owner, entity.team, entity.state) if entity else ()), "version", "department_id"]
    # What an audit entry tells depends on the entity that it is about.
    told = ["entity"] if model is AuditEntry else []
    names = dict.fromkeys(["id", *asked, *told, *([order.name] if order else []), *fields])
    mapper = model.__mapper__
    stored = [getattr(model, name) for name in names if name in mapper.column_attrs]
    several = [name for name in fields if name in mapper.relationships]
    ids = [
        selectinload(getattr(model, name)).load_only(mapper.relationships[name].mapper.class_.id) for name in several
    ]
    return [load_only(*stored, raiseload=True), *ids, Load(model).raiseload("*")]


def _conditions(offered: Offered, faults: list[Said]) -> Iterator[ColumnElement[bool]]:
    for argument in request.args:
        if argument in OWN:
            continue
        name, _dot, test = argument.partition(".")
        column = offered.readable.get(name)
        if column is None or (test or "eq") not in column.operators:
            faults.append(wrong(argument, _("There is no such filter.")))
            continue
        try:
            yield _condition(column, test or "eq", request.args.getlist(argument))
        except UnreadableError as error:
            faults.append(wrong(argument, error.sentence))


def _condition(column: Column, test: str, texts: Sequence[str]) -> ColumnElement[bool]:
    if len(texts) > (MOST_VALUES if test == "in" else 1):
        raise UnreadableError(_("This is said too often."))
    if any(len(text) > LONGEST_VALUE or not is_storable(text) for text in texts):
        raise UnreadableError(_("This is no value to look for."))
    attribute: Any = column.attribute
    if test == "null":
        missing: ColumnElement[bool] = attribute.is_(None)
        return missing if _yes(texts[0]) else ~missing
    if test == "contains":
        return _contains(column, texts[0])
    if column.kind is Kind.LINKS and column.target is not None:
        among: ColumnElement[bool] = attribute.any(column.target.id == _value(column, texts[0]))
        return among
    values = [_value(column, text) for text in texts]
    if test == "in":
        within: ColumnElement[bool] = attribute.in_(values)
        return within
    found: ColumnElement[bool] = COMPARED[test](attribute, values[0])
    # Whoever asks for everything but one value wants the rows without any as well.
    return or_(found, attribute.is_(None)) if test == "ne" and column.nullable else found


def _contains(column: Column, text: str) -> ColumnElement[bool]:
    attribute: Any = column.attribute
    if not text:
        raise UnreadableError(_("A text is expected."))
    if column.kind is Kind.BILINGUAL:
        return or_(*(attribute[code].as_string().icontains(text, autoescape=True) for code in ("zh", "en")))
    found: ColumnElement[bool] = attribute.icontains(text, autoescape=True)
    return found


def _value(column: Column, text: str) -> Any:
    """A value of the column out of an address, where everything is text."""
    if column.kind is Kind.BOOLEAN:
        return _yes(text)
    plain: Any = text
    if column.kind in {Kind.WHOLE, Kind.LINK, Kind.LINKS}:
        digits = text.removeprefix("-")
        if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(2**63)):
            raise UnreadableError(_("A whole number is expected."))
        plain = [int(text)] if column.kind is Kind.LINKS else int(text)
    found = from_json(column, plain)
    if found is None:
        raise UnreadableError(_("A value is expected."))
    return found[0] if column.kind is Kind.LINKS else found


def _yes(text: str) -> bool:
    if text not in YES_NO:
        raise UnreadableError(_("true or false is expected."))
    return YES_NO[text]


def _order(offered: Offered, faults: list[Said]) -> Order:
    text = request.args.get("sort", "-id")
    column = offered.readable.get(text.removeprefix("-"))
    if column is None or not column.sortable:
        faults.append(wrong("sort", _("The list cannot be sorted by that.")))
        column = offered.resource.columns["id"]
    return Order(column, text.startswith("-"))


def _fields(offered: Offered, faults: list[Said]) -> Mapping[str, Column]:
    text = request.args.get("fields")
    if text is None:
        return offered.shown
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in offered.shown]
    faults += [wrong("fields", _("There is no field %(name)s.", name=name[:80])) for name in unknown]
    return {name: column for name, column in offered.shown.items() if name in {"id", "version", *names}}


def fields_of(offered: Offered) -> Mapping[str, Column]:
    """The fields that the address asks for. Raises ProblemError (400)."""
    faults: list[Said] = []
    found = _fields(offered, faults)
    if faults:
        raise ProblemError(BAD, _("Parts of the address make no sense."), faults)
    return found


def _limit(faults: list[Said]) -> int:
    text = request.args.get("limit", str(USUAL))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(MOST)) + 1 else 0
    if not 1 <= number <= MOST:
        faults.append(wrong("limit", _("A number from 1 to %(most)s is expected.", most=MOST)))
        return USUAL
    return number


def wants_labels(faults: list[Said]) -> bool:
    """Whether codes and links are to be told in words as well."""
    text = request.args.get("labels", "false")
    if text not in YES_NO:
        faults.append(wrong("labels", _("true or false is expected.")))
    return YES_NO.get(text, False)


def only(names: frozenset[str]) -> None:
    """Raise ProblemError (400) for an address that says anything else: a typing error is not passed over in silence."""
    faults = [wrong(name, _("There is no such parameter.")) for name in request.args if name not in names]
    _once(faults)
    if faults:
        raise ProblemError(BAD, _("Parts of the address make no sense."), faults)


def _once(faults: list[Said]) -> None:
    says: Words = _("This is said more than once.")
    faults += [wrong(name, says) for name in request.args if name in OWN and len(request.args.getlist(name)) > 1]
