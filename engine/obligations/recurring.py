"""Opens the coming occurrences of weekly, monthly and yearly duties."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.obligations.keeping import open_recurring
from engine.obligations.kinds import Recurring
from engine.obligations.periods import Period, start_of
from engine.packs import parameters
from engine.registry import registry
from models.obligation import Obligation
from models.organisation import Department

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opening:
    """One occurrence that is to be opened: from which moment on, and when it falls due."""

    department_id: int
    duty: Recurring
    period: Period
    opens_at: datetime
    due_at: datetime


def open_periods(session: Session, now: datetime) -> int:
    """Make sure that the present and the coming periods of each recurring duty stand in the table; answers how many.

    A duty whose pack the department has not adopted is not owed. Periods that passed while nothing ran are opened late.
    """
    found = list(openings(session, now, now))
    for opening in found:
        open_recurring(session, opening.department_id, opening.duty, opening.period.name, opening.due_at)
    return len(found)


def openings(session: Session, now: datetime, until: datetime) -> Iterator[Opening]:
    """What is to be opened from `now` to `until`, without opening it. A duty that cannot say when is logged."""
    duties = [duty for duty in registry.duty_names.values() if isinstance(duty, Recurring)]
    latest = _latest(session, duties)
    for department in session.scalars(select(Department).order_by(Department.id)).all():
        for duty in duties:
            last = latest.get((department.id, duty.name))
            for period in _missing(
                duty, last, clock.day_in(department.timezone, now), clock.day_in(department.timezone, until)
            ):
                due = _due(session, department, duty, period)
                # What fell due before a department worked with us is not held against it.
                if due is not None and (last is not None or due > now):
                    opens = max(now, start_of(_opener(duty, period).first, department.timezone))
                    yield Opening(department.id, duty, period, opens, due)


def _latest(session: Session, duties: list[Recurring]) -> Mapping[tuple[int, str], str]:
    """The last occurrence of each duty in each department. Names of periods sort as the periods do.

    A look-up in the index for each: gathering them in groups would walk over everything that was ever owed.
    """
    newest = [
        select(func.max(Obligation.occurrence))
        .where(Obligation.department_id == Department.id, Obligation.kind == duty.name)
        .scalar_subquery()
        for duty in duties
    ]
    found = session.execute(select(Department.id, *newest)).all()
    return {
        (department, duty.name): last
        for department, *lasts in found
        for duty, last in zip(duties, lasts, strict=True)
        if last is not None
    }


def _missing(duty: Recurring, last: str | None, today: date, horizon: date) -> list[Period]:
    """The periods after `last` (without it, from the present one on) up to those that open by the day `horizon`."""
    first = Period.containing(duty.every, today)
    while last is not None and first.name > last:
        first = first.previous(duty.every)
    end = Period.containing(duty.every, horizon)
    for _ahead in range(duty.opens):
        end = end.next(duty.every)
    found, period = [], first
    while period.first <= end.first:
        if last is None or period.name > last:
            found.append(period)
        period = period.next(duty.every)
    return found


def _opener(duty: Recurring, period: Period) -> Period:
    """The period with whose beginning `period` is opened."""
    for _ahead in range(duty.opens):
        period = period.previous(duty.every)
    return period


def _due(session: Session, department: Department, duty: Recurring, period: Period) -> datetime | None:
    value = partial(parameters.value, session, department.id, on=period.first)
    try:
        return duty.due(period, value, department.timezone)
    except parameters.UnknownParameterError:
        return None
    except Exception:
        # A value that one duty cannot read must not keep the others from being opened.
        log.exception("%s cannot say when it is due", duty.name)
        return None
