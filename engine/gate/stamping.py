"""Who and when on each record, filled in by the gate and by nobody else."""

from functools import cache
from typing import Any

from sqlalchemy import inspect

from engine import clock
from engine.acting import current_act
from models.base import Record


def stamp(record: Record) -> None:
    """Fill a fresh record's department, moments, author and column defaults: rules judge what will be stored."""
    act, now = current_act(), clock.now()
    if record.department_id is None:
        record.department_id = act.actor.department_id
    record.created_at = record.created_at or now
    record.updated_at = now
    if record.created_by_id is None:
        record.created_by_id = act.actor.staff_id
    said = inspect(record).dict
    for name, default, may_be_empty in _defaults(type(record)):
        # Left empty on purpose stays empty, where the column allows it.
        if getattr(record, name) is None and not (may_be_empty and name in said):
            setattr(record, name, default)


@cache
def _defaults(model: type[Any]) -> tuple[tuple[str, Any, bool], ...]:
    """The columns that begin with a plain value, that value, and whether the column may be empty."""
    columns: list[tuple[str, Any]] = [(each.key, each.columns[0]) for each in inspect(model).column_attrs]
    begun = [(name, column) for name, column in columns if column.default is not None and column.default.is_scalar]
    return tuple((name, column.default.arg, bool(column.nullable)) for name, column in begun)


def touch(record: Record) -> None:
    """Mark an edited record's moment."""
    record.updated_at = clock.now()
