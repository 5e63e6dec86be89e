"""Who reports a breach, who handles it, and that they hear of it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import current_act
from engine.notices.inbox import notify
from models.breach_incident import BreachIncident
from models.organisation import Post, Staff, StaffStatus

REPORTED = "breach_incident.reported"


def reporter_and_handler(session: Session, incidents: Sequence[BreachIncident]) -> None:
    """Whoever writes it down reports it, now; the department manager handles it unless somebody else is named."""
    actor = current_act().actor
    managers: dict[int, int | None] = {}
    for incident in incidents:
        if incident.reported_at is None:
            incident.reported_at = clock.now()
            incident.reporter_id = incident.reporter_id or actor.staff_id
        if incident.handler_id is None:
            home = incident.department_id
            managers.setdefault(home, _manager(session, home))
            incident.handler_id = managers[home]


def _manager(session: Session, department_id: int) -> int | None:
    query = select(Staff.id).where(
        Staff.department_id == department_id, Staff.post == Post.MANAGER, Staff.status == StaffStatus.ON_POST
    )
    return session.scalar(query.order_by(Staff.id).limit(1))


def tell_the_handler(session: Session, incidents: Sequence[BreachIncident]) -> None:
    """Whoever has to handle it hears of it at once."""
    for incident in incidents:
        if incident.handler_id is not None:
            data = {"title": incident.title_text, "severity": incident.severity.label}
            key = f"breach_incident:{incident.id}"
            notify(session, incident.department_id, [incident.handler_id], REPORTED, key, data, subject=incident)
