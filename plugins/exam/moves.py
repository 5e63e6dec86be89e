"""From the drawn paper to the told result."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import Facts
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.exam import Exam, ExamForm, ExamState
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamSitting, SittingState
from models.words import _
from plugins.exam import by_clock, calling, taking, telling
from plugins.exam.papers import draw_paper, fresh_seed
from plugins.exam.result_rules import every_answer_is_marked, somebody_else_marks
from plugins.exam.rules import (
    bank_holds_enough,
    candidate_takes_it_themselves,
    everybody_is_done,
    exam_is_open_now,
    exam_is_taken_here,
    hours_lie_ahead,
    results_are_not_told,
    rule_asks_for_questions,
    somebody_else_arranges,
    teller_is_no_candidate,
)

UNFINISHED = frozenset({SittingState.ASSIGNED, SittingState.UNDER_WAY, SittingState.MISSED})


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


def _begin_anew(session: Session, sitting: ExamSitting, facts: Facts) -> None:
    sitting.begun_at = sitting.ends_at = sitting.holder = None


def _finish(session: Session, result: ExamResult, facts: Facts) -> None:
    result.marked_at, result.marked_by_id = facts.now, facts.actor.staff_id


def _correct(session: Session, result: ExamResult, facts: Facts) -> None:
    """A told result that was wrong: both stand in the history, and what follows from the score follows again."""
    was_passed, told_at = result.passed, result.told_at
    result.passed = result.score is not None and result.score >= result.pass_mark
    if was_passed and not result.passed and told_at is not None:
        telling.take_back(session, result, told_at)
    telling.tell(session, result, facts)


DRAFT, OPEN = frozenset({ExamState.DRAFT}), frozenset({ExamState.OPEN})
ASSIGNED, UNDER_WAY = frozenset({SittingState.ASSIGNED}), frozenset({SittingState.UNDER_WAY})
MISSED = frozenset({SittingState.MISSED})
TO_MARK, RECORDED = frozenset({ResultState.TO_MARK}), frozenset({ResultState.RECORDED})
TOLD = frozenset({ResultState.TOLD})
REASON = Ask("reason", _("Reason"))
HOURS = (Ask("opens_at", _("Opens at"), kind="moment"), Ask("closes_at", _("Closes at"), kind="moment"))
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
        guards=(everybody_is_done, teller_is_no_candidate),
        effect=telling.tell_all,
        tone="good",
        confirm=_("Every candidate is told, and resits open by themselves. Go on?"),
    ),
    Transition(
        "reschedule", Exam, OPEN, ExamState.OPEN, _("Change the hours"), "TRN-6", effect=_reschedule, asks=HOURS
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
BEGIN = Transition(
    "begin",
    ExamSitting,
    ASSIGNED,
    SittingState.UNDER_WAY,
    _("Begin"),
    "TRN-6",
    guards=(candidate_takes_it_themselves, exam_is_taken_here, exam_is_open_now),
    effect=taking.begin,
    tone="good",
    awaited_of="staff_id",
)
SITTING_MOVES = (
    BEGIN,
    Transition(
        "hand_in",
        ExamSitting,
        UNDER_WAY,
        SittingState.HANDED_IN,
        _("Hand in the exam"),
        "TRN-6",
        guards=(candidate_takes_it_themselves,),
        effect=taking.hand_in,
        tone="good",
        awaited_of="staff_id",
    ),
    Transition(
        "to_practical",
        ExamSitting,
        ASSIGNED,
        SittingState.HANDED_IN,
        _("Watched by the trainer"),
        "TRN-6",
        effect=taking.hand_in,
        by_system=True,
    ),
    Transition(
        "record",
        ExamSitting,
        ASSIGNED | UNDER_WAY,
        SittingState.HANDED_IN,
        _("Result recorded"),
        "TRN-6",
        by_system=True,
    ),
    Transition(
        "miss",
        ExamSitting,
        ASSIGNED,
        SittingState.MISSED,
        _("Not taken in time"),
        "TRN-6",
        effect=by_clock.tell_of_missing,
        by_system=True,
    ),
    Transition(
        "move",
        ExamSitting,
        ASSIGNED | MISSED,
        SittingState.ASSIGNED,
        _("Moved with the exam"),
        "TRN-6",
        effect=calling.tell_hours,
        asks=HOURS,
        by_system=True,
    ),
    Transition(
        "arrange",
        ExamSitting,
        ASSIGNED | MISSED,
        SittingState.ASSIGNED,
        _("Arrange for this person"),
        "TRN-6",
        guards=(somebody_else_arranges, results_are_not_told),
        effect=calling.tell_hours,
        asks=(
            Ask("extra_minutes", _("More minutes"), kind="integer", required=False),
            Ask("own_pass_mark", _("Own pass mark"), kind="integer", required=False),
            Ask("opens_at", _("Opens at"), kind="moment", required=False),
            Ask("closes_at", _("Closes at"), kind="moment", required=False),
            Ask("arrangement", _("Reason")),
        ),
    ),
    Transition(
        "let_again",
        ExamSitting,
        UNDER_WAY,
        SittingState.ASSIGNED,
        _("Allow a fresh start"),
        "TRN-6",
        guards=(somebody_else_arranges,),
        effect=_begin_anew,
        asks=(REASON,),
        tone="warn",
    ),
    Transition(
        "cancel",
        ExamSitting,
        UNFINISHED,
        SittingState.CANCELLED,
        _("Take off the list"),
        "TRN-6",
        guards=(somebody_else_arranges,),
        effect=calling.tell_taken_off,
        asks=(REASON,),
        tone="bad",
    ),
)
RESULT_MOVES = (
    Transition(
        "finish_marking",
        ExamResult,
        TO_MARK,
        ResultState.RECORDED,
        _("Finish marking"),
        "TRN-6",
        guards=(somebody_else_marks, every_answer_is_marked),
        effect=_finish,
        tone="good",
    ),
    Transition(
        "mark_again",
        ExamResult,
        RECORDED,
        ResultState.TO_MARK,
        _("Mark again"),
        "TRN-6",
        guards=(somebody_else_marks,),
        tone="warn",
    ),
    Transition(
        "tell",
        ExamResult,
        RECORDED,
        ResultState.TOLD,
        _("Tell the result"),
        "TRN-6",
        guards=(somebody_else_marks,),
        effect=telling.tell,
        tone="good",
    ),
    Transition(
        "correct",
        ExamResult,
        TOLD,
        ResultState.TOLD,
        _("Correct the score"),
        "TRN-6",
        guards=(somebody_else_marks,),
        effect=_correct,
        asks=(Ask("score", _("Score"), kind="number"), REASON),
        tone="warn",
    ),
)
MOVES = (*EXAM_MOVES, *SITTING_MOVES, *RESULT_MOVES)
