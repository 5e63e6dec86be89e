"""How well each category of the scorecard is kept, out of 100: what training is drawn up from (TRN-1, TRN-8, DAT-4)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.qa_inspection import TOLD, FindingState, QaFinding, QaInspection
from models.scorecard import Scorecard, ScorecardItem

TENTH = Decimal("0.1")
WHOLE = Decimal(100)


@dataclass(frozen=True)
class CategoryScore:
    """One category: of how many told records, with how many findings, and what was kept of its points, out of 100."""

    code: str
    name: Mapping[str, str]
    records: int
    findings: int
    lost: Decimal
    score: Decimal


@dataclass
class _Sum:
    """What is added up for one category."""

    name: Mapping[str, str]
    records: int = 0
    findings: int = 0
    lost: Decimal = Decimal(0)
    points: Decimal = Decimal(0)


def categories_of(session: Session, department_id: int, start: datetime, end: datetime) -> list[CategoryScore]:
    """The department's categories between two aware moments, the weakest first; empty without told records."""
    return _by_agent(session, department_id, start, end, together=True).get(0, [])


def categories_by_agent(
    session: Session, department_id: int, start: datetime, end: datetime, agents: Sequence[int] = ()
) -> dict[int, list[CategoryScore]]:
    """The same for each agent (of `agents`, or of all), by staff id."""
    return _by_agent(session, department_id, start, end, agents=agents)


def _by_agent(  # noqa: PLR0913 a window, and whose records lie in it
    session: Session,
    department_id: int,
    start: datetime,
    end: datetime,
    *,
    agents: Sequence[int] = (),
    together: bool = False,
) -> dict[int, list[CategoryScore]]:
    cards = _points_by_category(session, department_id)
    sums: defaultdict[int, dict[str, _Sum]] = defaultdict(dict)
    inspection = QaInspection
    told = [
        inspection.department_id == department_id,
        inspection.occurred_at >= start,
        inspection.occurred_at < end,
        inspection.state.in_(sorted(TOLD)),
        *([inspection.agent_id.in_(agents)] if agents else []),
    ]
    counted = select(inspection.agent_id, inspection.scorecard_id, func.count()).where(*told)
    for agent, card, records in session.execute(counted.group_by(inspection.agent_id, inspection.scorecard_id)):
        for code, (name, points) in cards.get(card, {}).items():
            mine = sums[0 if together else agent].setdefault(code, _Sum(name))
            mine.records += records
            mine.points += records * points
    lost = (
        select(inspection.agent_id, ScorecardItem.category, func.count(), func.sum(QaFinding.deduction))
        .join(inspection, inspection.id == QaFinding.inspection_id)
        .join(ScorecardItem, ScorecardItem.id == QaFinding.item_id)
        .where(*told, QaFinding.state == FindingState.TOLD)
    )
    for agent, code, findings, points in session.execute(lost.group_by(inspection.agent_id, ScorecardItem.category)):
        if (found := sums[0 if together else agent].get(code)) is not None:
            found.findings += findings
            found.lost += Decimal(points)
    return {agent: _ranked(each) for agent, each in sums.items()}


def _points_by_category(session: Session, department_id: int) -> dict[int, dict[str, tuple[Any, Decimal]]]:
    """Of each scorecard, how many points of a record each category has: its weight in the base score."""
    rows = session.execute(
        select(
            Scorecard.id,
            Scorecard.base_score,
            ScorecardItem.category,
            ScorecardItem.category_name,
            ScorecardItem.weight,
        )
        .join(ScorecardItem, ScorecardItem.scorecard_id == Scorecard.id)
        .where(Scorecard.department_id == department_id)
        .order_by(ScorecardItem.position)
    ).all()
    cards: defaultdict[int, dict[str, tuple[Any, Decimal]]] = defaultdict(dict)
    counts = {card: len({row.category for row in rows if row.id == card}) for card in {row.id for row in rows}}
    for row in rows:
        share = row.weight if row.weight is not None else WHOLE / counts[row.id]
        cards[row.id].setdefault(row.category, (row.category_name, row.base_score * share / WHOLE))
    return cards


def _ranked(sums: Mapping[str, _Sum]) -> list[CategoryScore]:
    scores = [
        CategoryScore(code, each.name, each.records, each.findings, each.lost, _kept(each))
        for code, each in sums.items()
        if each.points
    ]
    return sorted(scores, key=lambda each: (each.score, each.code))


def _kept(each: _Sum) -> Decimal:
    kept = WHOLE * (1 - each.lost / each.points)
    return max(Decimal(0), kept).quantize(TENTH, ROUND_HALF_UP)
