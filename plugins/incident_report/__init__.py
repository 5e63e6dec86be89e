"""ORG-4: incidents go to the direct superior, level by level; one is skipped in an emergency, and told afterwards.

- `rules`: what a report must be when it is sent; `line`: who stands above whom
- `moves`: answered, or up one level; `telling`: who hears of it
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.obligations.kinds import Kind
from engine.rules import Facts, Fill
from models.incident_report import IncidentReport
from models.organisation import Staff, StaffStatus
from models.words import _
from plugins.incident_report.moves import MOVES, move_on
from plugins.incident_report.rules import RULES, complete
from plugins.incident_report.telling import NOTICES, follow


@hookimpl
def left(session: Session, person: Staff) -> None:
    """What lies with somebody who leaves goes up one level, and its new addressee is told."""
    move_on(session, IncidentReport.addressee_id == person.id)


@hookimpl
def due(session: Session, now: datetime) -> int:
    """What nobody stood above to take goes to whoever has taken over the post of the one who left."""
    return move_on(session, IncidentReport.addressee.has(Staff.status == StaffStatus.LEFT))


def _follow_up_due(report: IncidentReport, facts: Facts) -> datetime:
    return report.reported_at + timedelta(hours=int(facts.parameter("followup_hours")))


FOLLOW_UP = Kind(
    "followup_report",
    "ORG-4",
    IncidentReport,
    _("Report to the direct superior who was passed over"),
    owed=lambda r: r.skipped and r.followed_up_at is None,
    met=lambda r: r.skipped and r.followed_up_at is not None,
    due=_follow_up_due,
    owner=lambda r: r.sender_id,
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="incident_report",
        label=_("Incident reports"),
        built=("ORG-4",),
        entities=(IncidentReport,),
        fills=(Fill(IncidentReport, complete),),
        afters=(Fill(IncidentReport, follow),),
        rules=RULES,
        transitions=MOVES,
        obligations=(FOLLOW_UP,),
        notices=NOTICES,
    )
