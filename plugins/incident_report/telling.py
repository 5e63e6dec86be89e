"""Whom a report reaches, and what becomes of it for its sender."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from engine import clock
from engine.manifest import Notice
from engine.notices.inbox import notify
from models.incident_report import IncidentReport
from models.words import _


def follow(session: Session, reports: Sequence[IncidentReport]) -> None:
    """The addressee is told; a follow-up settles what was owed for the report that skipped a level."""
    for report in reports:
        tell(session, report)
        if report.follow_up_of is not None:
            report.follow_up_of.followed_up_at = clock.now()


def tell(session: Session, report: IncidentReport) -> None:
    """Tell whoever the report is with now."""
    data = {"sender": report.sender.label, "what": report.name, "at": report.occurred_at}
    code = "incident.emergency" if report.emergency else "incident.reported"
    key = f"incident:{report.id}:{report.levels}"
    notify(session, report.department_id, [report.addressee_id], code, key, data, subject=report)


NOTICES = (
    Notice(
        "incident.reported",
        _("%(sender)s reports: %(what)s"),
        _("%(sender)s reports what happened on %(at)s: %(what)s. Answer it, or pass it up one level."),
    ),
    Notice(
        "incident.emergency",
        _("Emergency, reported by %(sender)s: %(what)s"),
        _("%(sender)s reports an emergency of %(at)s: %(what)s. Please look at it at once."),
    ),
    Notice(
        "incident.answered",
        _("Your report was answered: %(what)s"),
        _("Your report “%(what)s” was answered: %(answer)s"),
    ),
)
