"""What holds for results, and for whoever marks and tells them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import CREATE, GUARD, Facts, Verdict, need, rule
from models.exam import Exam, ExamState
from models.exam_result import ExamResult, ResultState
from models.words import _
from plugins.exam.results import Mark, marks_of
from plugins.exam.sitting_rules import exams_of


@rule("TRN-6", ExamResult, field="score", changed=("score",), says=_("A score must be between 0 and 100."))
def score_is_out_of_a_hundred(result: ExamResult, facts: Facts) -> Verdict:
    """The pass mark is a percentage, so is the score."""
    return result.score is None or Decimal(0) <= result.score <= Decimal(100)


@rule("TRN-6", ExamResult, field="score", changed=("score", "state"), says=_("A recorded result has a score."))
def recorded_result_has_a_score(result: ExamResult, facts: Facts) -> Verdict:
    """Score, pass mark and attempt make a result."""
    return result.state is ResultState.TO_MARK or result.score is not None


@rule(
    "TRN-6",
    ExamResult,
    field="exam_id",
    on=frozenset({CREATE}),
    needs=(exams_of,),
    says=_("Results are recorded for a published exam."),
)
def result_is_of_a_published_exam(result: ExamResult, facts: Facts) -> Verdict:
    """A draft has not been held."""
    exam: Exam | None = facts.loaded(exams_of)
    return exam is not None and exam.state in {ExamState.OPEN, ExamState.DONE}


@rule(
    "TRN-6",
    ExamResult,
    field="taken_on",
    changed=("taken_on",),
    says=_("An exam that has not been held has no result yet."),
)
def result_is_not_of_the_future(result: ExamResult, facts: Facts) -> Verdict:
    """Nobody has passed tomorrow's exam."""
    return result.taken_on is None or result.taken_on <= facts.today


@need()
def earlier_attempts(session: Session, results: Sequence[ExamResult]) -> Mapping[ExamResult, ExamResult | None]:
    """For each result, that of the attempt before it."""
    rows = session.scalars(
        select(ExamResult).where(
            ExamResult.exam_id.in_({row.exam_id for row in results}),
            ExamResult.staff_id.in_({row.staff_id for row in results}),
        )
    ).all()
    known = {(row.exam_id, row.staff_id, row.attempt): row for row in rows}
    return {row: known.get((row.exam_id, row.staff_id, (row.attempt or 1) - 1)) for row in results}


@rule(
    "TRN-6",
    ExamResult,
    field="attempt",
    on=frozenset({CREATE}),
    needs=(earlier_attempts,),
    says=_("Attempt %(attempt)s follows a failed attempt whose result was told."),
)
def attempt_follows_a_failed_one(result: ExamResult, facts: Facts) -> Verdict:
    """Attempts are counted, and nobody resits what they passed."""
    attempt = result.attempt or 1
    if attempt == 1:
        return True
    former: ExamResult | None = facts.loaded(earlier_attempts)
    told = former is not None and former.state is ResultState.TOLD and former.passed is False
    return (attempt > 1 and told) or {"attempt": attempt}


@need(default=())
def marks(session: Session, results: Sequence[ExamResult]) -> Mapping[ExamResult, Sequence[Mark]]:
    """The marks of each result beside the items they are for."""
    return {result: marks_of(session, result) for result in results}


@rule(
    "TRN-6",
    ExamResult,
    field="marks",
    changed=("marks",),
    needs=(marks,),
    says=_("Question %(number)s brings 0 to %(most)s points."),
)
def points_fit_the_question(result: ExamResult, facts: Facts) -> Verdict:
    """No answer brings more than full marks."""
    return [
        {"number": mark.item.number, "most": f"{mark.item.points.normalize():f}"}
        for mark in facts.loaded(marks)
        if mark.points is not None and not Decimal(0) <= mark.points <= mark.item.points
    ]


@rule(
    "TRN-6",
    ExamResult,
    on=GUARD,
    needs=(marks,),
    says=_("These questions are not marked yet: %(numbers)s."),
)
def every_answer_is_marked(result: ExamResult, facts: Facts) -> Verdict:
    """Half a marking is none."""
    open_ = [str(mark.item.number) for mark in facts.loaded(marks) if mark.points is None]
    return not open_ or {"numbers": ", ".join(open_)}


@rule("TRN-6", ExamResult, on=GUARD, says=_("Nobody marks or tells their own result."))
def somebody_else_marks(result: ExamResult, facts: Facts) -> Verdict:
    """A trainer is sometimes a candidate, too."""
    return facts.actor.is_system or facts.actor.staff_id != result.staff_id


@rule(
    "TRN-6",
    ExamResult,
    changed=("score", "marks"),
    says=_("Nobody marks or tells their own result."),
)
def nobody_scores_themselves(result: ExamResult, facts: Facts) -> Verdict:
    """The same for every edit."""
    return facts.actor.is_system or facts.actor.staff_id != result.staff_id


@rule(
    "TRN-6",
    ExamResult,
    field="score",
    changed=("score",),
    says=_("The score of a sitting follows from its marks; it is not written over."),
)
def marked_score_follows_from_its_marks(result: ExamResult, facts: Facts) -> Verdict:
    """What was taken here is marked item by item."""
    return not result.marks or facts.actor.is_system or facts.changed("marks") or facts.move is not None


RESULT_RULES = (
    score_is_out_of_a_hundred,
    recorded_result_has_a_score,
    result_is_of_a_published_exam,
    result_is_not_of_the_future,
    attempt_follows_a_failed_one,
    points_fit_the_question,
    nobody_scores_themselves,
    marked_score_follows_from_its_marks,
)
