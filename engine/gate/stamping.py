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
    for name, default in _defaults(type(record)):
        if getattr(record, name) is None:
            setattr(record, name, default)


@cache
def _defaults(model: type[Any]) -> tuple[tuple[str, Any], ...]:
    """The columns that begin with a plain value, and that value."""
    defaults: list[tuple[str, Any]] = [(each.key, each.columns[0].default) for each in inspect(model).column_attrs]
    return tuple((name, default.arg) for name, default in defaults if default is not None and default.is_scalar)


def touch(record: Record) -> None:
    """Mark an edited record's moment."""
    record.updated_at = clock.now()
