"""Excused, present or absent, and the objective met."""

from sqlalchemy.orm import Session

from engine.rules import Facts
from engine.transitions.kinds import Ask, Transition
from models.training_session import Enrolment, EnrolmentState, TrainingSession
from models.words import _
from plugins.training_session.guards import (
    excuse_is_stated,
    practical_score_is_out_of_100,
    session_is_held,
    somebody_else_decides,
)
from plugins.training_session.place_moves import ASKED, ENROLLED
from plugins.training_session.telling import tell

ATTENDED = frozenset({EnrolmentState.ATTENDED})
ABSENT = frozenset({EnrolmentState.ABSENT})
COMPLETED = frozenset({EnrolmentState.COMPLETED})
VERDICT = Ask("verdict", _("What you decide, and why"))


def _decide(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    enrolment.decided_by_id, enrolment.decided_at = facts.actor.staff_id, facts.now
    code = "training.excused" if enrolment.state is EnrolmentState.EXCUSED else "training.excuse_refused"
    if enrolment.session_id is not None:
        training = session.get_one(TrainingSession, enrolment.session_id)
        tell(session, enrolment, training, code, f"{enrolment.version}", verdict=enrolment.verdict or "")


def _ask_again(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    """A further excuse is decided anew."""
    enrolment.verdict = enrolment.decided_by_id = enrolment.decided_at = None


def _miss(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    if enrolment.session_id is not None:
        training = session.get_one(TrainingSession, enrolment.session_id)
        tell(session, enrolment, training, "training.absent", f"{enrolment.version}")


def _complete(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    enrolment.objective_met, enrolment.completed_at = True, facts.now


def _open_again(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    enrolment.objective_met, enrolment.completed_at = False, None


ATTENDANCE_MOVES = (
    Transition(
        "ask_excuse",
        Enrolment,
        ENROLLED,
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
        ASKED,
        EnrolmentState.EXCUSED,
        _("Excuse"),
        "TRN-4",
        guards=(somebody_else_decides,),
        effect=_decide,
        asks=(VERDICT,),
        tone="good",
    ),
    Transition(
        "refuse_excuse",
        Enrolment,
        ASKED,
        EnrolmentState.ENROLLED,
        _("Do not excuse"),
        "TRN-4",
        guards=(somebody_else_decides,),
        effect=_decide,
        asks=(VERDICT,),
        tone="bad",
    ),
    Transition(
        "attend",
        Enrolment,
        ENROLLED | ASKED | ABSENT,
        EnrolmentState.ATTENDED,
        _("Present"),
        "TRN-4",
        guards=(session_is_held, somebody_else_decides),
        tone="good",
        awaited=False,
    ),
    Transition(
        "miss",
        Enrolment,
        ENROLLED | ASKED | ATTENDED,
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
        ATTENDED,
        EnrolmentState.ATTENDED,
        _("Practical score"),
        "TRN-7",
        guards=(somebody_else_decides, practical_score_is_out_of_100),
        asks=(Ask("practical_score", _("Practical score, out of 100"), kind="decimal"),),
        awaited=False,
    ),
    Transition(
        "study",
        Enrolment,
        ENROLLED,
        EnrolmentState.ATTENDED,
        _("Finish learning online"),
        "TRN-2",
        by_system=True,
    ),
    Transition(
        "complete",
        Enrolment,
        ENROLLED | ATTENDED,
        EnrolmentState.COMPLETED,
        _("Complete"),
        "TRN-2",
        effect=_complete,
        by_system=True,
    ),
    Transition(
        "reopen",
        Enrolment,
        COMPLETED,
        EnrolmentState.ATTENDED,
        _("Objective not met after all"),
        "TRN-6",
        effect=_open_again,
        by_system=True,
    ),
    Transition(
        "resume",
        Enrolment,
        COMPLETED,
        EnrolmentState.ENROLLED,
        _("Objective not met after all"),
        "TRN-6",
        effect=_open_again,
        by_system=True,
    ),
)
