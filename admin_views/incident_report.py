"""ORG-4: reports as people write them, answer them and pass them up."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from admin_views.base import EntityView
from admin_views.own_pages import DETAILS, OwnPages
from engine import clock
from engine.acting import current_act, seeing_all
from engine.database import db
from engine.hooks import hookimpl
from models.incident_report import IncidentReport
from models.organisation import Staff
from models.words import _
from plugins.incident_report.line import Line, line_above


def _my_line() -> Line:
    """Who stands above the reader."""
    actor = current_act().actor
    with seeing_all():
        return line_above(db.session(), actor.department_id or 0, actor.staff_id)


def _above_me() -> Sequence[ColumnElement[bool]]:
    return (Staff.id.in_(_my_line().above),)


def _waits_for_mine() -> Sequence[ColumnElement[bool]]:
    """The reader's own reports that passed their superior over, who still waits for one."""
    mine = IncidentReport.sender_id == current_act().actor.staff_id
    return (mine, IncidentReport.skipped.is_(True), IncidentReport.followed_up_at.is_(None))


class IncidentReportView(OwnPages, EntityView):
    """Reports one sent, got, or stands above."""

    model = IncidentReport
    category = "communication"
    icon = "message-square-warning"
    own = {DETAILS: "reporting/report.html"}
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
    only_filled = detail_columns[6:]
    groups = (
        (_("What happened"), ("name", "what", "occurred_at")),
        (_("Reported"), ("sender_id", "direct_superior_id", "addressee_id", "reported_at", "levels")),
        (
            _("Past the direct superior"),
            ("emergency", "why_emergency", "skipped", "follow_up_of_id", "followed_up_at"),
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
        "addressee_id": _("Your direct superior, unless it is an emergency."),
        "follow_up_of_id": _("Only for the report that you owe after passing your direct superior over."),
        "emergency": _("Only an emergency may pass your direct superior over."),
    }
    filters = ("state", "emergency", "skipped", "sender_id", "addressee_id", "reported_at")
    default_sort = ("reported_at", True)
    narrow = {"addressee_id": _above_me, "follow_up_of_id": _waits_for_mine}
    related = (("incident_report", "follow_up_of_id"),)
    empty_hint = _("Nothing was reported. Whoever notices something reports it to their direct superior here.")

    def first_values(self) -> Mapping[str, Any]:
        """A report begins now, and with the direct superior."""
        return {"addressee_id": _my_line().direct, "occurred_at": clock.now()}

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Whether the reader still owes their superior a report about this one."""
        report: IncidentReport = data["record"]
        owes = report.skipped and report.followed_up_at is None
        return {"owes": owes and report.sender_id == current_act().actor.staff_id}


@hookimpl
def views() -> list[EntityView]:
    """Reports."""
    return [IncidentReportView()]
