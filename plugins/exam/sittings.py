"""A sitting from its opening to the hand-in: the server holds the time, and keeps each answer as it is given."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import consequences, seeing_all
from engine.errors import ConflictError, PolicyError
from engine.notices.inbox import notify
from engine.rules import Facts
from engine.transitions.performing import perform
from models.exam import Exam, ExamForm, ExamState
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamAnswer, ExamSitting, SittingState
from models.organisation import Staff
from models.question import QuestionKind
from models.training_session import Enrolment, EnrolmentState
from models.words import _
from plugins.exam.items import Item
from plugins.exam.marking import points_for
from plugins.exam.papers import items_of

GRACE = timedelta(seconds=10)
"""How long after the end an answer that was on its way still counts."""
TAKING_PART = frozenset({EnrolmentState.ENROLLED, EnrolmentState.ATTENDED, EnrolmentState.COMPLETED})
log = logging.getLogger(__name__)
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


# Taking it


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


# By the clock


def settle_by_clock(session: Session, now: datetime) -> int:
    """Hand in what ran out of time, and note who let the exam's hours pass; how many sittings were settled.

    One that cannot be settled is left for the next time and keeps no other from it.
    """
    over = select(ExamSitting).where(ExamSitting.state == SittingState.UNDER_WAY, ExamSitting.ends_at < now - GRACE)
    missed = (
        select(ExamSitting)
        .join(ExamSitting.exam)
        .where(
            ExamSitting.state == SittingState.ASSIGNED,
            ExamSitting.attempt == 1,
            ExamSitting.closes_at < now,
            Exam.form == ExamForm.ONLINE,
            Exam.state == ExamState.OPEN,
        )
    )
    return _each(session, over, "hand_in") + _each(session, missed, "miss")


def _each(session: Session, query: Select[Any], move: str) -> int:
    done = 0
    for sitting in session.scalars(query.order_by(ExamSitting.id)).all():
        try:
            with session.begin_nested():
                perform(session, sitting, move)
        except (PolicyError, ConflictError):
            log.exception("sitting %s: %s by the clock failed", sitting.id, move)
        else:
            done += 1
    return done


def tell_of_missing(session: Session, sitting: ExamSitting, facts: Facts) -> None:
    """The candidate, their superior and the trainer hear that the exam was not taken."""
    told = [sitting.staff_id, sitting.staff.superior_id, sitting.exam.trainer_id]
    data = {"exam": sitting.exam.name, "person": sitting.staff.label, "closes_at": sitting.closes_at}
    key = f"missed:{sitting.id}:{sitting.closes_at.isoformat()}"
    notify(
        session,
        sitting.department_id,
        [person for person in told if person],
        "exam.missed",
        key,
        data,
        subject=sitting,
    )
