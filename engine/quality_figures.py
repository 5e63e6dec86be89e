"""A month's quality in figures, each with the number of records behind it (QA-9). Nobody types them."""

from collections.abc import Iterable, Sequence  # noqa: TC003 for mypy, and plain like every import
from datetime import datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.obligations.periods import Every, Period
from models.organisation import Staff, Team
from models.qa_inspection import TOLD, FindingState, QaFinding, QaInspection
from models.rectification import RectificationTask, TaskState
from models.scorecard import ScorecardItem

TREND_MONTHS = 6
COUNTED = tuple(sorted(TOLD))
CENT = Decimal("0.01")


def figures_of(session: Session, department_id: int, about: str, zone: str) -> dict[str, Any]:
    """The figures of the month named `about` (`2026-11`), by when the records happened in the department's `zone`.

    Only results that were told count. Keys: `scores`, `trend`, `by_agent`, `by_team`, `by_item`, `by_severity`,
    `causes`, `recurring`, `rectification`.
    """
    span = _span(about, zone)
    inspections = _within(select(QaInspection.id), QaInspection, department_id, span).where(
        QaInspection.state.in_(COUNTED)
    )
    findings = _within(select(QaFinding.id), QaFinding, department_id, span).where(QaFinding.state == FindingState.TOLD)
    return {
        "month": about,
        "scores": _scores(session, inspections),
        "trend": [_point(session, department_id, name, zone) for name in _months_until(about)],
        "by_agent": _means(session, inspections, Staff.id, Staff.name, QaInspection.agent_id),
        "by_team": _means(session, inspections, Team.id, Team.name, QaInspection.team_id),
        "by_item": _items(session, findings),
        "by_severity": _counts(session, findings, QaFinding.severity),
        "causes": _counts(session, findings.where(QaFinding.cause.is_not(None)), QaFinding.cause),
        "recurring": session.scalar(
            select(func.count()).select_from(findings.where(QaFinding.recurring.is_(True)).subquery())
        )
        or 0,
        "rectification": _tasks(session, findings),
    }


def _span(about: str, zone: str) -> tuple[datetime, datetime]:
    period = Period.containing(Every.MONTH, datetime.fromisoformat(f"{about}-01").date())
    return _midnight(period, zone), _midnight(period.next(Every.MONTH), zone)


def _midnight(period: Period, zone: str) -> datetime:
    return datetime.combine(period.first, time(), ZoneInfo(zone))


def _within(query: Select[Any], model: Any, department_id: int, span: tuple[datetime, datetime]) -> Select[Any]:  # noqa: ANN401 a model
    return query.where(model.department_id == department_id, model.occurred_at >= span[0], model.occurred_at < span[1])


def _months_until(about: str) -> list[str]:
    period = Period.containing(Every.MONTH, datetime.fromisoformat(f"{about}-01").date())
    names = [period.name]
    for _back in range(TREND_MONTHS - 1):
        period = period.previous(Every.MONTH)
        names.append(period.name)
    return names[::-1]


def _point(session: Session, department_id: int, name: str, zone: str) -> dict[str, Any]:
    inspections = _within(select(QaInspection.id), QaInspection, department_id, _span(name, zone))
    return {"month": name, **_scores(session, inspections.where(QaInspection.state.in_(COUNTED)))}


def _scores(session: Session, inspections: Select[Any]) -> dict[str, Any]:
    count, total, least, most = session.execute(
        inspections.with_only_columns(
            func.count(), func.sum(QaInspection.score), func.min(QaInspection.score), func.max(QaInspection.score)
        )
    ).one()
    return {"records": count, "mean": _mean(total, count), "lowest": least, "highest": most}


def _mean(total: Decimal | None, count: int) -> Decimal | None:
    """Exact to the cent: the sum is exact, only the division rounds."""
    return (Decimal(total) / count).quantize(CENT, ROUND_HALF_UP) if count and total is not None else None


def _means(session: Session, inspections: Select[Any], key: Any, name: Any, column: Any) -> list[dict[str, Any]]:  # noqa: ANN401 columns
    rows = session.execute(
        inspections.join(key.class_, key == column)
        .with_only_columns(key, name, func.count(), func.sum(QaInspection.score))
        .group_by(key, name)
    ).all()
    told = [{"id": row[0], "name": row[1], "records": row[2], "mean": _mean(row[3], row[2])} for row in rows]
    return sorted(told, key=lambda row: (row["mean"], row["name"]))


def _items(session: Session, findings: Select[Any]) -> list[dict[str, Any]]:
    rows = session.execute(
        findings.join(ScorecardItem, ScorecardItem.id == QaFinding.item_id)
        .with_only_columns(
            ScorecardItem.category,
            ScorecardItem.code,
            func.count(),
            func.sum(QaFinding.deduction),
            func.min(ScorecardItem.id),
        )
        .group_by(ScorecardItem.category, ScorecardItem.code)
    ).all()
    names = {
        item.id: item
        for item in session.scalars(select(ScorecardItem).where(ScorecardItem.id.in_([row[4] for row in rows])))
    }
    told = [
        {
            "category": row[0],
            "category_name": names[row[4]].category_name,
            "item": row[1],
            "item_name": names[row[4]].name,
            "item_id": row[4],
            "findings": row[2],
            "points": row[3],
        }
        for row in rows
    ]
    return sorted(told, key=lambda row: (-row["findings"], row["item"]))


def _counts(session: Session, findings: Select[Any], column: Any) -> list[dict[str, Any]]:  # noqa: ANN401 a column
    rows: Iterable[Any] = session.execute(findings.with_only_columns(column, func.count()).group_by(column)).all()
    return sorted(
        ({"name": row[0], "findings": row[1]} for row in rows), key=lambda row: (-row["findings"], str(row["name"]))
    )


def _tasks(session: Session, findings: Select[Any]) -> dict[str, int]:
    rows: Sequence[RectificationTask] = session.scalars(
        select(RectificationTask).where(RectificationTask.finding_id.in_(findings))
    ).all()
    verified = [task for task in rows if task.state is TaskState.VERIFIED]
    return {
        "opened": len(rows),
        "verified": len(verified),
        "in_time": sum(task.completed_at is not None and task.completed_at <= task.due_at for task in verified),
        "failed": sum(task.failures > 0 for task in rows),
    }
