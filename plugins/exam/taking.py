"""A sitting from its beginning to the hand-in: the server holds the time, and keeps each answer as it is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import consequences
from engine.errors import ConflictError
from engine.rules import Facts
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamAnswer, ExamSitting, SittingState
from models.question import QuestionKind
from models.words import _
from plugins.exam.items import Item
from plugins.exam.marking import points_for
from plugins.exam.papers import items_of

GRACE = timedelta(seconds=10)
"""How long after the end an answer that was on its way still counts."""
LONGEST = {QuestionKind.SHORT_ANSWER: 5000, QuestionKind.FILL_IN: 200}


class OverError(ConflictError):
    """The time is over, or the sitting was handed in: nothing more is taken."""


class HeldElsewhereError(ConflictError):
    """The exam goes on on another device or in another tab."""


@dataclass(frozen=True)
class Given:
    """An answer on its way: to which item, from which page (`holder`), and its `turn`, counted up by that page."""

    item: int
    answer: Sequence[str]
    turn: int
    holder: str


def begin(session: Session, sitting: ExamSitting, facts: Facts) -> None:
    """The time runs from now, by the server's clock, and not past the hour at which the exam closes for this person."""
    extra = timedelta(minutes=sitting.extra_minutes or 0)
    sitting.begun_at = facts.now
    ends = facts.now + timedelta(minutes=sitting.exam.minutes) + extra
    sitting.ends_at = ends if sitting.is_resit else min(ends, sitting.closes_at + extra)


def is_over(sitting: ExamSitting, now: datetime) -> bool:
    """Whether nothing more is taken."""
    if sitting.state is not SittingState.UNDER_WAY:
        return True
    return sitting.ends_at is not None and now > sitting.ends_at + GRACE


def take_over(session: Session, sitting: ExamSitting, holder: str) -> None:
    """From now on this page writes; any other is told so at its next word. The caller commits."""
    if sitting.holder != holder:
        with consequences():
            sitting.holder = holder
            session.flush()


def save_answer(session: Session, sitting: ExamSitting, given: Given) -> ExamAnswer:
    """Keep an answer the moment it is given. The caller commits.

    A late repetition of an older answer (its `turn` is behind) changes nothing. Raises OverError when the time is
    over, HeldElsewhereError when another page has taken over, ValueError for what is no answer to this item.
    """
    if is_over(sitting, clock.now()):
        raise OverError(_("The time is over. What you had answered by then is handed in."), sitting)
    if sitting.holder != given.holder:
        raise HeldElsewhereError(_("This exam goes on in another window or on another device."), sitting)
    item = next(
        (each for each in items_of(session, sitting.exam_id, sitting.attempt) if each.number == given.item), None
    )
    if item is None or not item.is_written:
        raise ValueError(given.item)
    answer = readable(item, given.answer)
    row = session.scalars(
        select(ExamAnswer).where(ExamAnswer.sitting_id == sitting.id, ExamAnswer.item == given.item)
    ).one_or_none()
    if row is None:
        row = ExamAnswer(sitting_id=sitting.id, item=given.item, writes=-1)
        session.add(row)
    if given.turn > row.writes:
        row.answer, row.writes, row.saved_at = answer, given.turn, clock.now()
    return row


def readable(item: Item, answer: Sequence[str]) -> list[str]:
    """The answer as it is kept. Raises ValueError for what is none to this item."""
    said = [str(each) for each in answer]
    allowed = {
        QuestionKind.SINGLE: (set(item.letters), 1),
        QuestionKind.MULTIPLE: (set(item.letters), len(item.options)),
        QuestionKind.TRUE_FALSE: ({"true", "false"}, 1),
    }.get(item.kind)
    if allowed is not None:
        choices, most = allowed
        if not set(said) <= choices or len(said) > most or len(set(said)) != len(said):
            raise ValueError(said)
        return sorted(said)
    most = item.blanks or 1
    if len(said) > most or any(len(each) > LONGEST[item.kind] or "\x00" in each for each in said):
        raise ValueError(said)
    return said


def hand_in(session: Session, sitting: ExamSitting, facts: Facts) -> None:
    """What was answered becomes a result: marked by itself as far as that goes, the rest waits for the trainer."""
    sitting.handed_in_at, sitting.holder = facts.now, None
    sitting.by_clock = sitting.ends_at is not None and facts.now > sitting.ends_at
    items = items_of(session, sitting.exam_id, sitting.attempt)
    marks = first_marks(items, answers_of(session, sitting), partial=sitting.exam.partial_credit)
    is_marked = all(mark["points"] is not None for mark in marks)
    session.add(
        ExamResult(
            department_id=sitting.department_id,
            exam=sitting.exam,
            sitting=sitting,
            staff_id=sitting.staff_id,
            attempt=sitting.attempt,
            taken_on=clock.day_in(facts.zone, sitting.begun_at or facts.now),
            marks=marks,
            marked_at=facts.now if is_marked else None,
            state=ResultState.RECORDED if is_marked else ResultState.TO_MARK,
        )
    )


def answers_of(session: Session, sitting: ExamSitting) -> Mapping[int, list[str]]:
    """What was answered so far, by item."""
    rows = session.scalars(select(ExamAnswer).where(ExamAnswer.sitting_id == sitting.id)).all()
    return {row.item: list(row.answer) for row in rows}


def first_marks(items: Sequence[Item], answers: Mapping[int, Sequence[str]], *, partial: bool) -> list[dict[str, Any]]:
    """The marks of a fresh hand-in: points where the key decides, none yet where the trainer does.

    A text that was left empty brings nothing, and nobody has to read it.
    """
    marks = []
    for item in items:
        answer = list(answers.get(item.number, ()))
        points = points_for(item, answer, partial=partial)
        if points is None and item.is_written and not any(text.strip() for text in answer):
            points = item.points * 0
        marks.append(
            {
                "item": item.number,
                "answer": answer,
                "points": None if points is None else f"{points:f}",
                "remark": "",
            }
        )
    return marks
