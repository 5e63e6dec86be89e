"""From the drawn paper to the told results."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import Facts
from engine.transitions.kinds import Transition
from engine.transitions.performing import perform
from models.exam import Exam, ExamForm, ExamState
from models.exam_sitting import ExamSitting, SittingState
from models.words import _
from plugins.exam import calling, telling
from plugins.exam.exam_guards import (
    bank_holds_enough,
    everybody_is_done,
    everything_is_marked,
    hours_lie_ahead,
    new_closing_lies_ahead,
    rule_asks_for_questions,
    teller_is_no_candidate,
)
from plugins.exam.papers import draw_paper, fresh_seed
from plugins.exam.sitting_moves import HOURS, REASON, UNFINISHED


def _publish(session: Session, exam: Exam, facts: Facts) -> None:
    """The paper is drawn, and whoever takes part in the training is to take the exam."""
    exam.published_at, exam.seed = facts.now, exam.seed or fresh_seed()
    session.flush()
    if exam.form is ExamForm.ONLINE:
        draw_paper(session, exam, 1)
    calling.open_sittings(session, exam)


def _cancel(session: Session, exam: Exam, facts: Facts) -> None:
    session.flush()
    open_ = select(ExamSitting).where(ExamSitting.exam_id == exam.id, ExamSitting.state.in_(UNFINISHED))
    for sitting in session.scalars(open_).all():
        perform(session, sitting, "cancel", reason=str(facts.given.get("reason") or ""))


def _reschedule(session: Session, exam: Exam, facts: Facts) -> None:
    """Whoever has not begun has the new hours, also who missed the former ones."""
    session.flush()
    waiting = select(ExamSitting).where(
        ExamSitting.exam_id == exam.id,
        ExamSitting.attempt == 1,
        ExamSitting.state.in_([SittingState.ASSIGNED, SittingState.MISSED]),
    )
    for sitting in session.scalars(waiting).all():
        perform(session, sitting, "move", opens_at=exam.opens_at, closes_at=exam.closes_at)


DRAFT, OPEN = frozenset({ExamState.DRAFT}), frozenset({ExamState.OPEN})
EXAM_MOVES = (
    Transition(
        "publish",
        Exam,
        DRAFT,
        ExamState.OPEN,
        _("Draw the paper and publish"),
        "TRN-6",
        guards=(rule_asks_for_questions, bank_holds_enough, hours_lie_ahead),
        effect=_publish,
        tone="good",
        confirm=_("The paper is drawn now and stands from then on. Everybody who takes part is told. Go on?"),
    ),
    Transition(
        "tell",
        Exam,
        OPEN,
        ExamState.DONE,
        _("Tell all results"),
        "TRN-6",
        guards=(everybody_is_done, everything_is_marked, teller_is_no_candidate),
        effect=telling.tell_all,
        tone="good",
        confirm=_("Every candidate is told, and resits open by themselves. Go on?"),
    ),
    Transition(
        "reschedule",
        Exam,
        OPEN,
        ExamState.OPEN,
        _("Change the hours"),
        "TRN-6",
        guards=(new_closing_lies_ahead,),
        effect=_reschedule,
        asks=HOURS,
    ),
    Transition(
        "cancel",
        Exam,
        DRAFT | OPEN,
        ExamState.CANCELLED,
        _("Cancel the exam"),
        "TRN-6",
        effect=_cancel,
        asks=(REASON,),
        tone="bad",
    ),
)
