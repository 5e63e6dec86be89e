"""Opens the coming occurrences of weekly, monthly and yearly duties."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import zone_of
from engine.obligations.keeping import open_recurring
from engine.obligations.kinds import Recurring
from engine.obligations.periods import Period
from engine.packs import parameters
from engine.registry import registry
from models.obligation import Obligation
from models.organisation import Department


def open_periods(session: Session, now: datetime) -> int:
    """Make sure that the present and the coming periods of each recurring duty stand in the table; how many were opened.

    A duty whose pack the department has not adopted is not owed.
    """
    duties = [duty for duty in registry.duty_names.values() if isinstance(duty, Recurring)]
    known = set(session.execute(select(Obligation.department_id, Obligation.kind, Obligation.occurrence).where(
        Obligation.kind.in_([duty.name for duty in duties]))))
    opened = 0
    for department in session.scalars(select(Department)).all():
        today = clock.day_in(department.timezone, now)
        clauses = parameters.clauses_in_force(session, department.id)
        for duty in [duty for duty in duties if parameters.binds(duty.clause, clauses)]:
            for period in _coming(duty, today):
                if (department.id, duty.name, period.name) not in known:
                    opened += _open(session, department.id, duty, period)
    return opened


def _coming(duty: Recurring, today: date) -> Iterator[Period]:
    period = Period.containing(duty.every, today)
    for _ahead in range(duty.opens + 1):
        yield period
        period = period.next(duty.every)


def _open(session: Session, department_id: int, duty: Recurring, period: Period) -> int:
    value = partial(parameters.value, session, department_id, on=period.first)
    try:
        due = duty.due(period, value, zone_of(session, department_id))
    except parameters.UnknownParameterError:
        return 0
    if due <= clock.now() and period.first <= clock.now().date():
        # The department did not work with us when this fell due: it is not held against it.
        return 0
    open_recurring(session, department_id, duty, period.name, due)
    return 1
