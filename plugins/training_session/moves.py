"""From the planned to the closed session, from the proposal to the objective met."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.notices.inbox import notify
from engine.rules import Facts
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.course import Course
from models.organisation import Staff
from models.training_session import (
    AWAITED,
    Enrolment,
    EnrolmentReason,
    EnrolmentState,
    SessionState,
    TrainingSession,
)
from models.words import _
from plugins.training_session.evaluation import EVALUATION_MOVES, ask_participants
from plugins.training_session.rules import (
    attendance_is_taken,
    excuse_is_stated,
    practical_score_is_out_of_100,
    session_has_begun,
    session_is_held,
    somebody_else_decides,
)

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
            _tell(session, enrolment, training, "training.rescheduled", f"{training.version}")


def _cancel(session: Session, training: TrainingSession, facts: Facts) -> None:
    """Those enrolled wait for another date."""
    session.flush()
    for enrolment in enrolled_in(session, training):
        if enrolment.state in AWAITED:
            perform(session, enrolment, "lose_place")
            reason = str(facts.given.get("reason") or "")
            _tell(session, enrolment, training, "training.cancelled", f"cancelled:{training.id}", reason=reason)


def _close(session: Session, training: TrainingSession, facts: Facts) -> None:
    """Without an exam, attending is enough; whoever missed it waits for another date; those who came are asked."""
    training.closed_at = facts.now
    session.flush()
    course = session.get_one(Course, training.course_id)
    everybody = enrolled_in(session, training)
    ask_participants(session, training, [each for each in everybody if each.state is EnrolmentState.ATTENDED], facts)
    for enrolment in everybody:
        if enrolment.state is EnrolmentState.ATTENDED and not course.needs_exam:
            perform(session, enrolment, "complete")
        elif enrolment.state in MISSED and not course.retired:
            _enrol_again(session, enrolment)


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


def _enrolled(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    """Whoever has a place is told when and where."""
    enrolment.decided_by_id, enrolment.decided_at = None, None
    session.flush()
    if enrolment.session_id is not None:
        tell_of_place(session, enrolment)


def tell_of_place(session: Session, enrolment: Enrolment) -> None:
    """Once for each session that somebody is given a place in."""
    training = session.get_one(TrainingSession, enrolment.session_id)
    _tell(session, enrolment, training, "training.placed", f"placed:{training.id}")


def _lose_place(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    enrolment.session_id = enrolment.excuse = None


def _decide(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    enrolment.decided_by_id, enrolment.decided_at = facts.actor.staff_id, facts.now
    code = "training.excused" if enrolment.state is EnrolmentState.EXCUSED else "training.excuse_refused"
    if enrolment.session_id is not None:
        training = session.get_one(TrainingSession, enrolment.session_id)
        _tell(session, enrolment, training, code, f"{enrolment.version}", verdict=enrolment.verdict or "")


def _ask_again(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    """A further excuse is decided anew."""
    enrolment.verdict = enrolment.decided_by_id = enrolment.decided_at = None


def _miss(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    if enrolment.session_id is not None:
        training = session.get_one(TrainingSession, enrolment.session_id)
        _tell(session, enrolment, training, "training.absent", f"{enrolment.version}")


def _complete(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    enrolment.objective_met, enrolment.completed_at = True, facts.now


def _tell(session: Session, enrolment: Enrolment, training: TrainingSession, code: str, once: str, **more: str) -> None:
    data = {"training": training.name, "starts_at": training.starts_at, "place": training.place, **more}
    key = f"enrolment:{enrolment.id}:{once}"
    notify(session, enrolment.department_id, [enrolment.staff_id], code, key, data, subject=enrolment)


def let_go(session: Session, person: Staff) -> None:
    """Whoever has left is no longer waited for."""
    found = select(Enrolment).where(Enrolment.staff_id == person.id, Enrolment.state.in_(AWAITED))
    for enrolment in session.scalars(found).all():
        perform(session, enrolment, "lapse")


def _session_moves() -> tuple[Transition, ...]:
    planned, held = frozenset({SessionState.PLANNED}), frozenset({SessionState.HELD})
    return (
        Transition(
            "hold",
            TrainingSession,
            planned,
            SessionState.HELD,
            _("Begin the session"),
            "TRN-2",
            guards=(session_has_begun,),
            tone="good",
        ),
        Transition(
            "close",
            TrainingSession,
            held,
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
            planned,
            SessionState.PLANNED,
            _("Reschedule"),
            "TRN-2",
            effect=_reschedule,
            asks=(
                Ask("starts_at", _("Starts"), kind="moment"),
                Ask("ends_at", _("Ends"), kind="moment"),
                Ask("place", _("Room or address"), kind="line"),
            ),
        ),
        Transition(
            "cancel",
            TrainingSession,
            planned,
            SessionState.CANCELLED,
            _("Cancel the session"),
            "TRN-2",
            effect=_cancel,
            asks=(Ask("reason", _("Reason")),),
            tone="bad",
        ),
    )


def _enrolment_moves() -> tuple[Transition, ...]:
    proposed = frozenset({EnrolmentState.PROPOSED})
    enrolled = frozenset({EnrolmentState.ENROLLED})
    asked = frozenset({EnrolmentState.EXCUSE_ASKED})
    attended, absent = frozenset({EnrolmentState.ATTENDED}), frozenset({EnrolmentState.ABSENT})
    place = Ask("session_id", _("Training session"), kind="training_session", required=False)
    verdict = Ask("verdict", _("What you decide, and why"))
    return (
        Transition(
            "admit",
            Enrolment,
            proposed,
            EnrolmentState.ENROLLED,
            _("Enrol"),
            "TRN-2",
            guards=(somebody_else_decides,),
            effect=_enrolled,
            asks=(place,),
            tone="good",
        ),
        Transition(
            "drop",
            Enrolment,
            proposed,
            EnrolmentState.DROPPED,
            _("Do not take up"),
            "TRN-2",
            guards=(somebody_else_decides,),
            asks=(Ask("reason_dropped", _("Reason")),),
            tone="quiet",
        ),
        Transition(
            "place",
            Enrolment,
            enrolled,
            EnrolmentState.ENROLLED,
            _("Give a place"),
            "TRN-2",
            effect=_enrolled,
            asks=(Ask("session_id", _("Training session"), kind="training_session"),),
        ),
        Transition(
            "lose_place",
            Enrolment,
            enrolled | asked,
            EnrolmentState.ENROLLED,
            _("Lose the place"),
            "TRN-2",
            effect=_lose_place,
            by_system=True,
        ),
        Transition(
            "lapse",
            Enrolment,
            AWAITED,
            EnrolmentState.DROPPED,
            _("Lapse"),
            "TRN-2",
            by_system=True,
        ),
        Transition(
            "ask_excuse",
            Enrolment,
            enrolled,
            EnrolmentState.EXCUSE_ASKED,
            _("Ask to be excused"),
            "TRN-4",
            guards=(excuse_is_stated,),
            effect=_ask_again,
            asks=(Ask("excuse", _("Why you cannot take part")),),
            tone="warn",
            awaited_of="staff_id",
        ),
        Transition(
            "excuse",
            Enrolment,
            asked,
            EnrolmentState.EXCUSED,
            _("Excuse"),
            "TRN-4",
            guards=(somebody_else_decides,),
            effect=_decide,
            asks=(verdict,),
            tone="good",
        ),
        Transition(
            "refuse_excuse",
            Enrolment,
            asked,
            EnrolmentState.ENROLLED,
            _("Do not excuse"),
            "TRN-4",
            guards=(somebody_else_decides,),
            effect=_decide,
            asks=(verdict,),
            tone="bad",
        ),
        Transition(
            "attend",
            Enrolment,
            enrolled | asked | absent,
            EnrolmentState.ATTENDED,
            _("Present"),
            "TRN-4",
            guards=(session_is_held, somebody_else_decides),
            tone="good",
        ),
        Transition(
            "miss",
            Enrolment,
            enrolled | asked | attended,
            EnrolmentState.ABSENT,
            _("Absent"),
            "TRN-4",
            guards=(session_is_held, somebody_else_decides),
            effect=_miss,
            tone="bad",
        ),
        Transition(
            "grade",
            Enrolment,
            attended,
            EnrolmentState.ATTENDED,
            _("Practical score"),
            "TRN-7",
            guards=(somebody_else_decides, practical_score_is_out_of_100),
            asks=(Ask("practical_score", _("Practical score, out of 100"), kind="decimal"),),
        ),
        Transition(
            "study",
            Enrolment,
            enrolled,
            EnrolmentState.ATTENDED,
            _("Finish learning online"),
            "TRN-2",
            by_system=True,
        ),
        Transition(
            "complete",
            Enrolment,
            enrolled | attended,
            EnrolmentState.COMPLETED,
            _("Complete"),
            "TRN-2",
            effect=_complete,
            by_system=True,
        ),
    )


MOVES = (*_session_moves(), *_enrolment_moves(), *EVALUATION_MOVES)
