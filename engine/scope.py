"""Row scope, applied once: to every query the ORM runs, so that each screen and door shows the same rows."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Table, false, or_, true
from sqlalchemy.orm import Mapper, ORMExecuteState, with_loader_criteria
from sqlalchemy.sql.visitors import iterate

from engine.acting import Actor, current_act, reader
from engine.permissions import Scope, matrix
from models.base import Base

HOPS = 2
"""How many relationships away from the queried entity a joined row may lie and still be scoped."""


def limit_rows(state: ORMExecuteState) -> None:
    """Session event: add the reader's scope to a SELECT for every entity it can reach."""
    actor = reader()
    if actor is None or not state.is_select or state.is_column_load:
        return
    kept = current_act().scopes
    options = [
        kept.get((mapper, actor)) or kept.setdefault((mapper, actor), _option(mapper, actor))
        for mapper in reachable(named(state.statement))
        if criterion_matters(mapper.class_, actor)
    ]
    if options:
        state.statement = state.statement.options(*options)


def _option(mapper: Mapper[Any], actor: Actor) -> Any:  # noqa: ANN401 SQLAlchemy's loader option has no public type
    return with_loader_criteria(mapper.class_, criterion(mapper.class_, actor), include_aliases=True)


def criterion(model: type[Any], actor: Actor, action: str = "read") -> ColumnElement[bool]:
    """The SQL condition that a row of `model` must meet for the actor to do `action` to it."""
    scope = matrix.scope(actor, model.__tablename__, action)
    if scope is None:
        return false()
    if scope is Scope.ALL:
        return true()
    here: ColumnElement[bool] = model.department_id == actor.department_id
    if scope is Scope.DEPARTMENT:
        return here
    near: ColumnElement[bool] = here & or_(false(), *_nearer(model, actor, scope))
    entity = model.__entity__
    return near if entity.published is None else near & getattr(model, entity.state).in_(sorted(entity.published))


def criterion_matters(model: type[Any], actor: Actor) -> bool:
    """Whether the scope leaves anything out at all."""
    return hasattr(model, "__entity__") and matrix.scope(actor, model.__tablename__, "read") is not Scope.ALL


def _nearer(model: type[Any], actor: Actor, scope: Scope) -> list[ColumnElement[bool]]:
    entity = model.__entity__
    parts: list[ColumnElement[bool]] = []
    # Without a staff id the comparison would turn into "is null", and show what nobody owns.
    if entity.owner is not None and actor.staff_id is not None:
        parts.append(getattr(model, entity.owner) == actor.staff_id)
    if scope is Scope.TEAM and entity.team is not None:
        parts.append(getattr(model, entity.team).in_(sorted(actor.team_ids)))
    return parts


def named(statement: Executable) -> frozenset[Mapper[Any]]:
    """Every entity that a statement reads anywhere: a count or a subquery selects no entity and must be scoped too."""
    # By name: in a SELECT of an entity stands an annotated copy of its table, which is not the table itself.
    tables = {element.key for element in iterate(statement) if isinstance(element, Table)}  # type: ignore[arg-type]  # a SELECT can be walked
    return frozenset(mapper for key in tables if (mapper := _mapper_of(key)) is not None)


@cache
def _mapper_of(key: str) -> Mapper[Any] | None:
    mappers = Base.registry.mappers
    return next((m for m in mappers if isinstance(m.local_table, Table) and m.local_table.key == key), None)


@cache
def reachable(mappers: frozenset[Mapper[Any]]) -> tuple[Mapper[Any], ...]:
    """The entities of a statement and those that its joined loads may reach, in a stable order."""
    found = set(mappers)
    for _hop in range(HOPS):
        found |= {relation.mapper for mapper in found for relation in mapper.relationships}
    return tuple(sorted((m for m in found if hasattr(m.class_, "__entity__")), key=lambda m: m.class_.__name__))
