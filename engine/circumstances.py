"""Gathers what rules may know of a batch of records: values in force, the calendar, what they asked to load."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from engine import clock
from engine.acting import current_act, seeing_all
from engine.packs import parameters
from engine.rules import Facts, Need
from engine.workdays import calendar_of
from models.base import Record
from models.organisation import Department

ZONES = "zones"
"""Key in `session.info`: time zones of departments already asked for."""


def zone_of(session: Session, department_id: int | None) -> str:
    """The department's time zone name; UTC when there is no department."""
    zones: dict[int, str] = session.info.setdefault(ZONES, {})
    if department_id is None:
        return "UTC"
    if department_id not in zones:
        with session.no_autoflush:
            department = session.get(Department, department_id)
        zones[department_id] = department.timezone if department else "UTC"
    return zones[department_id]


def today_in(session: Session, department_id: int | None) -> date:
    """The department's present day."""
    return clock.day_in(zone_of(session, department_id), clock.now())


def date_of(session: Session, record: Record) -> date:
    """The day whose values judge the record: its own `policy_date` or `policy_moment`, else when it was made."""
    own: date | None = getattr(record, "policy_date", None)
    moment: datetime = getattr(record, "policy_moment", None) or record.created_at or clock.now()
    return own or clock.day_in(zone_of(session, record.department_id), moment)


def facts_for(
    session: Session,
    records: Sequence[Any],
    given: Mapping[Any, Mapping[str, Any]] | None = None,
    changes: Mapping[Any, Mapping[str, tuple[Any, Any]]] | None = None,
    needs: Iterable[Need] = (),
) -> dict[Any, Facts]:
    """Facts for each record of a batch; each need is loaded once for all records, with the engine's own eyes."""
    act, now = current_act(), clock.now()
    with seeing_all(), session.no_autoflush:
        loaded = {need.name: need.load(session, records) for need in dict.fromkeys(needs)}
    return {
        record: Facts(
            actor=act.actor,
            now=now,
            today=clock.day_in(zone_of(session, record.department_id), now),
            calendar=calendar_of(session, record.department_id),
            zone=zone_of(session, record.department_id),
            changes=(changes or {}).get(record, {}),
            given=(given or {}).get(record, {}),
            parameters=partial(_value, session, record),
            answers={name: answers[record] for name, answers in loaded.items() if record in answers},
        )
        for record in records
    }


def _value(session: Session, record: Record, name: str) -> Any:  # noqa: ANN401 numbers, tables, lists
    return parameters.value(session, record.department_id, name, date_of(session, record))
