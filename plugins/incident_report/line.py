"""The reporting line: who stands above whom at this moment. Whoever has left is passed over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import need
from models.incident_report import IncidentReport
from models.organisation import Staff, StaffStatus


@dataclass(frozen=True)
class Line:
    """Who stands above somebody: the direct superior first, then everybody above."""

    direct: int | None = None
    above: Sequence[int] = field(default_factory=tuple)


NO_LINE = Line()


def line_above(session: Session, department_id: int, person_id: int | None) -> Line:
    """The reporting line of one person. It ends where it would run in a circle."""
    return line_of(superiors(session, {department_id}), person_id)


def superiors(session: Session, departments: set[int]) -> Mapping[int, int | None]:
    """Who stands directly above each; where that person has left, whoever stands above them."""
    rows = session.execute(
        select(Staff.id, Staff.superior_id, Staff.status).where(Staff.department_id.in_(departments))
    ).all()
    named = {person: superior for person, superior, _status in rows}
    gone = {person for person, _superior, status in rows if status is StaffStatus.LEFT}
    return {person: _first_here(named, gone, person) for person in named}


def _first_here(named: Mapping[int, int | None], gone: set[int], person: int) -> int | None:
    passed = {person}
    current = named.get(person)
    while current in gone and current not in passed:
        passed.add(current)
        current = named.get(current)
    return current if current not in gone else None


def line_of(superior: Mapping[int, int | None], person_id: int | None) -> Line:
    """Who stands above somebody, given who stands directly above each."""
    above: list[int] = []
    current = superior.get(person_id) if person_id is not None else None
    while current is not None and current not in above:
        above.append(current)
        current = superior.get(current)
    return Line(above[0] if above else None, tuple(above))


@need(default=NO_LINE)
def lines(session: Session, reports: Sequence[IncidentReport]) -> Mapping[IncidentReport, Line]:
    """For each report, who stands above its sender."""
    superior = superiors(session, {report.department_id for report in reports})
    return {report: line_of(superior, report.sender_id) for report in reports}
