"""What a write changes, read before anything empties SQLAlchemy's history."""

from functools import cache
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import MANYTOONE, RelationshipProperty, Session, object_session

from engine.acting import seeing_all
from engine.audit import plain
from engine.rules import CREATE, DELETE, EDIT
from models.base import Record
from models.types import Encrypted

BOOKKEEPING = frozenset({"id", "version", "created_at", "created_by_id", "updated_at"})
Changes = dict[str, tuple[Any, Any]]


def written(session: Session) -> dict[Record, str]:
    """The policy records that the next flush writes, each with its moment: create, edit or delete."""
    found: dict[Record, str] = {}
    for record in session.new:
        if isinstance(record, Record):
            found[record] = CREATE
    for record in session.dirty:
        if isinstance(record, Record) and session.is_modified(record):
            found[record] = EDIT
    for record in session.deleted:
        if isinstance(record, Record):
            found[record] = DELETE
    return found


def changes_of(record: Record) -> Changes:
    """Column by column: the value before and the value to be written; columns that stay are left out."""
    state = inspect(record)
    if state.pending or state.transient:
        return _of_fresh(record) | _links(record)
    changes: Changes = {}
    unknown: dict[str, Any] = {}
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].load_history() if state.persistent else state.attrs[column.key].history
        if history.has_changes():
            before = history.deleted[0] if history.deleted else None
            after = history.added[0] if history.added else None
            if state.persistent and not history.deleted:
                unknown[column.key] = after
            elif before != after:
                changes[column.key] = (before, after)
    return changes | _stored_before(record, unknown) | _links(record)


def _stored_before(record: Record, written_over: dict[str, Any]) -> Changes:
    """Columns that were set before they were read, after a commit say: only the database knows what stood there."""
    session = object_session(record)
    if not written_over or session is None:
        return {}
    model = type(record)
    columns = [getattr(model, name) for name in written_over]
    with session.no_autoflush, seeing_all():
        stored = session.execute(select(*columns).where(model.id == record.id)).one()
    return {
        name: (before, after)
        for (name, after), before in zip(written_over.items(), stored, strict=True)
        if before != after
    }


def _of_fresh(record: Record) -> Changes:
    """What is not in the database yet had nothing before: asking for its history would cost an import dearly."""
    values = record.__dict__
    return {name: (None, value) for name in columns_of(type(record)) if (value := values.get(name)) is not None}


@cache
def columns_of(model: type[Any]) -> tuple[str, ...]:
    """The attributes of a model that are columns."""
    return tuple(column.key for column in inspect(model).column_attrs)


@cache
def _many_to_many(model: type[Any]) -> tuple[RelationshipProperty[Any], ...]:
    return tuple(relation for relation in inspect(model).relationships if relation.secondary is not None)


@cache
def _many_to_one(model: type[Any]) -> tuple[RelationshipProperty[Any], ...]:
    return tuple(relation for relation in inspect(model).relationships if relation.direction is MANYTOONE)


@cache
def _hidden(model: type[Any]) -> frozenset[str]:
    """The encrypted columns, by attribute."""
    columns = inspect(model).column_attrs
    return frozenset(column.key for column in columns if isinstance(column.columns[0].type, Encrypted))


def _links(record: Record) -> Changes:
    """Many-to-many relations, told by the titles of what was linked before and after."""
    state = inspect(record)
    changes: Changes = {}
    for relation in _many_to_many(type(record)):
        if relation.key not in state.dict:
            continue
        history = state.attrs[relation.key].history
        if history.has_changes():
            stay = [str(other) for other in history.unchanged]
            before = sorted(stay + [str(other) for other in history.deleted])
            changes[relation.key] = (before, sorted(stay + [str(other) for other in history.added]))
    return changes


def linked(record: Record) -> None:
    """Carry relations that were set as objects over to their foreign keys: rules see the keys before the flush."""
    state = inspect(record)
    for relation in _many_to_one(type(record)):
        if relation.key not in state.dict:
            continue
        history = state.attrs[relation.key].history
        if not history.has_changes():
            continue
        target = getattr(record, relation.key)
        for local, remote in relation.local_remote_pairs or ():
            key = state.mapper.get_property_by_column(local).key
            value = (
                getattr(target, inspect(type(target)).get_property_by_column(remote).key)
                if target is not None
                else None
            )
            if value is not None or target is None:
                setattr(record, key, value)


def for_audit(record: Record, changes: Changes) -> dict[str, Any]:
    """The changes in JSON's words; of an encrypted column only that it changed, never its text."""
    hidden = _hidden(type(record))
    return {
        name: ["•" if before else None, "•" if after else None] if name in hidden else [plain(before), plain(after)]
        for name, (before, after) in changes.items()
        if name not in BOOKKEEPING
    }
