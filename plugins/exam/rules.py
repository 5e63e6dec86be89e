"""What holds for exams, their papers and sittings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import CREATE, GUARD, Facts, Verdict, need, rule
from models.column_names import column_name
from models.exam import Exam, ExamForm, ExamPaper, ExamState
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamSitting, SittingState
from models.training_session import SessionState, TrainingSession
from models.words import _
from plugins.exam import drawing
from plugins.exam.papers import pool_of

LONGEST_EXAM = 480
MOST_QUESTIONS = 200
PREPARED = ("rules", "form", "course_id", "session_id", "partial_credit", "opens_at", "closes_at", "minutes")
"""What decides the paper, its marking and the candidates' time: it stands once the paper is published."""


# Exams


@rule(
    "",
    Exam,
    field="closes_at",
    changed=("opens_at", "closes_at"),
    says=_("An exam's closing time must be after its opening time."),
)
def exam_closes_after_it_opens(exam: Exam, facts: Facts) -> Verdict:
    """Nobody could begin it otherwise."""
    return exam.closes_at > exam.opens_at


@rule("", Exam, field="minutes", changed=("minutes",), says=_("The time limit is 1 to %(most)s minutes."))
def time_limit_is_one(exam: Exam, facts: Facts) -> Verdict:
    """The server holds it, so there has to be one."""
    return 1 <= exam.minutes <= LONGEST_EXAM or {"most": LONGEST_EXAM}


@rule("", Exam, field="rules", changed=("rules",), says=_("No paper can be drawn by this rule."))
def rule_can_be_drawn_by(exam: Exam, facts: Facts) -> Verdict:
    """Category, difficulty and a count a line, each pair once."""
    try:
        parts = drawing.parts_of(exam.rules or [])
    except (KeyError, TypeError, ValueError):
        return False
    pairs = {(part.category, part.difficulty) for part in parts}
    return len(pairs) == len(parts) and sum(part.count for part in parts) <= MOST_QUESTIONS


@need()
def sessions_of(session: Session, exams: Sequence[Exam]) -> Mapping[Exam, TrainingSession]:
    """The training session that each exam ends."""
    ids = {exam.session_id for exam in exams if exam.session_id is not None}
    rows = {row.id: row for row in session.scalars(select(TrainingSession).where(TrainingSession.id.in_(ids)))}
    return {exam: rows[exam.session_id] for exam in exams if exam.session_id in rows}


@rule(
    "TRN-5",
    Exam,
    field="session_id",
    changed=("session_id", "course_id"),
    needs=(sessions_of,),
    says=_("The training session is one of the exam's course, and neither closed nor cancelled."),
)
def session_is_of_the_course(exam: Exam, facts: Facts) -> Verdict:
    """An exam ends the training that it is about."""
    training: TrainingSession | None = facts.loaded(sessions_of)
    if training is None:
        return exam.session_id is None
    return training.course_id == exam.course_id and training.state in {SessionState.PLANNED, SessionState.HELD}


@rule(
    "TRN-6",
    Exam,
    changed=PREPARED,
    says=_("“%(label)s” cannot be changed once the paper is published."),
)
def published_exam_keeps_its_paper(exam: Exam, facts: Facts) -> Verdict:
    """Candidates are all asked by the same rule, and marked by it."""
    if exam.state is ExamState.DRAFT or facts.move is not None:
        return True
    return [{"field": name, "label": column_name(name)} for name in PREPARED if name in facts.changes]


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
    says=_("%(open)s have not taken the exam yet, and %(marking)s are not marked yet."),
)
def everybody_is_done(exam: Exam, facts: Facts) -> Verdict:
    """Results are told to all at once: nobody learns from another's."""
    open_, marking = facts.loaded(unfinished)
    return (not open_ and not marking) or {"open": open_, "marking": marking}


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


# Papers


@rule("TRN-6", ExamPaper, says=_("A paper is drawn when its exam is published, and stays as it was drawn."))
def paper_is_drawn_not_written(paper: ExamPaper, facts: Facts) -> Verdict:
    """The wording that was asked is kept."""
    return facts.actor.is_system and (paper.id is None or not facts.changed("items"))


# Sittings


@need()
def exams_of(session: Session, rows: Sequence[Any]) -> Mapping[Any, Exam]:
    """The exam of each sitting or result."""
    ids = {row.exam_id for row in rows}
    exams = {row.id: row for row in session.scalars(select(Exam).where(Exam.id.in_(ids)))}
    return {row: exams[row.exam_id] for row in rows if row.exam_id in exams}


