"""From the planned to the closed session."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import Facts
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.course import Course
from models.organisation import Staff, StaffStatus
from models.training_session import (
    AWAITED,
    Enrolment,
    EnrolmentReason,
    EnrolmentState,
    SessionState,
    TrainingSession,
)
from models.words import _
from plugins.training_session.evaluation import CAME, ask_participants
from plugins.training_session.session_rules import attendance_is_taken, session_has_begun
from plugins.training_session.telling import tell

PLANNED = frozenset({SessionState.PLANNED})
HELD = frozenset({SessionState.HELD})
MISSED = frozenset({EnrolmentState.ABSENT, EnrolmentState.EXCUSED})


def enrolled_in(session: Session, training: TrainingSession) -> list[Enrolment]:
    """Everybody of a session, in the order of their enrolment."""
    found = select(Enrolment).where(Enrolment.session_id == training.id).order_by(Enrolment.id)
    return list(session.scalars(found))


def _reschedule(session: Session, training: TrainingSession, facts: Facts) -> None:
    """Everybody's reminder moves with the session, and everybody is told."""
    session.flush()
    for enrolment in enrolled_in(session, training):
        if enrolment.state in AWAITED:
            enrolment.starts_at = training.starts_at
            tell(session, enrolment, training, "training.rescheduled", f"{training.version}")


def _cancel(session: Session, training: TrainingSession, facts: Facts) -> None:
    """Those enrolled wait for another date."""
    session.flush()
    for enrolment in enrolled_in(session, training):
        if enrolment.state in AWAITED:
            perform(session, enrolment, "lose_place")
            reason = str(facts.given.get("reason") or "")
            tell(session, enrolment, training, "training.cancelled", f"cancelled:{training.id}", reason=reason)


def _close(session: Session, training: TrainingSession, facts: Facts) -> None:
    """Without an exam, attending is enough; whoever missed it waits for another date; those who came are asked."""
    training.closed_at = facts.now
    session.flush()
    course = session.get_one(Course, training.course_id)
    everybody = enrolled_in(session, training)
    came = [each for each in everybody if each.state in CAME]
    ask_participants(session, training, [each for each in came if not _has_left(session, each)], facts)
    for enrolment in everybody:
        if enrolment.state is EnrolmentState.ATTENDED and not course.needs_exam:
            perform(session, enrolment, "complete")
        elif enrolment.state in MISSED and course.takes(session.get_one(Staff, enrolment.staff_id)):
            _enrol_again(session, enrolment)


def _has_left(session: Session, enrolment: Enrolment) -> bool:
    return session.get_one(Staff, enrolment.staff_id).status is StaffStatus.LEFT


def _enrol_again(session: Session, missed: Enrolment) -> None:
    """What was missed is made up for, unless it was one's own wish or is already arranged."""
    waiting = select(Enrolment.id).where(
        Enrolment.staff_id == missed.staff_id, Enrolment.course_id == missed.course_id, Enrolment.state.in_(AWAITED)
    )
    if missed.reason is EnrolmentReason.OWN_WISH or session.scalar(waiting.limit(1)) is not None:
        return
    session.add(
        Enrolment(
            department_id=missed.department_id,
            staff_id=missed.staff_id,
            course_id=missed.course_id,
            reason=missed.reason,
            grounds=missed.grounds,
            state=EnrolmentState.ENROLLED,
        )
    )


SESSION_MOVES = (
    Transition(
        "hold",
        TrainingSession,
        PLANNED,
        SessionState.HELD,
        _("Begin the session"),
        "TRN-2",
        guards=(session_has_begun,),
        tone="good",
    ),
    Transition(
        "close",
        TrainingSession,
        HELD,
        SessionState.CLOSED,
        _("Close the session"),
        "TRN-4",
        guards=(attendance_is_taken,),
        effect=_close,
        asks=(Ask("summary", _("What was taught"), required=False),),
        tone="good",
    ),
    Transition(
        "reschedule",
        TrainingSession,
        PLANNED,
        SessionState.PLANNED,
        _("Reschedule"),
        "TRN-2",
        effect=_reschedule,
        asks=(
            Ask("starts_at", _("Starts"), kind="moment"),
            Ask("ends_at", _("Ends"), kind="moment"),
            Ask("place", _("Room or address"), kind="line"),
        ),
        awaited=False,
    ),
    Transition(
        "cancel",
        TrainingSession,
        PLANNED,
        SessionState.CANCELLED,
        _("Cancel the session"),
        "TRN-2",
        effect=_cancel,
        asks=(Ask("reason", _("Reason")),),
        tone="bad",
    ),
)
