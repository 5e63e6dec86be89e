"""From the proposal to a place in a session."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.notices.inbox import notify
from engine.rules import Facts
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.course import Course
from models.organisation import Staff
from models.training_session import AWAITED, Enrolment, EnrolmentReason, EnrolmentState, TrainingSession
from models.words import _
from plugins.training_session.guards import somebody_else_decides, wish_is_ones_own
from plugins.training_session.telling import tell_of_place

PROPOSED = frozenset({EnrolmentState.PROPOSED})
ENROLLED = frozenset({EnrolmentState.ENROLLED})
ASKED = frozenset({EnrolmentState.EXCUSE_ASKED})


def _enrolled(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    """Whoever has a place is told when and where."""
    enrolment.decided_by_id, enrolment.decided_at = None, None
    session.flush()
    if enrolment.session_id is not None:
        tell_of_place(session, enrolment)


def _lose_place(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    enrolment.session_id = enrolment.excuse = None


def _not_taken_up(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    """Whoever wished for it hears why not; a later place in the same session stays possible."""
    training = session.get(TrainingSession, enrolment.session_id) if enrolment.session_id else None
    what = training.name if training else dict(session.get_one(Course, enrolment.course_id).name)
    enrolment.session_id = None
    session.flush()
    if enrolment.reason is EnrolmentReason.OWN_WISH:
        data = {"training": what, "reason": str(facts.given.get("reason_dropped") or "")}
        key = f"enrolment:{enrolment.id}:{enrolment.version}"
        people = [enrolment.staff_id]
        notify(session, enrolment.department_id, people, "training.not_taken_up", key, data, subject=enrolment)


def let_go(session: Session, person: Staff) -> None:
    """Whoever has left is no longer waited for."""
    found = select(Enrolment).where(Enrolment.staff_id == person.id, Enrolment.state.in_(AWAITED))
    for enrolment in session.scalars(found).all():
        perform(session, enrolment, "lapse")


PLACE_MOVES = (
    Transition(
        "admit",
        Enrolment,
        PROPOSED,
        EnrolmentState.ENROLLED,
        _("Enrol"),
        "TRN-2",
        guards=(somebody_else_decides,),
        effect=_enrolled,
        asks=(Ask("session_id", _("Training session"), kind="training_session", required=False),),
        tone="good",
    ),
    Transition(
        "drop",
        Enrolment,
        PROPOSED,
        EnrolmentState.DROPPED,
        _("Do not take up"),
        "TRN-2",
        guards=(somebody_else_decides,),
        effect=_not_taken_up,
        asks=(Ask("reason_dropped", _("Reason")),),
        tone="quiet",
    ),
    Transition(
        "withdraw",
        Enrolment,
        PROPOSED,
        EnrolmentState.DROPPED,
        _("Withdraw the wish"),
        "TRN-2",
        guards=(wish_is_ones_own,),
        effect=_lose_place,
        awaited=False,
    ),
    Transition(
        "place",
        Enrolment,
        ENROLLED,
        EnrolmentState.ENROLLED,
        _("Give a place"),
        "TRN-2",
        effect=_enrolled,
        asks=(Ask("session_id", _("Training session"), kind="training_session"),),
        fills="session_id",
    ),
    Transition(
        "lose_place",
        Enrolment,
        ENROLLED | ASKED,
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
)
