"""Figures of service records: calls, answered, resolved, mean answer time, mean satisfaction (SVC-9).

They count what the reader may see.

Sums and counts come from the database as whole numbers, means are divided as decimals: no figure depends on rounding
inside a database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from engine.obligations.periods import Period, end_of, start_of
from models.service_record import ServiceRecord


class By(StrEnum):
    """What figures can be told apart by; the value is the record's column."""

    AGENT = "agent_id"
    TOPIC = "topic_id"
    CHANNEL = "channel_id"
    TEAM = "team_id"


@dataclass(frozen=True)
class Figures:
    """Counts and sums of some records. `timed` have a time to answer, `rated` a satisfaction from 1 to 5."""

    calls: int = 0
    answered: int = 0
    resolved: int = 0
    timed: int = 0
    answer_seconds: int = 0
    rated: int = 0
    satisfaction: int = 0

    @property
    def answer_rate(self) -> Decimal | None:
        """Answered of all calls, from 0 to 1; None without calls."""
        return _mean(self.answered, self.calls)

    @property
    def resolution_rate(self) -> Decimal | None:
        """Resolved of all calls, from 0 to 1; None without calls."""
        return _mean(self.resolved, self.calls)

    @property
    def mean_answer_seconds(self) -> Decimal | None:
        """Mean seconds to answer, over the calls that have one."""
        return _mean(self.answer_seconds, self.timed)

    @property
    def mean_satisfaction(self) -> Decimal | None:
        """Mean satisfaction, over the calls that were rated."""
        return _mean(self.satisfaction, self.rated)


def figures(session: Session, *where: ColumnElement[bool]) -> Figures:
    """The figures of every record that meets the conditions and that the reader may see."""
    return _figures(session.execute(select(*_sums()).where(*where)).one())


def figures_by(session: Session, by: By, *where: ColumnElement[bool]) -> dict[int | None, Figures]:
    """The same for each agent, topic, channel or team, by its id (None: records without one), most calls first."""
    key: Any = getattr(ServiceRecord, by.value)
    query = select(key, *_sums()).where(*where).group_by(key).order_by(func.count(ServiceRecord.id).desc(), key)
    return {row[0]: _figures(row[1:]) for row in session.execute(query)}


def figures_by_period(
    session: Session, periods: Sequence[Period], zone: str, *where: ColumnElement[bool]
) -> dict[Period, Figures]:
    """The same for each period, whose days begin and end in the time zone named `zone`."""
    return {period: figures(session, *happened_in(period, zone), *where) for period in periods}


def happened_in(period: Period, zone: str) -> tuple[ColumnElement[bool], ...]:
    """The condition that a contact happened in the period, whose days begin and end in `zone`."""
    return happened_between(start_of(period.first, zone), end_of(period.last, zone))


def happened_between(start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    """The condition that a contact happened from `start` on and before `end`, both aware."""
    return (ServiceRecord.occurred_at >= start, ServiceRecord.occurred_at < end)


def _sums() -> list[ColumnElement[Any]]:
    record = ServiceRecord
    return [
        func.count(record.id),
        func.sum(case((record.answered.is_(True), 1), else_=0)),
        func.sum(case((record.resolved.is_(True), 1), else_=0)),
        func.count(record.answer_seconds),
        func.sum(record.answer_seconds),
        func.count(record.satisfaction),
        func.sum(record.satisfaction),
    ]


def _figures(row: Sequence[Any]) -> Figures:
    return Figures(*(int(value or 0) for value in row))


def _mean(total: int, count: int) -> Decimal | None:
    return Decimal(total) / count if count else None
