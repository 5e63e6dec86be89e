"""What the rules of sessions and enrolments have to know, loaded for a whole batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.rules import need
from models.course import Course
from models.organisation import Staff
from models.training_session import AWAITED, Enrolment, EnrolmentState, TrainingSession


@need()
def courses_taught(session: Session, records: Sequence[TrainingSession | Enrolment]) -> Mapping[object, Course]:
    """The course of each session or enrolment."""
    found = select(Course).where(Course.id.in_({each.course_id for each in records}))
    courses = {course.id: course for course in session.scalars(found)}
    return {each: courses[each.course_id] for each in records if each.course_id in courses}


GIVEN_UP = frozenset({EnrolmentState.EXCUSED, EnrolmentState.ABSENT, EnrolmentState.DROPPED})
"""Whoever does not come takes no place."""


@dataclass(frozen=True)
class Around:
    """What has to be known of an enrolment: its person, its session, and what else the person is to attend."""

    person: Staff | None
    training: TrainingSession | None
    others: Sequence[Enrolment]
    taken: int


@need()
def around(session: Session, enrolments: Sequence[Enrolment]) -> Mapping[Enrolment, Around]:
    """Everything around each enrolment, in four queries."""
    numbers = {each.staff_id for each in enrolments}
    people = {p.id: p for p in session.scalars(select(Staff).where(Staff.id.in_(numbers)))}
    places = {each.session_id for each in enrolments if each.session_id}
    sessions = {t.id: t for t in session.scalars(select(TrainingSession).where(TrainingSession.id.in_(places)))}
    rows = session.scalars(select(Enrolment).where(Enrolment.staff_id.in_(numbers), Enrolment.state.in_(AWAITED))).all()
    seats = select(Enrolment.session_id, func.count()).where(
        Enrolment.session_id.in_(places),
        Enrolment.state.not_in(GIVEN_UP),
        Enrolment.id.not_in([each.id for each in enrolments if each.id]),
    )
    taken = dict(session.execute(seats.group_by(Enrolment.session_id)).all())
    return {
        each: Around(
            people.get(each.staff_id),
            sessions.get(each.session_id or 0),
            [row for row in rows if row.staff_id == each.staff_id and row is not each],
            taken.get(each.session_id, 0) + _in_this_batch(each, enrolments),
        )
        for each in enrolments
    }


def _in_this_batch(enrolment: Enrolment, batch: Sequence[Enrolment]) -> int:
    return sum(each.session_id == enrolment.session_id for each in batch)
