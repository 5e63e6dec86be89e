"""TRN-2, TRN-4: who is to take part, and who came."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement

from admin_views.base.view import EntityView
from engine.acting import current_act
from engine.permissions import Scope, matrix
from models.course import Course
from models.organisation import Staff, StaffStatus
from models.training_session import Enrolment, EnrolmentReason, SessionState, TrainingSession
from models.words import _

FOR_OTHERS = ("staff_id", "reason", "grounds")
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
    related = (("exam_result", "enrolment_id"),)
    labels = {"starts_at": _("Session starts")}
    help = {"session_id": _("Left empty: a place is given later.")}
    empty_hint = _("Nobody is enrolled yet. Newcomers are enrolled in the onboarding courses by themselves.")

    def may_write(self, name: str) -> bool:
        """Whoever may enrol only themselves is asked neither for whom nor why."""
        return super().may_write(name) and not (name in FOR_OTHERS and _only_themselves())

    def on_model_change(self, form: Any, record: Any, is_created: bool) -> None:  # noqa: FBT001 Flask-Admin's signature
        """One's own wish is one's own."""
        if is_created and _only_themselves():
            record.staff_id, record.reason = current_act().actor.staff_id, EnrolmentReason.OWN_WISH


def _only_themselves() -> bool:
    return matrix.scope(current_act().actor, Enrolment.__tablename__, "create") is Scope.OWN
