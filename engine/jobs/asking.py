"""Asks for long work. The row stands or falls with whatever the caller writes in the same transaction."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import current_act
from engine.jobs.carrying import Carriage, Turn, turn_name
from engine.registry import registry
from models.job import Job, JobState

UNDONE = text("state = 'waiting'")
"""The predicate of the unique index, word for word: the database finds the index by it."""


def enqueue(
    session: Session, name: str, key: str, args: Mapping[str, Any] | None = None, *, at: datetime | None = None
) -> int:
    """Have the task `name` done with `args` (JSON), not before `at` (aware; default: now); the row's id.

    While work of the same `key` is undone there is no second row: it is brought forward, given these `args`, and done
    once more if it is being done just now. The asking account is kept, so that a task can act with its rights.
    The caller commits. Raises KeyError for a task that nobody declares.
    """
    return ask(session, _row(name, key, args, at or clock.now()))


def ask(session: Session, row: Mapping[str, Any]) -> int:
    """Write the row of a piece of work, or bring the undone one with its key forward; its id. The caller commits."""
    insert = _insert(session, row)
    sooner = case((Job.run_at < insert.excluded.run_at, Job.run_at), else_=insert.excluded.run_at)
    again = {"asked": Job.asked + 1, "attempts": 0, "run_at": sooner, "args": insert.excluded.args, "error": None}
    asked = insert.on_conflict_do_update(index_elements=["key"], index_where=UNDONE, set_=again)
    found = session.connection().execute(asked.returning(Job.id, Job.lane, Job.run_at, Job.asked, Job.attempts)).one()
    Carriage.carry(session, Turn(found.id, found.lane, found.run_at, turn_name(found.id, found.asked, found.attempts)))
    return int(found.id)


def ensure(session: Session, name: str, key: str, args: Mapping[str, Any] | None = None) -> bool:
    """Ask unless work of the same `key` is undone already; whether it was asked for. The caller commits."""
    undone = select(Job.id).where(Job.key == key, Job.state == JobState.WAITING)
    if session.connection().execute(undone).first() is not None:
        return False
    enqueue(session, name, key, args)
    return True


def _row(name: str, key: str, args: Mapping[str, Any] | None, at: datetime) -> dict[str, Any]:
    act = current_act()
    return {
        "task": name,
        "lane": registry.tasks[name].lane.value,
        "key": key,
        "args": json.dumps(args) if args else None,
        "department_id": act.actor.department_id,
        "account_id": act.actor.account_id,
        "request_id": act.request_id[:40],
        "state": JobState.WAITING,
        "asked": 1,
        "attempts": 0,
        "done": 0,
        "total": 0,
        "created_at": clock.now(),
        "run_at": at,
    }


def _insert(session: Session, row: Mapping[str, Any]) -> Any:  # noqa: ANN401 each dialect has its own insert
    dialect = postgresql if session.connection().dialect.name == "postgresql" else sqlite
    return dialect.insert(Job).values(row)
