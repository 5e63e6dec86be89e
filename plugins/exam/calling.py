"""Who is called to an exam: whoever takes part in its training, whoever joins late, whoever has to sit it again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import seeing_all
from engine.home_language import in_home_language
from engine.notices.inbox import notify
from engine.rules import Facts
from engine.transitions.performing import perform
from models.exam import Exam, ExamState
from models.exam_sitting import ExamSitting, SittingState
from models.organisation import Staff, StaffStatus
from models.training_session import Enrolment, EnrolmentState
from models.words import _
from plugins.exam.papers import items_of

TAKING_PART = frozenset({EnrolmentState.ENROLLED, EnrolmentState.ATTENDED, EnrolmentState.COMPLETED})


def open_sittings(session: Session, exam: Exam) -> None:
    """A sitting for everybody who takes part in the exam's session."""
    if exam.session_id is None:
        return
    with seeing_all():
        rows = session.scalars(
            select(Enrolment)
            .where(Enrolment.session_id == exam.session_id, Enrolment.state.in_(TAKING_PART))
            .order_by(Enrolment.id)
        ).all()
    for enrolment in rows:
        open_sitting(session, exam, enrolment.staff_id, enrolment_id=enrolment.id)


def call_late(session: Session, enrolments: Sequence[Enrolment]) -> None:
    """Whoever joins a training whose exam is published already is called to it as well."""
    for enrolment in enrolments:
        if enrolment.session_id is None or enrolment.state not in TAKING_PART:
            continue
        open_ = select(Exam).where(Exam.session_id == enrolment.session_id, Exam.state == ExamState.OPEN)
        for exam in session.scalars(open_).all():
            call(session, exam, [enrolment.staff_id])


def call(session: Session, exam: Exam, people: Iterable[int]) -> int:
    """Open the first attempt for these people; whoever has one already keeps it. How many were called."""
    with seeing_all():
        known = set(
            session.scalars(
                select(ExamSitting.staff_id).where(ExamSitting.exam_id == exam.id, ExamSitting.attempt == 1)
            )
        )
    fresh = [person for person in dict.fromkeys(people) if person not in known]
    for person in fresh:
        open_sitting(session, exam, person)
    return len(fresh)


def enrolled_in_the_course(session: Session, exam: Exam) -> list[int]:
    """Everybody who is enrolled in the exam's course and has not met its objective."""
    with seeing_all():
        return list(
            session.scalars(
                select(Enrolment.staff_id)
                .where(
                    Enrolment.course_id == exam.course_id,
                    Enrolment.objective_met.is_(False),
                    Enrolment.state.in_([EnrolmentState.ENROLLED, EnrolmentState.ATTENDED]),
                )
                .order_by(Enrolment.id)
            )
        )


def open_sitting(  # noqa: PLR0913 a sitting has that many sides
    session: Session,
    exam: Exam,
    staff_id: int,
    *,
    attempt: int = 1,
    closes_at: datetime | None = None,
    enrolment_id: int | None = None,
) -> ExamSitting:
    """A sitting that somebody is to take; a resit opens at once and has its own due date."""
    sitting = ExamSitting(
        department_id=exam.department_id,
        exam=exam,
        staff_id=staff_id,
        enrolment_id=enrolment_id,
        attempt=attempt,
        opens_at=exam.opens_at if attempt == 1 else clock.now(),
        closes_at=closes_at or exam.closes_at,
    )
    session.add(sitting)
    return sitting


def follow_the_candidate(session: Session, sittings: Sequence[ExamSitting]) -> None:
    """A sitting belongs to the candidate's team, keeps the exam's hours, and is the next attempt."""
    people = _people(session, (sitting.staff_id for sitting in sittings))
    for sitting in sittings:
        person = people.get(sitting.staff_id)
        sitting.team_id = person.team_id if person else None
        exam = sitting.exam or session.get(Exam, sitting.exam_id)
        if exam is not None:
            sitting.opens_at = sitting.opens_at or exam.opens_at
            sitting.closes_at = sitting.closes_at or exam.closes_at
            sitting.enrolment_id = sitting.enrolment_id or _enrolment_of(session, exam, sitting.staff_id)


def _enrolment_of(session: Session, exam: Exam, staff_id: int) -> int | None:
    """The newest of the person's enrolments in the course that is not finished."""
    return session.scalar(
        select(Enrolment.id)
        .where(
            Enrolment.course_id == exam.course_id,
            Enrolment.staff_id == staff_id,
            Enrolment.state.in_([EnrolmentState.ENROLLED, EnrolmentState.ATTENDED]),
        )
        .order_by(Enrolment.id.desc())
        .limit(1)
    )


def _people(session: Session, ids: Iterable[int]) -> Mapping[int, Staff]:
    wanted = {number for number in ids if number is not None}
    return {row.id: row for row in session.scalars(select(Staff).where(Staff.id.in_(wanted)))}


def tell_candidates(session: Session, sittings: Sequence[ExamSitting]) -> None:
    """Whoever is to take an exam hears of it; a practical without written questions goes to the trainer at once."""
    for sitting in sittings:
        exam = sitting.exam
        code = "exam.resit" if sitting.is_resit else "exam.opened"
        data = {"exam": exam.name, "opens_at": sitting.opens_at, "closes_at": sitting.closes_at}
        notify(session, exam.department_id, [sitting.staff_id], code, f"sitting:{sitting.id}", data, subject=sitting)
        items = items_of(session, exam.id, sitting.attempt)
        if items and not any(item.is_written for item in items):
            perform(session, sitting, "to_practical")


def let_go(session: Session, person: Staff) -> None:
    """Whoever has left takes no exam any more."""
    why = in_home_language(session, person.department_id, _("Left the department"))
    waiting = select(ExamSitting).where(ExamSitting.staff_id == person.id, ExamSitting.state == SittingState.ASSIGNED)
    for sitting in session.scalars(waiting).all():
        perform(session, sitting, "cancel", reason=why)


def tell_hours(session: Session, sitting: ExamSitting, facts: Facts) -> None:
    """The candidate hears when the exam can be taken now."""
    session.flush()
    data = {"opens_at": sitting.opens_at, "closes_at": sitting.closes_at}
    _tell(session, sitting, "exam.moved", data)


def tell_taken_off(session: Session, sitting: ExamSitting, facts: Facts) -> None:
    """The candidate hears that there is nothing to take, and why; whoever has left need not."""
    session.flush()
    if session.get_one(Staff, sitting.staff_id).status is not StaffStatus.LEFT:
        _tell(session, sitting, "exam.taken_off", {"reason": str(facts.given.get("reason") or "")})


def _tell(session: Session, sitting: ExamSitting, code: str, data: Mapping[str, Any]) -> None:
    key = f"sitting:{sitting.id}:{sitting.version}"
    told = {"exam": sitting.exam.name, **data}
    notify(session, sitting.department_id, [sitting.staff_id], code, key, told, subject=sitting)
