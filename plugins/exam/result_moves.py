"""From the marks to the told result."""

from sqlalchemy.orm import Session

from engine.rules import Facts
from engine.transitions.kinds import Ask, Transition
from models.exam_result import ExamResult, ResultState
from models.words import _
from plugins.exam import telling
from plugins.exam.result_rules import every_answer_is_marked, somebody_else_marks
from plugins.exam.sitting_moves import REASON


def _finish(session: Session, result: ExamResult, facts: Facts) -> None:
    result.marked_at, result.marked_by_id = facts.now, facts.actor.staff_id


def _correct(session: Session, result: ExamResult, facts: Facts) -> None:
    """A told result that was wrong: both stand in the history, and what follows from the score follows again."""
    was_passed, told_at = result.passed, result.told_at
    result.passed = result.score is not None and result.score >= result.pass_mark
    if was_passed and not result.passed and told_at is not None:
        telling.take_back(session, result, told_at)
    telling.tell(session, result, facts)


TO_MARK, RECORDED = frozenset({ResultState.TO_MARK}), frozenset({ResultState.RECORDED})
TOLD = frozenset({ResultState.TOLD})
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
