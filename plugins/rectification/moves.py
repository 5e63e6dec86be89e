"""From the open task to its verification; poor rectifications, and the measure that a second one asks for."""

from datetime import timedelta

from sqlalchemy.orm import Session

from engine.obligations.periods import end_of
from engine.rules import Facts
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.rectification import ManagementMeasure, MeasureState, RectificationTask, TaskState
from models.words import _
from plugins.rectification.rules import agent_completes, measures_are_stated, somebody_else_verifies

SECOND = 2


def _complete(session: Session, task: RectificationTask, facts: Facts) -> None:
    task.completed_at = facts.now


def _verify(session: Session, task: RectificationTask, facts: Facts) -> None:
    task.verified_at, task.verified_by_id = facts.now, facts.actor.staff_id


def _reject(session: Session, task: RectificationTask, facts: Facts) -> None:
    """A rejected rectification is due again after the days its severity allows, and counts as poor (RCT-3)."""
    days = int(facts.parameter("rectification_days")[task.severity.value])
    task.completed_at = None
    task.due_at = end_of(facts.today + timedelta(days=days), facts.zone)
    session.flush()
    perform(session, task, "fail", verdict=task.verdict)


def _count_failure(session: Session, task: RectificationTask, facts: Facts) -> None:
    """The second failure asks management for a measure (RCT-3)."""
    task.failures += 1
    if task.failures == SECOND:
        session.add(
            ManagementMeasure(
                department_id=task.department_id,
                task_id=task.id,
                agent_id=task.agent_id,
                team_id=task.team_id,
                asked_at=facts.now,
            )
        )


def _decide(session: Session, measure: ManagementMeasure, facts: Facts) -> None:
    measure.decided_at, measure.decided_by_id = facts.now, facts.actor.staff_id


OPEN, COMPLETED = frozenset({TaskState.OPEN}), frozenset({TaskState.COMPLETED})
VERDICT = Ask("verdict", _("What you found"))
MOVES = (
    Transition(
        "complete",
        RectificationTask,
        OPEN,
        TaskState.COMPLETED,
        _("Report completion"),
        "RCT-2",
        guards=(agent_completes, measures_are_stated),
        effect=_complete,
        tone="good",
        asks=(Ask("measures", _("Measures taken"), required=False),),
        awaited_of="agent_id",
    ),
    Transition(
        "verify",
        RectificationTask,
        COMPLETED,
        TaskState.VERIFIED,
        _("Verify"),
        "RCT-2",
        guards=(somebody_else_verifies,),
        effect=_verify,
        asks=(VERDICT,),
        tone="good",
        awaited_of="inspector_id",
    ),
    Transition(
        "reject",
        RectificationTask,
        COMPLETED,
        TaskState.OPEN,
        _("Reject"),
        "RCT-3",
        guards=(somebody_else_verifies,),
        effect=_reject,
        asks=(VERDICT,),
        tone="bad",
    ),
    Transition(
        "fail",
        RectificationTask,
        OPEN,
        TaskState.OPEN,
        _("Count as poor"),
        "RCT-3",
        effect=_count_failure,
        asks=(Ask("verdict", _("Reason"), required=False),),
        by_system=True,
    ),
    Transition("cancel", RectificationTask, OPEN | COMPLETED, TaskState.CANCELLED, _("Cancel"), "QA-8", by_system=True),
    Transition(
        "decide",
        ManagementMeasure,
        frozenset({MeasureState.OWED}),
        MeasureState.DECIDED,
        _("Decide"),
        "RCT-3",
        effect=_decide,
        asks=(Ask("measure", _("Measure")),),
        tone="good",
    ),
)
