"""TRN-2, TRN-4: who is to take part, and who came."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from admin_views.base.view import EntityView
from models.course import Course
from models.organisation import Staff, StaffStatus
from models.training_session import Enrolment, SessionState, TrainingSession
from models.words import _

PRESENT = (StaffStatus.TRAINEE, StaffStatus.ON_POST, StaffStatus.SUSPENDED)


def _taught() -> Sequence[ColumnElement[bool]]:
    return (Course.retired.is_(False),)


def _present() -> Sequence[ColumnElement[bool]]:
    return (Staff.status.in_(PRESENT),)


def _to_come() -> Sequence[ColumnElement[bool]]:
    return (TrainingSession.state == SessionState.PLANNED,)


class EnrolmentView(EntityView):
    """Enrolments; one's own for agents."""

    model = Enrolment
    category = "training"
    list_columns = ("staff_id", "course_id", "session_id", "starts_at", "reason", "grounds", "state")
    form_columns = ("staff_id", "course_id", "session_id", "reason", "grounds")
    not_in_form = (
        "team_id",
        "starts_at",
        "excuse",
        "verdict",
        "decided_by_id",
        "decided_at",
        "practical_score",
        "objective_met",
        "completed_at",
    )
    detail_columns = (
        "staff_id",
        "team_id",
        "course_id",
        "session_id",
        "starts_at",
        "reason",
        "grounds",
        "excuse",
        "verdict",
        "decided_by_id",
        "decided_at",
        "practical_score",
        "objective_met",
        "completed_at",
    )
    filters = ("state", "reason", "staff_id", "team_id", "course_id", "session_id", "starts_at", "objective_met")
    narrow = {"course_id": _taught, "staff_id": _present, "session_id": _to_come}
    labels = {"starts_at": _("Session starts")}
    help = {"session_id": _("Left empty: a place is given later.")}
    empty_hint = _("Nobody is enrolled yet. Newcomers are enrolled in the onboarding courses by themselves.")
