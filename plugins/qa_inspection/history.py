"""What an inspector sees of an agent's past."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import zone_of
from engine.packs import parameters
from models.qa_inspection import FindingState, QaFinding, QaInspection
from models.scorecard import ScorecardItem


def earlier_findings(session: Session, inspection: QaInspection) -> dict[str, list[QaFinding]]:
    """What was told to the record's agent within the recurrence period (RCT-4), newest first, by the item's code."""
    day = clock.day_in(zone_of(session, inspection.department_id), inspection.occurred_at)
    days = int(parameters.value(session, inspection.department_id, "recurrence_days", day))
    rows = session.execute(
        select(ScorecardItem.code, QaFinding)
        .join(QaFinding.item)
        .where(
            QaFinding.agent_id == inspection.agent_id,
            QaFinding.state == FindingState.TOLD,
            QaFinding.inspection_id != inspection.id,
            QaFinding.occurred_at <= inspection.occurred_at,
            QaFinding.occurred_at >= inspection.occurred_at - timedelta(days=days),
        )
        .order_by(QaFinding.occurred_at.desc())
    )
    found: dict[str, list[QaFinding]] = {}
    for code, finding in rows:
        found.setdefault(code, []).append(finding)
    return found
