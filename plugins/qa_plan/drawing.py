"""The draw: which records it is from, its seed, and what it drew."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import sampling
from engine.circumstances import zone_of
from engine.rules import Facts
from models.qa_plan import QaDraw, QaPlan
from models.service_record import ServiceRecord


def window(plan: QaPlan, given: Mapping[str, Any]) -> tuple[date, date]:
    """The first and last day that are drawn from: those given for this draw, else the plan's."""
    first, last = given.get("records_from"), given.get("records_until")
    return first or plan.records_from, last or plan.records_until


def records_between(session: Session, department_id: int, days: tuple[date, date]) -> Any:  # noqa: ANN401 a SELECT of rows
    """The answered contacts of these days, as candidates of a draw."""
    first, last = days
    zone = ZoneInfo(zone_of(session, department_id))
    begin, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    return select(ServiceRecord.id, ServiceRecord.number, ServiceRecord.agent_id, ServiceRecord.channel_id).where(
        ServiceRecord.department_id == department_id,
        ServiceRecord.answered.is_(True),
        ServiceRecord.occurred_at >= begin,
        ServiceRecord.occurred_at < end,
    )


def sample_of(session: Session, draw: QaDraw) -> sampling.Draw:
    """Draw again with the kept seed, from the records that existed when the draw was made (QA-3).

    Compare its `population_hash` and `sample_hash` with the draw's: equal means the same draw.
    """
    rows = session.execute(
        records_between(session, draw.department_id, (draw.records_from, draw.records_until)).where(
            ServiceRecord.created_at <= draw.drawn_at
        )
    ).all()
    return sampling.draw((sampling.Candidate(*row) for row in rows), draw.seed, draw.per_agent)


def draw_sample(session: Session, plan: QaPlan, facts: Facts) -> None:
    """Keep seed, population and sample of a fresh draw; whoever scores it is decided by the inspection's chapter."""
    first, last = window(plan, facts.given)
    made = QaDraw(
        department_id=plan.department_id,
        plan=plan,
        number=len(plan.draws) + 1,
        reason=facts.given.get("reason") or None,
        seed=secrets.token_hex(16),
        method=sampling.METHOD,
        drawn_at=facts.now,
        per_agent=plan.per_agent,
        records_from=first,
        records_until=last,
    )
    drawn = sample_of(session, made)
    made.population, made.population_hash, made.sample_hash = drawn.population, drawn.population_hash, drawn.sample_hash
    made.sample = [candidate.id for candidate in drawn.sample]
    made.strata = [asdict(stratum) for stratum in drawn.strata]
    session.add(made)
