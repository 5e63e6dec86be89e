"""What speaks against excusing, marking or scoring somebody."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import GUARD, Facts, Verdict, need, rule
from models.training_session import Enrolment, EnrolmentReason, SessionState, TrainingSession
from models.words import _

WHOLE = 100


@rule("TRN-4", Enrolment, field="excuse", on=GUARD, says=_("Say why you cannot take part."))
def excuse_is_stated(enrolment: Enrolment, facts: Facts) -> Verdict:
    """Nobody declines without a reason."""
    return bool(str(facts.given.get("excuse") or "").strip())


@rule("TRN-4", Enrolment, on=GUARD, says=_("Somebody else decides about one's own training."))
def somebody_else_decides(enrolment: Enrolment, facts: Facts) -> Verdict:
    """Nobody excuses, admits or marks themselves."""
    return facts.actor.is_system or facts.actor.staff_id != enrolment.staff_id


@rule("TRN-4", Enrolment, on=GUARD, says=_("Only one's own wish is withdrawn; a training that was assigned is not."))
def wish_is_ones_own(enrolment: Enrolment, facts: Facts) -> Verdict:
    """Nobody declines what others found necessary, and nobody's wish is withdrawn for them."""
    return enrolment.reason is EnrolmentReason.OWN_WISH and facts.actor.staff_id == enrolment.staff_id


@need(default=None)
def sessions_attended(session: Session, enrolments: Sequence[Enrolment]) -> Mapping[Enrolment, TrainingSession]:
    """The session of each enrolment."""
    found = select(TrainingSession).where(TrainingSession.id.in_({e.session_id for e in enrolments if e.session_id}))
    sessions = {each.id: each for each in session.scalars(found)}
    return {each: sessions[each.session_id] for each in enrolments if each.session_id in sessions}


@rule(
    "TRN-4",
    Enrolment,
    on=GUARD,
    needs=(sessions_attended,),
    says=_("Attendance is taken while the session is held: begin the session first."),
)
def session_is_held(enrolment: Enrolment, facts: Facts) -> Verdict:
    """Before it begins nobody was there; once it is closed the record stands."""
    training: TrainingSession | None = facts.loaded(sessions_attended)
    return training is not None and training.state is SessionState.HELD


@rule("TRN-7", Enrolment, field="practical_score", on=GUARD, says=_("A practical score lies between 0 and 100."))
def practical_score_is_out_of_100(enrolment: Enrolment, facts: Facts) -> Verdict:
    """The target is out of 100."""
    given = facts.given.get("practical_score")
    return given is None or 0 <= given <= WHOLE
