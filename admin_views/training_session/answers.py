"""TRN-7 and TRN-10: one's own questionnaires and notes."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from admin_views.base.view import EntityView
from admin_views.own_pages import MOVE, OwnPages
from engine.acting import current_act
from models.training_session import Enrolment, TrainingFeedback, TrainingNote, TrainingSession
from models.words import _
from plugins.training_session.evaluation import HIGHEST, LOWEST


class TrainingFeedbackView(OwnPages, EntityView):
    """Questionnaires are given out by themselves; each person answers their own. Beside a name no answer is shown."""

    model = TrainingFeedback
    category = "training"
    own = {MOVE: "training/answer.html"}
    list_columns = ("session_id", "due_at", "state")
    detail_columns = ("session_id", "due_at")
    filters = ("state", "session_id", "due_at")
    default_sort = ("due_at", True)
    empty_hint = _("After a training session, a short questionnaire waits for you here.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The marks to choose from, best first."""
        return {"marks": range(HIGHEST, LOWEST - 1, -1)}


def _mine() -> Sequence[ColumnElement[bool]]:
    enrolled = select(Enrolment.session_id).where(Enrolment.staff_id == current_act().actor.staff_id)
    return (TrainingSession.id.in_(enrolled.where(Enrolment.session_id.is_not(None))),)


class TrainingNoteView(EntityView):
    """Notes: one's own, and for trainers those of their sessions."""

    model = TrainingNote
    category = "training"
    list_columns = ("session_id", "staff_id", "body", "updated_at")
    form_columns = ("session_id", "body")
    not_in_form = ("staff_id",)
    detail_columns = ("session_id", "staff_id", "body", "updated_at")
    filters = ("session_id", "staff_id")
    default_sort = ("updated_at", True)
    narrow = {"session_id": _mine}
    labels = {"body": _("Notes")}
    help = {"body": _("Your trainer can read them; nobody else can.")}
    empty_hint = _("What you note in a session stands here for you and your trainer.")

    def on_model_change(self, form: Any, record: Any, is_created: bool) -> None:  # noqa: FBT001 Flask-Admin's signature
        """Notes belong to whoever writes them."""
        if is_created:
            record.staff_id = current_act().actor.staff_id
