"""TRN-7: the effect of a session: who passed, how well they did in practice, what they thought of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import plain
from engine.circumstances import zone_of
from engine.notices.inbox import notify
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.packs import parameters
from engine.rules import CREATE, GUARD, Facts, Verdict, need, rule
from engine.transitions.kinds import Ask, Transition
from models.course import Course
from models.training_session import (
    Enrolment,
    EnrolmentState,
    FeedbackState,
    SessionState,
    TrainingFeedback,
    TrainingSession,
)
from models.words import Words, _

MARKS = ("content", "teaching", "usefulness")
LOWEST, HIGHEST = 1, 5
CENT, TENTH = Decimal("0.01"), Decimal("0.1")
CAME = frozenset({EnrolmentState.ATTENDED, EnrolmentState.COMPLETED})
TARGETS: Mapping[str, tuple[str, Words]] = {
    "pass_rate": ("pass_rate_target", _("Pass rate, resits included")),
    "practical": ("practical_target", _("Practical score")),
    "satisfaction": ("satisfaction_target", _("Satisfaction")),
}
"""Each figure that has a target: the parameter's name, and what people call the figure."""


def figures_of(session: Session, training: TrainingSession) -> dict[str, Any]:
    """What the records say of a session now.

    `enrolled`, `attended`, `absent`, `excused`, `passed`, `asked` and `answered` are counts; `pass_rate` (percent, None
    for a course without an exam), `practical` (points) and `satisfaction` (of 5) are decimals, None without any.
    """
    rows = session.scalars(select(Enrolment).where(Enrolment.session_id == training.id)).all()
    came = [row for row in rows if row.state in CAME]
    scores = [row.practical_score for row in came if row.practical_score is not None]
    passed = sum(row.objective_met for row in came)
    course = session.get_one(Course, training.course_id)
    return {
        "enrolled": len(rows),
        "attended": len(came),
        "absent": sum(row.state is EnrolmentState.ABSENT for row in rows),
        "excused": sum(row.state is EnrolmentState.EXCUSED for row in rows),
        "passed": passed,
        "pass_rate": _mean([Decimal(100 * passed)], len(came), TENTH) if course.needs_exam else None,
        "practical": _mean(scores, len(scores), TENTH),
        **_satisfaction(session, training),
    }


def _satisfaction(session: Session, training: TrainingSession) -> dict[str, Any]:
    """Means over all answers, one a question and one of all; nobody's own answer."""
    sums = [func.sum(getattr(TrainingFeedback, name)) for name in MARKS]
    of_session = TrainingFeedback.session_id == training.id
    answered = TrainingFeedback.state == FeedbackState.ANSWERED
    count, *totals = session.execute(select(func.count(), *sums).where(of_session, answered)).one()
    asked = session.scalar(select(func.count()).select_from(TrainingFeedback).where(of_session)) or 0
    points = [Decimal(total or 0) for total in totals]
    return {
        "asked": asked,
        "answered": count,
        "satisfaction": _mean(points, count * len(MARKS), CENT),
        **{name: _mean([total], count, CENT) for name, total in zip(MARKS, points, strict=True)},
    }


def _mean(values: Sequence[Decimal], count: int, step: Decimal) -> Decimal | None:
    return (sum(values, Decimal(0)) / count).quantize(step, ROUND_HALF_UP) if count else None


def targets_of(session: Session, training: TrainingSession) -> dict[str, Decimal]:
    """The department's targets on the session's day, by figure; only those that its rulebook sets."""
    day = clock.day_in(zone_of(session, training.department_id), training.starts_at)
    found = {}
    for figure, (name, _label) in TARGETS.items():
        try:
            found[figure] = Decimal(str(parameters.value(session, training.department_id, name, day)))
        except parameters.UnknownParameterError:
            continue
    return found


def below(figures: Mapping[str, Any], targets: Mapping[str, Decimal]) -> list[str]:
    """The figures that miss their target."""
    return [name for name, target in targets.items() if figures[name] is not None and figures[name] < target]


def ask_participants(session: Session, training: TrainingSession, came: Sequence[Enrolment], facts: Facts) -> None:
    """Everybody who came is asked, where the rulebook wants it."""
    try:
        days = int(facts.parameter("questionnaire_days"))
    except parameters.UnknownParameterError:
        return
    due = end_of(facts.today + timedelta(days=days), facts.zone)
    session.add_all(
        TrainingFeedback(
            department_id=training.department_id, session_id=training.id, staff_id=each.staff_id, due_at=due
        )
        for each in came
    )
    session.flush()
    data = {"training": training.name, "due_at": due}
    people = [each.staff_id for each in came]
    notify(
        session, training.department_id, people, "training.feedback", f"feedback:{training.id}", data, subject=training
    )


@rule(
    "TRN-7",
    TrainingFeedback,
    on=frozenset({CREATE}),
    says=_("Questionnaires are given out when their session is closed."),
)
def questionnaire_comes_from_its_session(answer: TrainingFeedback, facts: Facts) -> Verdict:
    """Whoever was there is asked, and nobody else."""
    return facts.actor.is_system


