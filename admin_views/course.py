"""TRN-2: the courses of the department."""

from collections.abc import Sequence

from flask_babel import get_locale
from sqlalchemy import ColumnElement, select

from admin_views.base import EntityView, SeveralField
from engine.database import db
from engine.hooks import hookimpl
from models.course import Course
from models.organisation import Channel
from models.scorecard import Scorecard, ScorecardItem, ScorecardState
from models.words import _, in_language
from plugins.training_session.proposals import SATISFACTION


def _in_use() -> Sequence[ColumnElement[bool]]:
    return (Channel.active.is_(True),)


def qa_categories() -> Sequence[tuple[str, str]]:
    """The categories of the scorecard in use, and the satisfaction of customers, as codes and words (TRN-8)."""
    item, language = ScorecardItem, str(get_locale())
    used = select(Scorecard.id).where(Scorecard.state == ScorecardState.IN_USE)
    query = select(item.category, item.category_name).where(item.scorecard_id.in_(used)).order_by(item.position)
    found = {row.category: in_language(row.category_name, language) for row in db.session.execute(query)}
    return [*found.items(), (SATISFACTION, str(_("Satisfaction of customers")))]


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
        "qa_categories",
        "is_onboarding",
        "retired",
    )
    fields = {"qa_categories": lambda label: SeveralField(label, choices=qa_categories)}
    formatters = {"qa_categories": lambda codes: ", ".join(words for code, words in qa_categories() if code in codes)}
    filters = ("category", "method", "needs_exam", "is_onboarding", "retired")
    search = ("code", "name")
    default_sort = ("code", False)
    cell_columns = ("retired",)
    narrow = {"channels": _in_use}
    related = (
        ("training_session", "course_id"),
        ("enrolment", "course_id"),
        ("question", "course_id"),
        ("exam", "course_id"),
    )
    labels = {
        "code": _("Short name, for imports and programs"),
        "hours": _("Hours of training"),
        "method": _("How it is taught"),
    }
    help = {
        "code": _("Small Latin letters and underscores. It stays as it is once records use it."),
        "channels": _("Only whoever passed may work on these channels. None named: all."),
        "qa_categories": _("Whoever falls below the line in one of them is proposed for this course."),
        "is_onboarding": _("Every newcomer is enrolled in it and completes it before going on post."),
    }
    empty_hint = _("No course yet. Adopting a policy pack brings its onboarding courses.")


@hookimpl
def views() -> list[EntityView]:
    """The screens of this domain."""
    return [CourseView()]
