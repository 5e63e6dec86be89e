"""What follows once a result is told: the objective met, a resit, or a retraining (TRN-6)."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.home_language import in_home_language
from engine.notices.inbox import notify
from engine.obligations.periods import end_of
from engine.rules import Facts
from engine.transitions.performing import perform
from models.course import Course
from models.exam import Exam, ExamForm
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamSitting, SittingState
from models.organisation import Staff
from models.training_session import AWAITED, Enrolment, EnrolmentReason, EnrolmentState
from models.words import _
from plugins.exam.calling import open_sitting
from plugins.exam.papers import draw_paper
from plugins.exam.results import setting


def tell_all(session: Session, exam: Exam, facts: Facts) -> None:
    """Everybody's result at once. Whoever let the exam's hours pass without an arrangement has scored nothing."""
    exam.told_at = facts.now
    _score_the_missing(session, exam)
    session.flush()
    ready = select(ExamResult).where(ExamResult.exam_id == exam.id, ExamResult.state == ResultState.RECORDED)
    for result in session.scalars(ready.order_by(ExamResult.id)).all():
        perform(session, result, "tell")


def _score_the_missing(session: Session, exam: Exam) -> None:
    missing = select(ExamSitting).where(ExamSitting.exam_id == exam.id, ExamSitting.state == SittingState.MISSED)
    known = set(session.scalars(select(ExamResult.sitting_id).where(ExamResult.exam_id == exam.id)))
    for sitting in session.scalars(missing).all():
        if sitting.id not in known:
            session.add(
                ExamResult(
                    department_id=exam.department_id,
                    exam=exam,
                    sitting=sitting,
                    staff_id=sitting.staff_id,
                    attempt=sitting.attempt,
                    score=Decimal(0),
                    remark=in_home_language(session, exam.department_id, _("Not taken")),
                )
            )


def tell(session: Session, result: ExamResult, facts: Facts) -> None:
    """The candidate hears it; then the objective is met, or a resit opens, or after the last one a retraining."""
    result.told_at = facts.now
    session.flush()
    _carry_practical(session, result)
    data = {"exam": result.exam.name, "score": result.score, "pass_mark": result.pass_mark}
    code = "exam.passed" if result.passed else "exam.failed"
    key = f"result:{result.id}:{result.score}"
    notify(session, result.department_id, [result.staff_id], code, key, data, subject=result)
    if result.passed:
        meet_objective(session, result)
    else:
        open_next_chance(session, result, facts)


def _carry_practical(session: Session, result: ExamResult) -> None:
    """The practical's score stands with the enrolment, where the training's effect is evaluated (TRN-7)."""
    if result.practical_score is None or result.enrolment_id is None:
        return
    enrolment = session.get_one(Enrolment, result.enrolment_id)
    if enrolment.state is EnrolmentState.ATTENDED:
        enrolment.practical_score = result.practical_score
        session.flush()


def meet_objective(session: Session, result: ExamResult) -> None:
    """Passing meets the objective of every enrolment in the course that was attended or needs no session."""
    taken_up = select(Enrolment).where(
        Enrolment.staff_id == result.staff_id,
        Enrolment.course_id == result.course_id,
        or_(
            Enrolment.state == EnrolmentState.ATTENDED,
            (Enrolment.state == EnrolmentState.ENROLLED) & Enrolment.session_id.is_(None),
        ),
    )
    for enrolment in session.scalars(taken_up).all():
        perform(session, enrolment, "complete")
    later = select(ExamSitting).where(
        ExamSitting.exam_id == result.exam_id,
        ExamSitting.staff_id == result.staff_id,
        ExamSitting.attempt > result.attempt,
        ExamSitting.state == SittingState.ASSIGNED,
    )
    for sitting in session.scalars(later).all():
        why = in_home_language(session, sitting.department_id, _("The exam was passed."))
        perform(session, sitting, "cancel", reason=why)


def take_back(session: Session, result: ExamResult, told_at: datetime) -> None:
    """What a pass that was none had met since it was told is owed again, unless another pass stands."""
    others = select(ExamResult.id).where(
        ExamResult.staff_id == result.staff_id,
        ExamResult.course_id == result.course_id,
        ExamResult.id != result.id,
        ExamResult.state == ResultState.TOLD,
        ExamResult.passed.is_(True),
    )
    if session.scalar(others.limit(1)) is not None:
        return
    completed = select(Enrolment).where(
        Enrolment.staff_id == result.staff_id,
        Enrolment.course_id == result.course_id,
        Enrolment.state == EnrolmentState.COMPLETED,
        Enrolment.completed_at >= told_at,
    )
    for enrolment in session.scalars(completed).all():
        perform(session, enrolment, "reopen" if enrolment.session_id is not None else "resume")


def open_next_chance(session: Session, result: ExamResult, facts: Facts) -> None:
    """A resit while there is one left, due within the days set; after the last one the training itself again."""
    if result.attempt <= setting(session, result.department_id, "max_resits", result.taken_on):
        _open_resit(session, result, facts)
    else:
        _open_retraining(session, result)


def _open_resit(session: Session, result: ExamResult, facts: Facts) -> None:
    """Due so many days after the person was told: a late result takes nothing from the time to prepare."""
    exam, attempt = result.exam, result.attempt + 1
    there = session.scalar(
        select(ExamSitting.id).where(
            ExamSitting.exam_id == exam.id, ExamSitting.staff_id == result.staff_id, ExamSitting.attempt == attempt
        )
    )
    if there is not None:
        return
    if exam.form is ExamForm.ONLINE:
        draw_paper(session, exam, attempt)
    days = setting(session, result.department_id, "resit_within_days", result.taken_on)
    due = end_of(facts.today + timedelta(days=days), facts.zone)
    former = result.sitting
    sitting = open_sitting(
        session, exam, result.staff_id, attempt=attempt, closes_at=due, enrolment_id=result.enrolment_id
    )
    if former is not None:
        sitting.extra_minutes, sitting.own_pass_mark = former.extra_minutes, former.own_pass_mark
        sitting.arrangement = former.arrangement
    session.flush()


def _open_retraining(session: Session, result: ExamResult) -> None:
    """A new enrolment in the same course. One that is still open stands first: see `after_attendance`."""
    open_ = session.scalar(
        select(Enrolment.id)
        .where(
            Enrolment.staff_id == result.staff_id,
            Enrolment.course_id == result.course_id,
            Enrolment.state.in_(AWAITED),
        )
        .limit(1)
    )
    if open_ is not None or not _is_taught(session, result):
        return
    enrolment = Enrolment(
        department_id=result.department_id,
        course_id=result.course_id,
        staff_id=result.staff_id,
        team_id=result.team_id,
        reason=EnrolmentReason.RETRAINING,
        grounds=str(result.exam.name)[:400],
        state=EnrolmentState.ENROLLED,
    )
    session.add(enrolment)
    session.flush()
    data = {"exam": result.exam.name, "course": dict(result.course.name)}
    key, people = f"retraining:{enrolment.id}", [result.staff_id]
    notify(session, result.department_id, people, "exam.retraining", key, data, subject=enrolment)


def _is_taught(session: Session, result: ExamResult) -> bool:
    course, person = session.get_one(Course, result.course_id), session.get_one(Staff, result.staff_id)
    return course.takes(person)


def after_attendance(session: Session, enrolment: Enrolment) -> None:
    """What a result that was told before the attendance was recorded brings: the objective met, or the retraining."""
    newest = session.scalars(
        select(ExamResult)
        .where(ExamResult.enrolment_id == enrolment.id, ExamResult.state == ResultState.TOLD)
        .order_by(ExamResult.attempt.desc())
        .limit(1)
    ).one_or_none()
    if newest is None:
        return
    if newest.passed:
        perform(session, enrolment, "complete")
    elif newest.attempt > setting(session, newest.department_id, "max_resits", newest.taken_on):
        _open_retraining(session, newest)
