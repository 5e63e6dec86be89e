"""A told finding opens its task, and is marked when the same problem was told before (RCT-1, RCT-4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.circumstances import facts_for
from engine.notices.inbox import notify
from engine.obligations.periods import end_of
from engine.rules import Facts, need
from models.qa_inspection import FindingState, QaFinding
from models.rectification import RectificationTask


@need()
def same_problem_before(session: Session, findings: Sequence[QaFinding]) -> Mapping[QaFinding, datetime | None]:
    """For each finding, when the same problem (agent and item) was last told before."""
    rows = session.execute(
        select(QaFinding.agent_id, QaFinding.item_id, QaFinding.occurred_at, QaFinding.id).where(
            QaFinding.agent_id.in_({f.agent_id for f in findings}),
            QaFinding.item_id.in_({f.item_id for f in findings}),
            QaFinding.state == FindingState.TOLD,
        )
    ).all()
    return {
        finding: max(
            (
                r.occurred_at
                for r in rows
                if _is_the_same(r.agent_id, r.item_id, finding)
                and r.id != finding.id
                and r.occurred_at <= finding.occurred_at
            ),
            default=None,
        )
        for finding in findings
    }


def _is_the_same(agent_id: int, item_id: int, finding: QaFinding) -> bool:
    return (agent_id, item_id) == (finding.agent_id, finding.item_id)


def open_task(session: Session, finding: QaFinding) -> None:
    """The agent has a task for the finding, due after the days that its severity leaves, and hears of it."""
    facts = facts_for(session, [finding], needs=[same_problem_before])[finding]
    finding.recurring = _recurs(finding, facts)
    days = int(facts.parameter("rectification_days")[finding.severity.value])
    task = RectificationTask(
        department_id=finding.department_id,
        finding_id=finding.id,
        agent_id=finding.agent_id,
        team_id=finding.team_id,
        inspector_id=finding.inspection.inspector_id,
        severity=finding.severity,
        problem=finding.problem,
        recurring=finding.recurring,
        due_at=end_of(facts.today + timedelta(days=days), facts.zone),
    )
    session.add(task)
    session.flush()
    data = {"problem": finding.problem, "due_at": task.due_at}
    notify(session, task.department_id, [task.agent_id], "rectification.opened", f"task:{task.id}", data, subject=task)


def _recurs(finding: QaFinding, facts: Facts) -> bool:
    """The same problem again within the period is recurring (RCT-4)."""
    before: datetime | None = facts.loaded(same_problem_before)
    return before is not None and finding.occurred_at - before <= timedelta(
        days=int(facts.parameter("recurrence_days"))
    )
