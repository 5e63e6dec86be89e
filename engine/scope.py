"""Row scope, applied once: to every query the ORM runs, so that each screen and door shows the same rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Executable,
    Join,
    Select,
    Table,
    TableClause,
    TextClause,
    false,
    inspect,
    or_,
    select,
    true,
)
from sqlalchemy.orm import FromStatement, Mapper, ORMExecuteState, with_loader_criteria
from sqlalchemy.sql.selectable import AliasedReturnsRows
from sqlalchemy.sql.visitors import iterate

from engine.acting import Actor, reader
from engine.permissions import READ_DRAFT, Scope, matrix
from models.base import Base, Record

SCOPED = "scoped"
"""Execution option of a statement that the scope has been added to."""
KEPT = 2_000
"""So many conditions are remembered in each process: some dozens a person."""
HOPS = 2
"""How many relationships away from the queried entity a joined row may lie and still be scoped."""


def limit_rows(state: ORMExecuteState) -> None:
    """Session event: add the reader's scope to a SELECT for every entity it can reach.

    A SELECT that no scope reaches, of a bare table or in SQL's own words, goes without the mark SCOPED, and so no
    further than `engine.gate.reading`.
    """
    actor = reader()
    if actor is None:
        return
    if state.is_column_load:
        state.update_execution_options(**{SCOPED: True})
    if not state.is_select or state.is_column_load:
        return
    parts = list(iterate(state.statement))  # type: ignore[arg-type]  # a SELECT can be walked
    if reads_past_entities(state.statement, parts):
        return
    state.update_execution_options(**{SCOPED: True})
    options = [
        _option(mapper, actor, matrix.grants.state)
        for mapper in reachable(named(parts))
        if criterion_matters(mapper.class_, actor)
    ]
    if options:
        state.statement = state.statement.options(*options)


@lru_cache(KEPT)
def _option(mapper: Mapper[Any], actor: Actor, _state: object) -> Any:  # noqa: ANN401 SQLAlchemy's loader option has no public type
    return with_loader_criteria(mapper.class_, criterion(mapper.class_, actor), include_aliases=True)


def criterion(model: type[Any], actor: Actor, action: str = "read") -> ColumnElement[bool]:
    """The SQL condition that a row of `model` must meet for the actor to do `action` to it."""
    return _criterion(inspect(model), actor, action, matrix.grants.state)


@lru_cache(KEPT)
def _criterion(mapper: Mapper[Any], actor: Actor, action: str, _state: object) -> ColumnElement[bool]:
    # Nothing but these decides: what is worked out for one page holds for the next, until grants are added.
    model = mapper.class_
    if (whole := whole_of(mapper)) is not None:
        visible: ColumnElement[bool] = whole.key.in_(
            select(whole.model.id).where(criterion(whole.model, actor, action))
        )
        return visible
    scope = matrix.scope(actor, model.__tablename__, action)
    reached = _reached(model, actor, scope)
    if not _holds_drafts_back(model, actor, scope):
        return reached
    entity = model.__entity__
    published: ColumnElement[bool] = getattr(model, entity.state).in_(sorted(entity.published))
    drafts = matrix.scope(actor, model.__tablename__, READ_DRAFT)
    return reached & (published if drafts is None else published | _reached(model, actor, drafts))


def _reached(model: type[Any], actor: Actor, scope: Scope | None) -> ColumnElement[bool]:
    if scope is None:
        return false()
    if scope is Scope.ALL:
        return true()
    here: ColumnElement[bool] = model.department_id == actor.department_id
    return here if scope is Scope.DEPARTMENT else here & or_(false(), *_nearer(model, actor, scope))


def _holds_drafts_back(model: type[Any], actor: Actor, scope: Scope | None) -> bool:
    """Whether of what a grant reaches, the reader sees less while it is not published."""
    entity = getattr(model, "__entity__", None)
    if scope is None or entity is None or entity.published is None:
        return False
    drafts = matrix.scope(actor, model.__tablename__, READ_DRAFT)
    return drafts is None or drafts < scope


def criterion_matters(model: type[Any], actor: Actor) -> bool:
    """Whether the scope leaves anything out at all."""
    if (whole := whole_of(inspect(model))) is not None:
        return criterion_matters(whole.model, actor)
    if not hasattr(model, "__entity__"):
        return False
    scope = matrix.scope(actor, model.__tablename__, "read")
    return scope is not Scope.ALL or _holds_drafts_back(model, actor, scope)


def _nearer(model: type[Any], actor: Actor, scope: Scope) -> list[ColumnElement[bool]]:
    entity = model.__entity__
    parts: list[ColumnElement[bool]] = []
    # Without a staff id the comparison would turn into "is null", and show what nobody owns.
    if entity.owner is not None and actor.staff_id is not None:
        parts.append(getattr(model, entity.owner) == actor.staff_id)
    if actor.staff_id is not None:
        parts += [_is_involved(model, path, actor.staff_id) for path in entity.involved]
    if scope is Scope.LINE and entity.owner is not None:
        parts.append(getattr(model, entity.owner).in_(sorted(actor.line_ids)))
    if scope is Scope.TEAM and entity.team is not None:
        parts.append(getattr(model, entity.team).in_(sorted(actor.team_ids)))
    return parts


def _is_involved(model: type[Any], path: str, staff_id: int) -> ColumnElement[bool]:
    """Whether the person stands in a column of the row, or in a row that a relation leads to."""
    name, _dot, column = path.partition(".")
    found = getattr(model, name)
    if not column:
        return found == staff_id  # type: ignore[no-any-return]  # a column of any model
    relation = inspect(model).relationships[name]
    meets = getattr(relation.mapper.class_, column) == staff_id
    return found.any(meets) if relation.uselist else found.has(meets)  # type: ignore[no-any-return]  # of any model


def named(parts: Iterable[object]) -> frozenset[Mapper[Any]]:
    """Every entity that a statement reads anywhere: a count or a subquery selects no entity and must be scoped too."""
    # By name: in a SELECT of an entity stands an annotated copy of its table, which is not the table itself.
    tables = {part.key for part in parts if isinstance(part, Table)}
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
    return tuple(sorted((m for m in found if _is_scoped(m)), key=lambda m: m.class_.__name__))


def _is_scoped(mapper: Mapper[Any]) -> bool:
    return hasattr(mapper.class_, "__entity__") or whole_of(mapper) is not None


@dataclass(frozen=True)
class Whole:
    """The record of which rows are parts, and their key to it."""

    model: type[Any]
    key: Any


@cache
def whole_of(mapper: Mapper[Any]) -> Whole | None:
    """Of what the rows of a table without an entity are but parts: `__part_of__` names the relation.

    Whoever may read the record may read its parts, and nobody else.
    """
    name = getattr(mapper.class_, "__part_of__", None)
    if name is None:
        return None
    relation = mapper.relationships[name]
    (column,) = relation.local_columns
    return Whole(relation.mapper.class_, getattr(mapper.class_, mapper.get_property_by_column(column).key))


def reads_past_entities(statement: Executable, parts: Iterable[object]) -> bool:
    """Whether a SELECT reads a scoped table by other means than its entity: the bare table, its name, SQL in words."""
    if isinstance(statement, TextClause | FromStatement):
        return True
    return any(map(_is_bare, parts))


def _is_bare(element: Any) -> bool:  # noqa: ANN401 any part of a statement
    if isinstance(element, Select):
        return any(map(_is_bare_source, _sources(element)))
    if isinstance(element, TextClause):
        return "select" in element.text.lower()
    return False


def _sources(query: Select[Any]) -> list[Any]:
    """What a SELECT itself says that it reads from. Only SQLAlchemy's own attributes tell an entity from its table."""
    joined = [join[0] for join in query._setup_joins]  # noqa: SLF001 see above
    return [*query._from_obj, *joined, *query._raw_columns]  # noqa: SLF001 see above


def _is_bare_source(source: Any) -> bool:  # noqa: ANN401 any part of a statement
    if "parententity" in getattr(source, "_annotations", ()):
        return False
    match source:
        case TextClause():
            return True
        case Join():
            return _is_bare_source(source.left) or _is_bare_source(source.right)
        case AliasedReturnsRows():
            return _is_bare_source(source.element)
        case TableClause():
            return _is_scoped_table(source.name)
    return isinstance(source, ColumnElement) and any(map(_is_bare_column, iterate(source)))


def _is_bare_column(element: Any) -> bool:  # noqa: ANN401 any part of a statement
    is_bare = isinstance(element, ColumnClause) and element.table is not None and not element._annotations  # noqa: SLF001 see above
    return is_bare and _is_bare_source(element.table)


@cache
def _is_scoped_table(name: str) -> bool:
    mapper = _mapper_of(name)
    return mapper is not None and _is_scoped(mapper)


def is_limited(table: str, actor: Actor) -> bool:
    """Whether a table holds policy records, or parts of them, of which the actor may not read every one."""
    mapper = _mapper_of(table)
    if mapper is None or not (issubclass(mapper.class_, Record) or whole_of(mapper) is not None):
        return False
    return criterion_matters(mapper.class_, actor)
