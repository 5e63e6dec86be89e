"""Who has learnt what: the cells of the matrix, and everything about one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin_views.formats import today
from engine.acting import current_act, seeing_all
from engine.database import db
from engine.packs import parameters
from engine.scope import criterion
from models.certificate import Certificate
from models.course import Course
from models.exam_result import ExamResult, ResultState
from models.learning_resource import LearningRecord
from models.organisation import Department, Staff, StaffStatus, Team
from models.training_session import Enrolment, EnrolmentState

ACT = "transcript"
HERE = (StaffStatus.TRAINEE, StaffStatus.ON_POST, StaffStatus.SUSPENDED)
DEDUCTION = "absence_deduction"
"""What an unexcused absence takes from the attitude indicator, where the rulebook says so (TRN-4)."""
FIRST = (EnrolmentState.COMPLETED, EnrolmentState.ATTENDED)
"""What counts most when somebody took a course more than once; otherwise the latest counts."""


@dataclass(frozen=True)
class Row:
    """A person with their enrolment in each course, in the order of the columns."""

    person: Staff
    cells: Sequence[Enrolment | None]
    done: int


@dataclass(frozen=True)
class Transcript:
    """All of one person's training."""

    person: Staff
    department: Department
    enrolments: Sequence[Enrolment]
    results: Sequence[ExamResult]
    certificates: Sequence[Certificate]
    learning: Sequence[LearningRecord]
    hours: Decimal
    absences: int
    deduction: int | None


def teams_in_reach() -> Sequence[Team]:
    """The teams of whose people the reader may see the training."""
    reach = select(Staff.team_id).where(criterion(Staff, current_act().actor, ACT))
    return db.session.scalars(select(Team).where(Team.id.in_(reach)).order_by(Team.name)).all()


def people_in_reach(team: Team | None) -> Sequence[Staff]:
    """Those of them who are here, of one team or of all."""
    query = select(Staff).where(Staff.status.in_(HERE), criterion(Staff, current_act().actor, ACT))
    if team is not None:
        query = query.where(Staff.team_id == team.id)
    return db.session.scalars(query.order_by(Staff.status.desc(), Staff.number)).all()


def taught() -> Sequence[Course]:
    """The columns: onboarding first."""
    query = select(Course).where(Course.retired.is_(False))
    return db.session.scalars(query.order_by(Course.is_onboarding.desc(), Course.category, Course.code)).all()


def rows_of(people: Sequence[Staff], courses: Sequence[Course]) -> list[Row]:
    """One query for all cells."""
    query = select(Enrolment).where(
        Enrolment.staff_id.in_([person.id for person in people]), Enrolment.state != EnrolmentState.DROPPED
    )
    best: dict[tuple[int, int], Enrolment] = {}
    for each in db.session.scalars(query.order_by(Enrolment.id)):
        standing = best.get((each.staff_id, each.course_id))
        if standing is None or standing.state not in FIRST or each.state in FIRST:
            best[each.staff_id, each.course_id] = each
    rows = []
    for person in people:
        cells = [best.get((person.id, course.id)) for course in courses]
        done = sum(cell is not None and cell.state is EnrolmentState.COMPLETED for cell in cells)
        rows.append(Row(person, cells, done))
    return rows


def transcript_of(person: Staff) -> Transcript:
    """Everything that is recorded; whoever may see the record sees all of it but untold results."""
    with seeing_all():
        taken = (joinedload(Enrolment.course), joinedload(Enrolment.session))
        enrolments = _all(Enrolment, person, Enrolment.id.desc(), *taken)
        results = _all(ExamResult, person, ExamResult.taken_on.desc(), joinedload(ExamResult.exam))
        certificates = _all(Certificate, person, Certificate.issued_on.desc())
        learning = _all(LearningRecord, person, LearningRecord.opened_at.desc(), joinedload(LearningRecord.resource))
        department = db.session.get_one(Department, person.department_id)
    came = [one for one in enrolments if one.state in FIRST]
    absences = sum(one.state is EnrolmentState.ABSENT for one in enrolments)
    return Transcript(
        person=person,
        department=department,
        enrolments=[one for one in enrolments if one.state is not EnrolmentState.DROPPED],
        results=[one for one in results if one.state is ResultState.TOLD],
        certificates=certificates,
        learning=learning,
        hours=sum((one.course.hours for one in came), Decimal(0)),
        absences=absences,
        deduction=_deduction(person, absences),
    )


def _all(model: Any, person: Staff, order: Any, *loads: Any) -> Sequence[Any]:
    return db.session.scalars(select(model).where(model.staff_id == person.id).options(*loads).order_by(order)).all()


def _deduction(person: Staff, absences: int) -> int | None:
    try:
        each = parameters.value(db.session(), person.department_id, DEDUCTION, today())
    except parameters.UnknownParameterError:
        return None
    return int(each) * absences
