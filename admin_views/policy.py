"""The company's documents, the working calendar, and the group chats that hear notices."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from admin_views.base import EntityView, SeveralField
from engine.hooks import hookimpl
from engine.registry import registry
from models.calendar import CalendarDay, CalendarYear
from models.notification import GroupWebhook
from models.organisation import Staff, StaffStatus
from models.policy import PolicyDocument
from models.words import Words, _


def _still_here() -> Sequence[ColumnElement[bool]]:
    return (Staff.status.not_in([StaffStatus.LEFT, StaffStatus.CANDIDATE]),)


def _notice_codes() -> Sequence[tuple[str, Words]]:
    """Every notice that some domain sends, by its subject."""
    return [(code, notice.subject) for code, notice in sorted(registry.notices.items())]


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
        "effective_on": _("In effect from"),
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


class GroupWebhookView(EntityView):
    """Group chats that hear the department's notices. The address is a secret: set anew, never shown."""

    model = GroupWebhook
    category = "system"
    list_columns = ("name", "kind", "team_id", "active")
    form_columns = ("name", "kind", "address", "team_id", "codes", "active")
    write_only = ("address",)
    fields = {"codes": lambda label: SeveralField(label, choices=_notice_codes)}
    filters = ("kind", "active", "team_id")
    search = ("name",)
    default_sort = ("name", False)
    labels = {"address": _("Address"), "codes": _("Which notices")}


@hookimpl
def views() -> list[EntityView]:
    """The screens of this domain."""
    return [PolicyDocumentView(), CalendarDayView(), CalendarYearView(), GroupWebhookView()]
