"""What a session must be, and what speaks against beginning or closing it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.rules import GUARD, Facts, Verdict, need, rule
from models.training_session import RUNNING, Enrolment, EnrolmentState, TrainingSession
from models.words import _
from plugins.training_session.loading import courses_taught

TIMES = ("starts_at", "ends_at", "trainer_id")
UNDECIDED = frozenset({EnrolmentState.ENROLLED, EnrolmentState.EXCUSE_ASKED})


@rule(
    "TRN-2",
    TrainingSession,
    field="ends_at",
    changed=("starts_at", "ends_at"),
    says=_("The end must be after the start."),
)
def session_ends_after_it_starts(training: TrainingSession, facts: Facts) -> Verdict:
    """A session of no length teaches nothing."""
    return training.ends_at > training.starts_at


@rule("TRN-2", TrainingSession, field="place", changed=("place",), says=_("Say where the session is held."))
def place_is_stated(training: TrainingSession, facts: Facts) -> Verdict:
    """A room, or the address of an online meeting."""
    return bool((training.place or "").strip())


@rule("TRN-2", TrainingSession, field="capacity", changed=("capacity",), says=_("A session has at least one place."))
def session_has_places(training: TrainingSession, facts: Facts) -> Verdict:
    """Left empty: as many as come."""
    return training.capacity is None or training.capacity >= 1


@rule(
    "TRN-2",
    TrainingSession,
    field="starts_at",
    changed=("starts_at", "ends_at"),
    says=_("People are already told of this date: move the session by “Reschedule”, which tells everybody."),
)
def date_moves_by_rescheduling(training: TrainingSession, facts: Facts) -> Verdict:
    """Nobody waits in an empty room."""
    return facts.move is not None or facts.before("starts_at") is None


@rule(
    "TRN-2",
    TrainingSession,
    field="course_id",
    changed=("course_id",),
    needs=(courses_taught,),
    says=_("This course is no longer taught."),
)
def session_is_of_a_course_in_use(training: TrainingSession, facts: Facts) -> Verdict:
    """What is retired is not taught."""
    course = facts.loaded(courses_taught)
    return course is not None and not course.retired


@rule(
    "TRN-5",
    TrainingSession,
    field="is_business_training",
    changed=("is_business_training", "course_id"),
    needs=(courses_taught,),
    says=_("A business training ends with an exam, and this course has none. Untick it, or give the course an exam."),
)
def business_training_is_of_a_course_with_an_exam(training: TrainingSession, facts: Facts) -> Verdict:
    """Otherwise the session could never be closed."""
    course = facts.loaded(courses_taught)
    return course is None or course.needs_exam or not training.is_business_training


@need(default=())
def other_sessions(
    session: Session, sessions: Sequence[TrainingSession]
) -> Mapping[TrainingSession, Sequence[TrainingSession]]:
    """Of each session's trainer, the other sessions that are still to be held."""
    found = select(TrainingSession).where(
        TrainingSession.trainer_id.in_({each.trainer_id for each in sessions}), TrainingSession.state.in_(RUNNING)
    )
    rows = session.scalars(found).all()
    return {each: [row for row in rows if row is not each and row.trainer_id == each.trainer_id] for each in sessions}


@rule(
    "TRN-2",
    TrainingSession,
    field="trainer_id",
    changed=TIMES,
    needs=(other_sessions,),
    says=_("The trainer holds “%(other)s” at that time."),
)
def trainer_is_in_one_place(training: TrainingSession, facts: Facts) -> Verdict:
    """Nobody teaches two rooms at once."""
    for other in facts.loaded(other_sessions):
        if training.starts_at < other.ends_at and other.starts_at < training.ends_at:
            return {"other": other.name}
    return True


@rule("TRN-2", TrainingSession, on=GUARD, says=_("The session has not begun yet."))
def session_has_begun(training: TrainingSession, facts: Facts) -> Verdict:
    """Nobody attends what has not taken place."""
    return facts.now >= training.starts_at


@need(default=0)
def not_yet_marked(session: Session, sessions: Sequence[TrainingSession]) -> Mapping[TrainingSession, int]:
    """How many of each session's people nobody has marked yet."""
    rows = dict(
        session.execute(
            select(Enrolment.session_id, func.count())
            .where(Enrolment.session_id.in_({each.id for each in sessions}), Enrolment.state.in_(UNDECIDED))
            .group_by(Enrolment.session_id)
        ).all()
    )
    return {each: rows.get(each.id, 0) for each in sessions}


@rule(
    "TRN-4",
    TrainingSession,
    on=GUARD,
    needs=(not_yet_marked,),
    says=_("Attendance is not complete: %(waiting)s people are neither marked present nor absent nor excused."),
)
def attendance_is_taken(training: TrainingSession, facts: Facts) -> Verdict:
    """Every absence is recorded before a session is closed."""
    waiting = facts.loaded(not_yet_marked)
    return not waiting or {"waiting": waiting}


SESSION_RULES = (
    session_ends_after_it_starts,
    place_is_stated,
    session_has_places,
    date_moves_by_rescheduling,
    session_is_of_a_course_in_use,
    business_training_is_of_a_course_with_an_exam,
    trainer_is_in_one_place,
)