@rule(
    "TRN-6",
    ExamSitting,
    field="exam_id",
    on=frozenset({CREATE}),
    needs=(exams_of,),
    says=_("Candidates are added once the exam is published, and before its results are told."),
)
def candidate_is_added_to_an_open_exam(sitting: ExamSitting, facts: Facts) -> Verdict:
    """Without a paper there is nothing to take; a resit opens by itself."""
    exam: Exam | None = facts.loaded(exams_of)
    if exam is None:
        return False
    return (sitting.is_resit and facts.actor.is_system) or exam.state is ExamState.OPEN


@rule(
    "",
    ExamSitting,
    field="closes_at",
    changed=("opens_at", "closes_at"),
    says=_("The closing time must be after the opening time."),
)
def sitting_closes_after_it_opens(sitting: ExamSitting, facts: Facts) -> Verdict:
    """The same as for the exam."""
    return sitting.closes_at > sitting.opens_at


@rule(
    "TRN-6",
    ExamSitting,
    field="own_pass_mark",
    changed=("own_pass_mark", "extra_minutes", "arrangement"),
    says=_(
        "A pass mark must be between 1 and 100, extra time between 0 and %(most)s minutes, and either needs a reason."
    ),
)
def arrangement_has_a_reason(sitting: ExamSitting, facts: Facts) -> Verdict:
    """Whoever is treated otherwise than the rest is so for a reason that can be read later."""
    fits = sitting.own_pass_mark is None or 1 <= sitting.own_pass_mark <= 100  # noqa: PLR2004 a percentage
    fits = fits and 0 <= (sitting.extra_minutes or 0) <= LONGEST_EXAM
    arranged = sitting.own_pass_mark is not None or bool(sitting.extra_minutes)
    return (fits and (not arranged or bool((sitting.arrangement or "").strip()))) or {"most": LONGEST_EXAM}


@rule("TRN-6", ExamSitting, on=GUARD, says=_("Nobody makes arrangements for their own exam."))
def somebody_else_arranges(sitting: ExamSitting, facts: Facts) -> Verdict:
    """A trainer is sometimes a candidate, too."""
    return facts.actor.is_system or facts.actor.staff_id != sitting.staff_id


@rule(
    "TRN-6",
    ExamSitting,
    on=GUARD,
    needs=(exams_of,),
    says=_("The results of this exam are told already: whoever did not pass takes the resit."),
)
def results_are_not_told(sitting: ExamSitting, facts: Facts) -> Verdict:
    """Nobody takes an attempt that already counts as not taken."""
    exam: Exam | None = facts.loaded(exams_of)
    return sitting.is_resit or (exam is not None and exam.state is ExamState.OPEN)


@rule("TRN-6", ExamSitting, on=GUARD, says=_("Only the candidate takes their own exam."))
def candidate_takes_it_themselves(sitting: ExamSitting, facts: Facts) -> Verdict:
    """An exam is personal."""
    return facts.actor.is_system or facts.actor.staff_id == sitting.staff_id


@rule(
    "TRN-6",
    ExamSitting,
    on=GUARD,
    needs=(exams_of,),
    says=_("The exam can be begun from %(opens_at)s to %(closes_at)s."),
)
def exam_is_open_now(sitting: ExamSitting, facts: Facts) -> Verdict:
    """A resit that is overdue may still be taken: late is better than never."""
    in_time = facts.now < sitting.closes_at or sitting.is_resit
    told = {"opens_at": _local(sitting.opens_at, facts), "closes_at": _local(sitting.closes_at, facts)}
    return (sitting.opens_at <= facts.now and in_time) or told


@rule(
    "TRN-6",
    ExamSitting,
    on=GUARD,
    needs=(exams_of,),
    says=_("This exam is held elsewhere: the trainer records its result."),
)
def exam_is_taken_here(sitting: ExamSitting, facts: Facts) -> Verdict:
    """What is held on paper or at the desk has no page to be taken on."""
    exam: Exam | None = facts.loaded(exams_of)
    return exam is not None and exam.form is ExamForm.ONLINE


def _local(moment: datetime, facts: Facts) -> str:
    return f"{moment.astimezone(ZoneInfo(facts.zone)):%Y-%m-%d %H:%M}"


RULES = (
    exam_closes_after_it_opens,
    time_limit_is_one,
    rule_can_be_drawn_by,
    session_is_of_the_course,
    published_exam_keeps_its_paper,
    paper_is_drawn_not_written,
    candidate_is_added_to_an_open_exam,
    sitting_closes_after_it_opens,
    arrangement_has_a_reason,
)
