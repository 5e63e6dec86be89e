"""From the called candidate to the hand-in."""

from sqlalchemy.orm import Session

from engine.rules import Facts
from engine.transitions.kinds import Ask, Transition
from models.exam_sitting import ExamSitting, SittingState
from models.words import _
from plugins.exam import by_clock, calling, taking
from plugins.exam.sitting_rules import (
    candidate_takes_it_themselves,
    exam_is_open_now,
    exam_is_taken_here,
    results_are_not_told,
    somebody_else_arranges,
    there_is_time_left,
)

UNFINISHED = frozenset({SittingState.ASSIGNED, SittingState.UNDER_WAY, SittingState.MISSED})


def _begin_anew(session: Session, sitting: ExamSitting, facts: Facts) -> None:
    sitting.begun_at = sitting.ends_at = sitting.holder = None


ASSIGNED, UNDER_WAY = frozenset({SittingState.ASSIGNED}), frozenset({SittingState.UNDER_WAY})
MISSED = frozenset({SittingState.MISSED})
REASON = Ask("reason", _("Reason"))
HOURS = (Ask("opens_at", _("Opens at"), kind="moment"), Ask("closes_at", _("Closes at"), kind="moment"))
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
        guards=(somebody_else_arranges, results_are_not_told, there_is_time_left),
        effect=calling.tell_hours,
        asks=(
            Ask("extra_minutes", _("More minutes"), kind="integer", required=False),
            Ask("own_pass_mark", _("Own pass mark"), kind="integer", required=False),
            Ask("opens_at", _("Opens at"), kind="moment", required=False),
            Ask("closes_at", _("Closes at"), kind="moment", required=False),
            Ask("arrangement", _("Reason")),
        ),
        awaited=False,
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
