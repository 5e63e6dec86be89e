"""The rows behind each figure of a clause page."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import zone_of
from models.audit import Refusal, RuleTally
from models.obligation import UNDONE, Obligation, ObligationState


class Figure(StrEnum):
    """What a clause page counts in a month: writes, then obligations by what became of them."""

    KEPT = "kept"
    BROKEN = "broken"
    MET = "met"
    LATE = "late"
    OVERDUE = "overdue"
    OPEN = "open"


def first_and_last(month: str) -> tuple[date, date]:
    """The first and the last day of a month such as `2026-11`. Raises ValueError for anything else."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def moments(month: str, zone: str) -> tuple[datetime, datetime]:
    """When the month begins, and when the next one does, in the time zone: aware, the end not included."""
    first, last = first_and_last(month)
    begins, ends = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (first, last + timedelta(days=1)))
    return begins, ends


def became(figure: Figure, now: datetime) -> ColumnElement[bool]:
    """Which obligations a figure counts: met in time, met late, not met and past its time, or not yet due."""
    done, undone = Obligation.state == ObligationState.MET, Obligation.state.in_(UNDONE)
    late = Obligation.met_at > Obligation.due_at
    if figure is Figure.MET:
        return and_(done, or_(Obligation.met_at.is_(None), ~late))
    if figure is Figure.LATE:
        return and_(done, late)
    return and_(undone, Obligation.due_at <= now if figure is Figure.OVERDUE else Obligation.due_at > now)


def evidence(session: Session, department_id: int, clause: str, month: str, what: Figure) -> Select[Any]:
    """The query for the rows that a figure counts, newest first.

    Rules kept: RuleTally rows (`kept` each). Broken: Refusal rows. The others: Obligation rows. The reader's row scope
    applies when it is run. Raises ValueError for a month that is none.
    """
    begins, ends = moments(month, zone_of(session, department_id))
    if what is Figure.KEPT:
        first, last = first_and_last(month)
        tallies = select(RuleTally).where(
            RuleTally.department_id == department_id, RuleTally.clause == clause, RuleTally.day.between(first, last)
        )
        return tallies.where(RuleTally.kept > 0).order_by(RuleTally.day.desc(), RuleTally.rule)
    if what is Figure.BROKEN:
        refusals = select(Refusal).where(Refusal.department_id == department_id, Refusal.clause == clause)
        return refusals.where(Refusal.at >= begins, Refusal.at < ends).order_by(Refusal.at.desc(), Refusal.id.desc())
    # "By the end of the 30th" is the midnight that ends the month: it belongs to the month that it closes.
    obligations = select(Obligation).where(Obligation.department_id == department_id, Obligation.clause == clause)
    return obligations.where(Obligation.due_at > begins, Obligation.due_at <= ends, became(what, clock.now())).order_by(
        Obligation.due_at.desc(), Obligation.id.desc()
    )
