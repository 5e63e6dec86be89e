"""What speaks against publishing an exam or telling its results."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import GUARD, Facts, Verdict, need, rule
from models.exam import Exam, ExamForm
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamSitting, SittingState
from models.words import _
from plugins.exam import drawing
from plugins.exam.papers import pool_of


@need(default=())
def missing_questions(session: Session, exams: Sequence[Exam]) -> Mapping[Exam, Sequence[drawing.Shortage]]:
    """Where each exam's course has too few questions for its rule."""
    return {
        exam: drawing.shortages(drawing.parts_of(exam.rules), pool_of(session, exam.course_id))
        for exam in exams
        if exam.form is ExamForm.ONLINE
    }


@rule(
    "TRN-6",
    Exam,
    on=GUARD,
    needs=(missing_questions,),
    says=_("The question bank has %(there)s of “%(category)s”, %(difficulty)s; the rule asks for %(wanted)s."),
)
def bank_holds_enough(exam: Exam, facts: Facts) -> Verdict:
    """A paper is drawn as its rule says or not at all."""
    return [
        {
            "there": each.there,
            "wanted": each.part.count,
            "category": each.part.category,
            "difficulty": each.part.difficulty.label,
        }
        for each in facts.loaded(missing_questions)
    ]


@rule("TRN-6", Exam, on=GUARD, says=_("Say first how many questions of which topic and difficulty the paper has."))
def rule_asks_for_questions(exam: Exam, facts: Facts) -> Verdict:
    """An exam without questions tells nothing."""
    return exam.form is not ExamForm.ONLINE or bool(drawing.parts_of(exam.rules))


@rule("", Exam, on=GUARD, says=_("This exam's time window has passed. Change its hours first."))
def hours_lie_ahead(exam: Exam, facts: Facts) -> Verdict:
    """An exam that is taken here has to be open some time."""
    return exam.form is not ExamForm.ONLINE or exam.closes_at > facts.now


@rule("TRN-6", Exam, field="closes_at", on=GUARD, says=_("The new closing time must lie ahead."))
def new_closing_lies_ahead(exam: Exam, facts: Facts) -> Verdict:
    """Whoever has not begun would have missed the exam the same moment."""
    given = facts.given.get("closes_at")
    return given is None or exam.form is not ExamForm.ONLINE or given > facts.now


@need(default=(0, 0))
def unfinished(session: Session, exams: Sequence[Exam]) -> Mapping[Exam, tuple[int, int]]:
    """For each exam, how many may still take it or are at it, and how many results are not marked yet."""
    found = {}
    for exam in exams:
        sittings = session.scalars(
            select(ExamSitting.state).where(
                ExamSitting.exam_id == exam.id,
                ExamSitting.state.in_([SittingState.ASSIGNED, SittingState.UNDER_WAY]),
                ExamSitting.attempt == 1,
            )
        ).all()
        marking = session.scalars(
            select(ExamResult.id).where(ExamResult.exam_id == exam.id, ExamResult.state == ResultState.TO_MARK)
        ).all()
        found[exam] = (len(sittings), len(marking))
    return found


@rule(
    "TRN-6",
    Exam,
    on=GUARD,
    needs=(unfinished,),
    says=_("%(open)s candidates have not handed in yet: results are told to all at once."),
)
def everybody_is_done(exam: Exam, facts: Facts) -> Verdict:
    """Nobody learns from another's result."""
    open_, _marking = facts.loaded(unfinished)
    return not open_ or {"open": open_}


@rule("TRN-6", Exam, on=GUARD, needs=(unfinished,), says=_("%(marking)s sittings are not marked yet."))
def everything_is_marked(exam: Exam, facts: Facts) -> Verdict:
    """Half the results are none."""
    _open, marking = facts.loaded(unfinished)
    return not marking or {"marking": marking}


@need(default=frozenset())
def candidates(session: Session, exams: Sequence[Exam]) -> Mapping[Exam, frozenset[int]]:
    """Who was called to each exam and not taken off its list."""
    rows = session.execute(
        select(ExamSitting.exam_id, ExamSitting.staff_id).where(
            ExamSitting.exam_id.in_({exam.id for exam in exams}), ExamSitting.state != SittingState.CANCELLED
        )
    ).all()
    return {exam: frozenset(person for number, person in rows if number == exam.id) for exam in exams}


@rule(
    "TRN-6",
    Exam,
    on=GUARD,
    needs=(candidates,),
    says=_("You are a candidate of this exam yourself: somebody else tells its results."),
)
def teller_is_no_candidate(exam: Exam, facts: Facts) -> Verdict:
    """Nobody tells their own result, alone or among others."""
    return facts.actor.is_system or facts.actor.staff_id not in facts.loaded(candidates)
