"""What waits for somebody's decision: records in a state out of which a move of theirs leads on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from admin_views.base.titles import title_of, titled
from admin_views.formats import today
from admin_views.links import list_address, record_address
from engine.acting import Actor
from engine.circumstances import facts_for
from engine.permissions import Scope, matrix, may_do_to
from engine.registry import registry
from engine.scope import criterion
from engine.transitions.kinds import Transition
from engine.transitions.performing import binding_guards, state_of
from models.base import Record
from models.types import Labelled

SHOWN = 5
COUNTED = 100
"""Beyond this many nobody counts: "100+" says enough."""
FOUR_EYES = "somebody_else_than_"
"""In the name of the guard that keeps people from deciding on their own work."""


@dataclass(frozen=True)
class Waiting:
    """One record that waits, with the moves that its reader may make."""

    record: Record
    title: str
    state: Labelled
    moves: tuple[Transition, ...]
    url: str | None


@dataclass(frozen=True)
class Queue:
    """What waits of one entity: the first few, and how many there are."""

    label: str
    icon: str
    count: int
    url: str | None
    rows: tuple[Waiting, ...]

    @property
    def more(self) -> bool:
        """Whether there are more than the shown ones."""
        return self.count > len(self.rows)


def queues(session: Session, actor: Actor) -> list[Queue]:
    """What waits for the actor, one queue an entity, in the order of the domains."""
    return [queue for model in registry.entities.values() for queue in _queue(session, actor, model)]


def _queue(session: Session, actor: Actor, model: type[Any]) -> Iterator[Queue]:
    moves = list(_moves(actor, model))
    if not moves:
        return
    condition = or_(false(), *(_waits(model, actor, move) for move in moves))
    records = titled(model, condition, limit=SHOWN)
    rows = tuple(row for record in records for row in _row(session, actor, record, moves))
    if rows:
        few = select(model.id).where(condition).limit(COUNTED + 1).subquery()
        count = len(rows) if len(records) < SHOWN else session.scalar(select(func.count()).select_from(few)) or 0
        entity = model.__entity__
        yield Queue(str(entity.plural), entity.icon, count, list_address(model.__tablename__), rows)


def _moves(actor: Actor, model: type[Record]) -> Iterator[Transition]:
    """Moves that lead on and that people make; suspending, taking back and the like wait for nobody."""
    if model.__entity__.state is None:
        return
    for move in registry.transitions_for(model):
        if move.awaited and not move.by_system and move.tone in {"good", "info"} and _reach(actor, move) is not None:
            yield move


def _reach(actor: Actor, move: Transition) -> Scope | None:
    return matrix.scope(actor, move.entity.__tablename__, move.name)


def _sources(actor: Actor, move: Transition) -> Sequence[Labelled]:
    """The states from which the move is awaited: not those that are good as they are, unless the row is one's own."""
    settled = move.tone == "info" and _reach(actor, move) is not Scope.OWN
    return [state for state in move.sources if not (settled and state.tone == "good")]


def _waits(model: type[Any], actor: Actor, move: Transition) -> ColumnElement[bool]:
    column = getattr(model, model.__entity__.state)
    waits = column.in_(_sources(actor, move)) & criterion(model, actor, move.name)
    if move.awaited_from is not None:
        waits &= getattr(model, move.awaited_from) <= today()
    if move.fills is not None:
        waits &= getattr(model, move.fills).is_(None)
    return waits if move.awaited_of is None else waits & (getattr(model, move.awaited_of) == actor.staff_id)


def _row(session: Session, actor: Actor, record: Record, moves: Sequence[Transition]) -> Iterator[Waiting]:
    state = state_of(record)
    mine = tuple(
        move
        for move in moves
        if state in _sources(actor, move)
        and may_do_to(session, actor, move.name, record)
        and (move.awaited_of is None or getattr(record, move.awaited_of) == actor.staff_id)
        and (move.awaited_from is None or getattr(record, move.awaited_from) <= today())
        and (move.fills is None or getattr(record, move.fills) is None)
        and _may_decide(session, record, move)
    )
    if mine:
        yield Waiting(record, title_of(record), state, mine, record_address(record.__tablename__, record.id))


def _may_decide(session: Session, record: Record, move: Transition) -> bool:
    """Whether four eyes let this reader decide; what else is missing, the record's own page says."""
    guards = [guard for guard in binding_guards(session, record, move) if FOUR_EYES in guard.name]
    if not guards:
        return True
    facts = facts_for(session, [record])[record]
    return not any(guard.ask(record, facts) for guard in guards)
