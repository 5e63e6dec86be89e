"""ORG-4: reports as people write them, answer them and pass them up."""

from admin_views.base import EntityView
from engine.hooks import hookimpl
from models.incident_report import IncidentReport
from models.words import _


class IncidentReportView(EntityView):
    """Reports one sent, got, or stands above."""

    model = IncidentReport
    category = "communication"
    icon = "message-square-warning"
    list_columns = ("name", "sender_id", "addressee_id", "emergency", "reported_at", "state")
    form_columns = ("name", "what", "occurred_at", "addressee_id", "emergency", "why_emergency", "follow_up_of_id")
    not_in_form = (
        "sender_id",
        "direct_superior_id",
        "skipped",
        "reported_at",
        "followed_up_at",
        "levels",
        "answer",
        "answered_at",
    )
    detail_columns = (
        "name",
        "what",
        "occurred_at",
        "sender_id",
        "addressee_id",
        "reported_at",
        "emergency",
        "why_emergency",
        "skipped",
        "direct_superior_id",
        "follow_up_of_id",
        "followed_up_at",
        "levels",
        "answer",
        "answered_at",
    )
    groups = (
        (_("What happened"), ("name", "what", "occurred_at")),
        (_("Reported"), ("sender_id", "addressee_id", "reported_at", "levels")),
        (
            _("Past the direct superior"),
            ("emergency", "why_emergency", "skipped", "direct_superior_id", "follow_up_of_id", "followed_up_at"),
        ),
        (_("Answer"), ("answer", "answered_at")),
    )
    labels = {
        "name": _("Subject"),
        "what": _("What happened"),
        "occurred_at": _("Happened at"),
        "sender_id": _("Reported by"),
        "addressee_id": _("Reported to"),
        "reported_at": _("Reported on"),
        "emergency": _("Emergency"),
        "why_emergency": _("Why it could not wait"),
        "skipped": _("A level was skipped"),
        "direct_superior_id": _("Direct superior at that time"),
        "follow_up_of_id": _("Follow-up to"),
        "followed_up_at": _("Direct superior informed on"),
        "levels": _("Levels passed up"),
    }
    help = {
        "addressee_id": _("Left empty: your direct superior."),
        "emergency": _("Only an emergency may pass your direct superior over."),
    }
    filters = ("state", "emergency", "skipped", "sender_id", "addressee_id", "reported_at")
    default_sort = ("reported_at", True)
    related = (("incident_report", "follow_up_of_id"),)
    empty_hint = _("Nothing was reported. Whoever notices something reports it to their direct superior here.")


@hookimpl
def views() -> list[EntityView]:
    """Reports."""
    return [IncidentReportView()]
