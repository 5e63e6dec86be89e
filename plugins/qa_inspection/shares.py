"""Weekly shares: what is drawn is given out, and counted until it is reviewed."""

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import zone_of
from engine.errors import PolicyError, Violation
from engine.obligations.periods import Every, Period
from models.organisation import Post, Staff, StaffStatus
from models.qa_inspection import InspectionState, QaBatch, QaInspection
from models.qa_plan import QaDraw
from models.service_record import ServiceRecord
from models.words import _


def settle_batch(session: Session, batch: QaBatch) -> None:
    """Count what of a weekly share is still to be handed in and to be reviewed."""
    session.flush()
    counts = dict(
        session.execute(
            select(QaInspection.state, func.count())
            .where(QaInspection.batch_id == batch.id)
            .group_by(QaInspection.state)
        ).all()
    )
    batch.to_hand_in = counts.get(InspectionState.ASSIGNED, 0)
    batch.to_review = counts.get(InspectionState.HANDED_IN, 0)


def share_out(session: Session, draw: QaDraw) -> None:
    """Drawn records go to the inspectors in turn, and week by week to the end of the plan's month."""
    inspectors = session.scalars(
        select(Staff.id)
        .where(
            Staff.department_id == draw.department_id, Staff.status == StaffStatus.ON_POST, Staff.post == Post.INSPECTOR
        )
        .order_by(Staff.number)
    ).all()
    if not inspectors:
        says = _("There is no QA inspector on post to score what is drawn.")
        raise PolicyError([Violation("qa_inspection.somebody_can_score", "QA-3", says, record=draw.plan)])
    weeks = _weeks(clock.day_in(zone_of(session, draw.department_id), draw.drawn_at), draw.plan.month)
    batches: dict[tuple[int, str], QaBatch] = {}
    drawn = session.scalars(select(ServiceRecord).where(ServiceRecord.id.in_(draw.sample))).all()
    by_id = {record.id: record for record in drawn}
    for place, record_id in enumerate(draw.sample):
        inspector, week = inspectors[place % len(inspectors)], weeks[place // len(inspectors) % len(weeks)]
        batch = batches.setdefault(
            (inspector, week), QaBatch(department_id=draw.department_id, draw=draw, inspector_id=inspector, week=week)
        )
        session.add(_given_to(inspector, batch, draw, by_id[record_id]))
    session.flush()
    for batch in batches.values():
        settle_batch(session, batch)


def _weeks(today: date, month: str) -> list[str]:
    """The ISO weeks from today's to the last of the month; at least today's."""
    last = Period.containing(Every.MONTH, date.fromisoformat(f"{month}-01")).last
    days = [today + timedelta(days=7 * n) for n in range(max(0, (last - today).days // 7) + 1)]
    return [Period.containing(Every.WEEK, day).name for day in days]


def _given_to(inspector: int, batch: QaBatch, draw: QaDraw, record: ServiceRecord) -> QaInspection:
    return QaInspection(
        department_id=draw.department_id,
        draw=draw,
        batch=batch,
        service_record_id=record.id,
        occurred_at=record.occurred_at,
        agent_id=record.agent_id,
        team_id=record.team_id,
        inspector_id=inspector,
        scorecard_id=draw.plan.scorecard_id,
    )
