"""A lease on a row: whoever holds it works; whoever dies lets it run out, and somebody else goes on."""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, literal, or_, select, update
from sqlalchemy.orm import Session

from models.job import Job, JobState, Lane
from models.types import Choice

LEASE = timedelta(seconds=30)
"""Renewed three times as often, by a thread beside the work."""

WAITING = literal(JobState.WAITING, Choice(JobState), literal_execute=True)
"""Written into the statement, not bound: a partial index is used only where the database sees the value."""


@dataclass(frozen=True)
class Claimed:
    """A row in hand. `holder` is a word that nobody else has: without it nothing is written to the row."""

    id: int
    holder: str
    task: str
    lane: str
    key: str
    args: Mapping[str, Any]
    account_id: int | None
    department_id: int | None
    request_id: str
    asked: int
    attempt: int
    at: datetime


def is_due(session: Session, lanes: Collection[Lane], now: datetime) -> bool:
    """Whether there is something to claim. Takes no lock: a free worker looks every second."""
    return session.connection().execute(_due(lanes, now).limit(1)).first() is not None


def claim(session: Session, lanes: Collection[Lane], now: datetime, number: int | None = None) -> Claimed | None:
    """Lease the row that is due first, or just row `number`; None when there is nothing. The caller commits.

    The attempt is counted here: work that kills its worker is given up in time, too.
    """
    query = _due(lanes, now).limit(1).with_for_update(skip_locked=True)
    if number is not None:
        query = query.where(Job.id == number)
    found = session.connection().execute(query).scalar_one_or_none()
    if found is None:
        return None
    holder = secrets.token_hex(16)
    taken = {"holder": holder, "leased_until": now + LEASE, "attempts": Job.attempts + 1, "started_at": now}
    session.connection().execute(update(Job).where(Job.id == found, *_free(now)).values(taken))
    row = session.connection().execute(select(Job.__table__).where(Job.id == found)).mappings().one()
    return _claimed(row, now) if row["holder"] == holder else None


def renew(session: Session, holders: Sequence[str], now: datetime) -> None:
    """Keep what is still being worked on. The caller commits."""
    mine = update(Job).where(Job.holder.in_(holders), Job.state == JobState.WAITING)
    session.connection().execute(mine.values(leased_until=now + LEASE))


def _due(lanes: Collection[Lane], now: datetime) -> Select[int]:
    wanted = sorted(lane.value for lane in lanes)
    query = select(Job.id).where(Job.state == WAITING, Job.lane.in_(wanted), Job.run_at <= now, *_free(now))
    return query.order_by(Job.run_at, Job.id)


def _free(now: datetime) -> list[ColumnElement[bool]]:
    return [or_(Job.leased_until.is_(None), Job.leased_until <= now)]


def _claimed(row: RowMapping, now: datetime) -> Claimed:
    return Claimed(
        id=row["id"],
        holder=row["holder"],
        task=row["task"],
        lane=row["lane"],
        key=row["key"],
        args=json.loads(row["args"]) if row["args"] else {},
        account_id=row["account_id"],
        department_id=row["department_id"],
        request_id=row["request_id"],
        asked=row["asked"],
        attempt=row["attempts"],
        at=now,
    )