@rule("TRN-7", TrainingFeedback, on=GUARD, says=_("Give a mark from %(lowest)s to %(highest)s."))
def marks_are_from_one_to_five(answer: TrainingFeedback, facts: Facts) -> Verdict:
    """The target is a mean of 5."""
    wrong = [name for name in MARKS if name in facts.given and not _is_mark(facts.given[name])]
    return [{"field": name, "lowest": LOWEST, "highest": HIGHEST} for name in wrong]


def _is_mark(given: object) -> bool:
    return isinstance(given, int) and LOWEST <= given <= HIGHEST


@need()
def evaluated(session: Session, sessions: Sequence[TrainingSession]) -> Mapping[TrainingSession, Mapping[str, Any]]:
    """Figures and missed targets of each session."""
    found = {}
    for each in sessions:
        figures = figures_of(session, each)
        found[each] = {"figures": figures, "below": below(figures, targets_of(session, each))}
    return found


@rule(
    "TRN-7",
    TrainingSession,
    field="changes",
    on=GUARD,
    needs=(evaluated,),
    says=_("Below target: %(figures)s. Say what is changed."),
)
def changes_follow_from_missed_targets(training: TrainingSession, facts: Facts) -> Verdict:
    """A missed target asks for changes."""
    missed = facts.loaded(evaluated)["below"]
    if not missed or str(facts.given.get("changes") or "").strip():
        return True
    return {"figures": ", ".join(str(TARGETS[name][1]) for name in missed)}


@need(default=None)
def last_answers(session: Session, sessions: Sequence[TrainingSession]) -> Mapping[TrainingSession, datetime]:
    """Until when each session's questionnaires that are still open may be answered."""
    feedback = TrainingFeedback
    query = select(feedback.session_id, func.max(feedback.due_at)).where(
        feedback.session_id.in_([each.id for each in sessions]), feedback.state == FeedbackState.OWED
    )
    rows = dict(session.execute(query.group_by(feedback.session_id)).all())
    return {each: rows[each.id] for each in sessions if each.id in rows}


@rule(
    "TRN-7",
    TrainingSession,
    on=GUARD,
    needs=(last_answers,),
    says=_("Questionnaires can still be answered; the session is evaluated once all are in or their time is over."),
)
def answers_are_in(training: TrainingSession, facts: Facts) -> Verdict:
    """Nobody is left out because they were slow to be asked."""
    due: datetime | None = facts.loaded(last_answers)
    return due is None or due <= facts.now


def _evaluate(session: Session, training: TrainingSession, facts: Facts) -> None:
    training.figures = plain(figures_of(session, training))
    training.evaluated_at = facts.now


def _evaluation_due(training: TrainingSession, facts: Facts) -> datetime:
    day = clock.day_in(facts.zone, training.closed_at or facts.now)
    return end_of(facts.calendar.add(day, int(facts.parameter("evaluation_days"))), facts.zone)


ANSWER = Kind(
    "questionnaire",
    "TRN-7",
    TrainingFeedback,
    _("Answer the questionnaire about the training"),
    owed=lambda f: f.state is FeedbackState.OWED,
    met=lambda f: f.state is FeedbackState.ANSWERED,
    due=lambda f, facts: f.due_at,
    owner=lambda f: f.staff_id,
)
EVALUATE = Kind(
    "training_evaluation",
    "TRN-7",
    TrainingSession,
    _("Evaluate the training session"),
    owed=lambda t: t.state is SessionState.CLOSED and t.evaluated_at is None,
    met=lambda t: t.evaluated_at is not None,
    due=_evaluation_due,
    owner=lambda t: t.trainer_id,
)
CLOSED = frozenset({SessionState.CLOSED})
EVALUATION_MOVES = (
    Transition(
        "evaluate",
        TrainingSession,
        CLOSED,
        SessionState.CLOSED,
        _("Evaluate"),
        "TRN-7",
        guards=(answers_are_in, changes_follow_from_missed_targets),
        effect=_evaluate,
        asks=(Ask("changes", _("What is changed next time"), required=False),),
        tone="good",
        fills="evaluated_at",
    ),
    Transition(
        "answer",
        TrainingFeedback,
        frozenset({FeedbackState.OWED}),
        FeedbackState.ANSWERED,
        _("Fill in the questionnaire"),
        "TRN-7",
        guards=(marks_are_from_one_to_five,),
        asks=(
            Ask("content", _("The content"), kind="integer"),
            Ask("teaching", _("The teaching"), kind="integer"),
            Ask("usefulness", _("Its use for my work"), kind="integer"),
            Ask("comment", _("What should be different?"), required=False),
        ),
        tone="good",
        awaited_of="staff_id",
    ),
)
EVALUATION_RULES = (questionnaire_comes_from_its_session,)
