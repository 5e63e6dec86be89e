"""What a result comes to: its marks, its score, and whether that is a pass (TRN-6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import zone_of
from engine.packs import parameters
from engine.transitions.performing import perform
from models.exam import Exam
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamSitting, SittingState
from models.organisation import Staff
from models.question import QuestionKind
from plugins.exam.items import Item, full_points
from plugins.exam.marking import score
from plugins.exam.papers import items_of

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
