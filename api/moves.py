"""State changes: what may be done with a record and what speaks against it, and doing it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy import inspect, select

from api import queries
from api.bodies import json_object
from api.columns import Column, Kind, column_of, model_of_table
from api.door import pages
from api.entities import Offered
from api.problems import MISSING, UNPROCESSABLE, ProblemError, Said, said, wrong
from api.reading import answer, one, opened, resource
from api.values import UnreadableError, from_json
from api.writing import demand_version, stands, written
from engine.acting import current_act
from engine.database import db
from engine.permissions import may_do_to
from engine.scope import criterion
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import objections, perform, state_of
from models.words import _

KINDS: Mapping[str, Kind] = {
    "line": Kind.TEXT,
    "text": Kind.TEXT,
    "date": Kind.DAY,
    "day": Kind.DAY,
    "datetime": Kind.MOMENT,
    "moment": Kind.MOMENT,
    "number": Kind.DECIMAL,
    "decimal": Kind.DECIMAL,
    "integer": Kind.WHOLE,
    "boolean": Kind.BOOLEAN,
}
REVISION = "revision"
"""The one kind of answer that is no single value: a number of points for each of several records."""


@pages.get("/<entity>/<row:number>/transitions")
def transitions(entity: str, number: str) -> ResponseReturnValue:
    """The moves that the caller's role grants for this record, and what speaks against each of them now."""
    offered = opened(entity, "read")
    queries.only(frozenset())
    record = one(offered, number)
    return answer({"items": [_offered(record, move) for move in _granted(offered, record)]})


@pages.post("/<entity>/<row:number>/<step>")
def make(entity: str, number: str, step: str) -> ResponseReturnValue:
    """Make a move with its answers. The version may be named; the state is checked in any case."""
    found = resource(entity)
    move = next((each for each in found.moves() if each.name == step), None)
    if move is None:
        raise ProblemError(MISSING)
    offered = opened(entity, step, writing=True)
    body = json_object(may_be_empty=True)

    def work() -> Callable[[], Response]:
        record = one(offered, number, step)
        demand_version(offered, record, body, needed=False)
        perform(db.session(), record, step, **answers(move, body))
        return lambda: stands(offered, record)

    return written(work)


def _granted(offered: Offered, record: Any) -> Iterator[Transition]:
    actor = current_act().actor
    return (move for move in offered.resource.moves() if may_do_to(db.session(), actor, move.name, record))


def _offered(record: Any, move: Transition) -> dict[str, Any]:
    fits = state_of(record) in move.sources
    asked = {ask.name for ask in move.asks}
    against = objections(db.session(), record, move, {}) if fits else []
    # What is missing of the answers is no objection yet: nobody has answered.
    told = [said(violation) for violation in against if violation.field not in asked or violation.field is None]
    if not fits:
        told = [wrong(None, _("The record is in another state: the step does not fit."))]
    return {
        "name": move.name,
        "label": str(move.label),
        "to": move.target.value,
        "clause": move.clause or None,
        "confirm": str(move.confirm) if move.confirm else None,
        "open": not told,
        "against": [each.plain() for each in told],
        "asks": [{"name": ask.name, "label": str(ask.label), "required": ask.required} for ask in move.asks],
    }


def answers(move: Transition, body: Mapping[str, Any]) -> dict[str, Any]:
    """What was answered, typed. Raises ProblemError (422) that names every answer that cannot be taken."""
    asks, faults, given = {ask.name: ask for ask in move.asks}, [], {}
    for name, value in body.items():
        if name not in asks:
            faults.append(wrong(name[:80], _("This is not asked.")))
            continue
        try:
            found = _answer(asks[name], move, value)
        except UnreadableError as error:
            faults.append(wrong(name, error.sentence))
            continue
        if found is not None:
            given[name] = found
    _refuse(faults)
    return given


def _refuse(faults: list[Said]) -> None:
    if faults:
        raise ProblemError(UNPROCESSABLE, _("Nothing was done: some answers cannot be taken."), faults)


def _answer(ask: Ask, move: Transition, value: Any) -> Any:
    if value is None or value == "":
        return None
    column = column_for(ask, move)
    if column is None:
        return _revision(value)
    found = from_json(column, value)
    if column.target is not None and found is not None and not _reachable(column.target, found):
        raise UnreadableError(_("There is no such record that could be chosen."))
    return found


def column_for(ask: Ask, move: Transition) -> Column | None:
    """How an answer reads: by the column that it fills, else by its kind; None for a revision."""
    if ask.kind == REVISION:
        return None
    mapper = inspect(move.entity)
    if ask.name in mapper.columns:
        return column_of(move.entity, ask.name, {ask.name: ask.label})
    target, kind = model_of_table(ask.kind), KINDS.get(ask.kind, Kind.TEXT)
    kind = Kind.LINK if target is not None else Kind.CHOICE if ask.choices is not None else kind
    stand_in: Any = move.entity.id
    return Column(ask.name, ask.label, kind, stand_in, target=target, choices=ask.choices, nullable=True)


def _revision(value: Any) -> dict[str, str]:
    number = Column("revised", "", Kind.DECIMAL, None, digits=(6, 2))  # type: ignore[arg-type]  # a value of no column
    if not isinstance(value, dict) or not all(key.isascii() and key.isdigit() for key in value):
        raise UnreadableError(_("An object with a number of points for each id is expected."))
    return {key: str(from_json(number, points)) for key, points in value.items()}


def _reachable(model: type[Any], number: int) -> bool:
    actor = current_act().actor
    scope = [] if actor.is_system else [criterion(model, actor)]
    return db.session.scalar(select(model.id).where(model.id == number, *scope)) is not None
