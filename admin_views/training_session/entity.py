"""TRN-2: training sessions."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from admin_views.base.view import EntityView
from models.course import Course
from models.organisation import Staff, StaffStatus
from models.training_session import TrainingSession
from models.words import _


def _taught() -> Sequence[ColumnElement[bool]]:
    return (Course.retired.is_(False),)


def _here() -> Sequence[ColumnElement[bool]]:
    return (Staff.status.in_([StaffStatus.ON_POST, StaffStatus.TRAINEE]),)


class TrainingSessionView(EntityView):
    """Sessions: when, where, who teaches, who takes part."""

    model = TrainingSession
    category = "training"
    list_columns = ("name", "course_id", "starts_at", "ends_at", "trainer_id", "place", "state")
    form_columns = (
        "course_id",
        "starts_at",
        "ends_at",
        "trainer_id",
        "place",
        "capacity",
        "is_business_training",
        "name",
    )
    not_in_form = ("summary", "closed_at", "figures", "changes", "evaluated_at")
    detail_columns = (
        "course_id",
        "starts_at",
        "ends_at",
        "trainer_id",
        "place",
        "capacity",
        "is_business_training",
        "summary",
        "changes",
        "evaluated_at",
    )
    filters = ("state", "course_id", "trainer_id", "starts_at", "is_business_training")
    default_sort = ("starts_at", True)
    narrow = {"course_id": _taught, "trainer_id": _here}
    attachments = True
    related = (("enrolment", "session_id"),)
    help = {
        "capacity": _("Left empty: as many as come."),
        "name": _("Left empty: the course and the day."),
        "place": _("A room, or the address of the online meeting."),
        "is_business_training": _("A business training ends with an exam."),
    }
    empty_hint = _("No session yet. Plan the first one: course, date, place, trainer.")
