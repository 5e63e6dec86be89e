"""TRN-2: the courses of the department."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from admin_views.base import EntityView
from engine.hooks import hookimpl
from models.course import Course
from models.organisation import Channel
from models.words import _


def _in_use() -> Sequence[ColumnElement[bool]]:
    return (Channel.active.is_(True),)


class CourseView(EntityView):
    """What is taught, how, and for whom."""

    model = Course
    category = "training"
    list_columns = ("name", "category", "method", "hours", "needs_exam", "is_onboarding", "retired")
    form_columns = (
        "name",
        "code",
        "category",
        "method",
        "hours",
        "objectives",
        "needs_exam",
        "channels",
        "is_onboarding",
        "retired",
    )
    not_in_form = ("qa_categories",)
    filters = ("category", "method", "needs_exam", "is_onboarding", "retired")
    search = ("code", "name")
    default_sort = ("code", False)
    cell_columns = ("retired",)
    narrow = {"channels": _in_use}
    related = (("training_session", "course_id"), ("enrolment", "course_id"))
    labels = {"code": _("Short name, for imports and programs")}
    help = {
        "code": _("Small Latin letters and underscores. It stays as it is once records use it."),
        "channels": _("Only whoever passed may work on these channels. None named: all."),
        "is_onboarding": _("Every newcomer is enrolled in it and completes it before going on post."),
    }
    empty_hint = _("No course yet. Adopting a policy pack brings its onboarding courses.")


@hookimpl
def views() -> list[EntityView]:
    """The screens of this domain."""
    return [CourseView()]
