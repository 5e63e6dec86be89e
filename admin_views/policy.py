"""The company's documents and the working calendar."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from admin_views.base import EntityView
from engine.hooks import hookimpl
from models.calendar import CalendarDay, CalendarYear
from models.organisation import Staff, StaffStatus
from models.policy import PolicyDocument
from models.words import _


def _still_here() -> Sequence[ColumnElement[bool]]:
    return (Staff.status.not_in([StaffStatus.LEFT, StaffStatus.CANDIDATE]),)


class PolicyDocumentView(EntityView):
    """The company's documents with their versions (ORG-8)."""

    model = PolicyDocument
    category = "rulebook"
    list_columns = ("code", "name", "edition", "state", "effective_on", "changed_by_id")
    form_columns = ("code", "name", "edition", "main_change", "body", "changed_by_id", "changed_on", "effective_on")
    not_in_form = ("reviewed_by_id", "reviewed_at")
    detail_columns = (
        "code",
        "name",
        "edition",
        "state",
        "main_change",
        "body",
        "changed_by_id",
        "changed_on",
        "reviewed_by_id",
        "reviewed_at",
        "effective_on",
    )
    groups = (
        (_("Document"), ("code", "name", "edition", "state", "main_change", "body")),
        (
            _("How it came into effect"),
            ("changed_by_id", "changed_on", "reviewed_by_id", "reviewed_at", "effective_on"),
        ),
    )
    filters = ("state", "code", "effective_on", "changed_by_id")
    search = ("code", "name", "main_change")
    default_sort = ("effective_on", True)
    labels = {
        "main_change": _("Main change"),
        "changed_by_id": _("Changed by"),
        "changed_on": _("Changed on"),
        "effective_on": _("Effective date"),
    }
    narrow = {"changed_by_id": _still_here}
    attachments = True


class CalendarDayView(EntityView):
    """Holidays that are off and weekend days that are worked."""

    model = CalendarDay
    category = "system"
    list_columns = ("day", "worked", "name", "source")
    form_columns = ("day", "worked", "name", "source")
    filters = ("day", "worked")
    default_sort = ("day", True)
    labels = {"day": _("Day"), "worked": _("Worked"), "source": _("Source")}
    empty_hint = _("Without special days every weekday is worked. Add the year's holidays and make-up days.")


class CalendarYearView(EntityView):
    """Which years' official arrangement is known."""

    model = CalendarYear
    category = "system"
    list_columns = ("year", "confirmed", "source")
    form_columns = ("year", "confirmed", "source")
    filters = ("confirmed",)
    default_sort = ("year", True)
    labels = {"year": _("Year"), "confirmed": _("Confirmed"), "source": _("Source")}


@hookimpl
def views() -> list[EntityView]:
    """The screens of this domain."""
    return [PolicyDocumentView(), CalendarDayView(), CalendarYearView()]
