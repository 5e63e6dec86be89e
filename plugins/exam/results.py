"""What a result comes to, and what follows once it is told: the objective met, a resit, or a retraining (TRN-6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import zone_of
from engine.notices.inbox import notify
from engine.obligations.periods import end_of
from engine.packs import parameters
from engine.rules import Facts
from engine.transitions.performing import perform
from models.exam import Exam, ExamForm
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamSitting, SittingState
from models.organisation import Staff
from models.question import QuestionKind
from models.training_session import AWAITED, Enrolment, EnrolmentReason, EnrolmentState
from models.words import _
from plugins.exam.items import Item, full_points
from plugins.exam.marking import score
from plugins.exam.papers import draw_paper, items_of
from plugins.exam.sittings import open_sitting

DEFAULTS = {"pass_mark": 80, "max_resits": 1, "resit_within_days": 14}
"""Where a department has adopted no pack with TRN-6: exams are passed there as well (TRN-3, TRN-5)."""


@dataclass(frozen=True)
class Mark:
    """One item of a result: what was answered, what it brought (None: not marked yet), and what the trainer said."""

    item: Item
    answer: Sequence[str]
    points: Decimal | None
    remark: str


def marks_of(session: Session, result: ExamResult) -> list[Mark]:
    """The marks beside the items they are for; none for a result that was recorded by hand."""
    by_number = {row["item"]: row for row in result.marks or []}
    items = items_of(session, result.exam_id, result.attempt) if by_number else []
    return [_mark(item, by_number[item.number]) for item in items if item.number in by_number]


def _mark(item: Item, row: Mapping[str, Any]) -> Mark:
    points = row["points"]
    return Mark(item, tuple(row["answer"]), None if points is None else Decimal(points), row.get("remark") or "")


def set_mark(
    result: ExamResult, number: int, points: Decimal | None, remark: str, ticked: Sequence[str] | None = None
) -> None:
    """Give an answer its points; of a practical also which lines of its check list were `ticked` (by letter).

    The caller commits: the gate looks whether they fit.
    """
    rows = [dict(row) for row in result.marks]
    for row in rows:
        if row["item"] == number:
            row["points"] = None if points is None else f"{points:f}"
            row["remark"] = remark
            if ticked is not None:
                row["answer"] = list(ticked)
    result.marks = rows


def fill_in_results(session: Session, results: Sequence[ExamResult]) -> None:
    """What follows from exam, person and marks: team, course, enrolment, pass mark, score, passed."""
    exams = _by_id(session, Exam, {row.exam_id for row in results})
    people = _by_id(session, Staff, {row.staff_id for row in results})
    sittings = _sittings(session, results)
    for result in results:
        exam, person = exams.get(result.exam_id), people.get(result.staff_id)
        if exam is None or person is None:
            continue
        result.attempt = result.attempt or 1
        sitting = sittings.get((result.exam_id, result.staff_id, result.attempt))
        result.number = f"{result.exam_id}-{result.staff_id}-{result.attempt}"
        result.team_id, result.course_id = person.team_id, exam.course_id
        result.sitting_id = result.sitting_id or (sitting.id if sitting else None)
        result.enrolment_id = (sitting.enrolment_id if sitting else None) or result.enrolment_id
        result.taken_on = result.taken_on or clock.day_in(zone_of(session, exam.department_id), exam.opens_at)
        result.pass_mark = _pass_mark(session, result, sitting)
        _score(session, result)


def _by_id(session: Session, model: type[Any], ids: set[int]) -> dict[int, Any]:
    return {row.id: row for row in session.scalars(select(model).where(model.id.in_(ids)))}


def _sittings(session: Session, results: Sequence[ExamResult]) -> dict[tuple[int, int, int], ExamSitting]:
    rows = session.scalars(
        select(ExamSitting).where(
            ExamSitting.exam_id.in_({row.exam_id for row in results}),
            ExamSitting.staff_id.in_({row.staff_id for row in results}),
        )
    )
    return {(row.exam_id, row.staff_id, row.attempt): row for row in rows}


def _pass_mark(session: Session, result: ExamResult, sitting: ExamSitting | None) -> int:
    """The candidate's own by arrangement, else the one in force on the day of the exam."""
    if sitting is not None and sitting.own_pass_mark is not None:
        return sitting.own_pass_mark
    return pass_mark_on(session, result.department_id, result.taken_on)


def pass_mark_on(session: Session, department_id: int, day: date) -> int:
    """The pass mark in force on a day."""
    return setting(session, department_id, "pass_mark", day)


def setting(session: Session, department_id: int, name: str, day: date) -> int:
    """A parameter of TRN-6 in force on a day."""
    try:
        return int(parameters.value(session, department_id, name, day))
    except parameters.UnknownParameterError:
        return DEFAULTS[name]


def _score(session: Session, result: ExamResult) -> None:
    """The score of a marked sitting follows from its marks; one that was recorded by hand stands as it is."""
    marks = marks_of(session, result) if result.state is not ResultState.TOLD else []
    if marks:
        result.score = _scored(marks)
        result.practical_score = _scored([mark for mark in marks if mark.item.kind is QuestionKind.PRACTICAL])
    result.passed = None if result.score is None else result.score >= result.pass_mark


def _scored(marks: Sequence[Mark]) -> Decimal | None:
    points = [mark.points for mark in marks]
    if not points or None in points:
        return None
    return score([each for each in points if each is not None], full_points([mark.item for mark in marks]))


def settle_sittings(session: Session, results: Sequence[ExamResult]) -> None:
    """A result that was recorded by hand or imported ends the sitting that waited for it."""
    for result in results:
        sitting = result.sitting
        if sitting is not None and sitting.state in {SittingState.ASSIGNED, SittingState.UNDER_WAY}:
            perform(session, sitting, "record")


# Telling


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
                    remark=str(_("Not taken")),
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
        perform(session, sitting, "cancel", reason=str(_("The exam was passed.")))


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
    if open_ is None:
        session.add(
            Enrolment(
                department_id=result.department_id,
                course_id=result.course_id,
                staff_id=result.staff_id,
                team_id=result.team_id,
                reason=EnrolmentReason.RETRAINING,
                grounds=str(result.exam.name)[:400],
                state=EnrolmentState.ENROLLED,
            )
        )
        session.flush()


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
