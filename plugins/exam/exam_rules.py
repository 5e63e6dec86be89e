"""What an exam and its paper must be."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import Facts, Verdict, need, rule
from models.column_names import column_name
from models.exam import Exam, ExamPaper, ExamState
from models.training_session import SessionState, TrainingSession
from models.words import _
from plugins.exam import drawing

LONGEST_EXAM = 480
MOST_QUESTIONS = 200
PREPARED = ("rules", "form", "course_id", "session_id", "partial_credit", "opens_at", "closes_at", "minutes")
"""What decides the paper, its marking and the candidates' time: it stands once the paper is published."""


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


@rule("TRN-6", ExamPaper, says=_("A paper is drawn when its exam is published, and stays as it was drawn."))
def paper_is_drawn_not_written(paper: ExamPaper, facts: Facts) -> Verdict:
    """The wording that was asked is kept."""
    return facts.actor.is_system and (paper.id is None or not facts.changed("items"))


EXAM_RULES = (
    exam_closes_after_it_opens,
    time_limit_is_one,
    rule_can_be_drawn_by,
    session_is_of_the_course,
    published_exam_keeps_its_paper,
    paper_is_drawn_not_written,
)
