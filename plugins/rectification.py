"""RCT: every told finding is rectified by its due date; only verification closes it; failures have consequences."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import facts_for
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.rules import CREATE, GUARD, Facts, Verdict, need, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.base import Record
from models.obligation import Obligation
from models.organisation import Post
from models.qa_inspection import FindingState, QaFinding
from models.rectification import ManagementMeasure, MeasureState, RectificationTask, TaskState
from models.words import _

SECOND = 2


@rule(
    "RCT-1",
    RectificationTask,
    on=frozenset({CREATE}),
    says=_("A rectification task is opened by a reviewed finding, not by hand."),
)
def task_is_opened_by_its_finding(task: RectificationTask, facts: Facts) -> Verdict:
    """The task follows from the review."""
    return facts.actor.is_system and task.finding_id is not None


@rule(
    "RCT-2",
    RectificationTask,
    field="measures",
    changed=("measures",),
    says=_("Measures are written while the task is open."),
)
def measures_are_written_while_open(task: RectificationTask, facts: Facts) -> Verdict:
    """What the inspector verifies does not change under their eyes."""
    return facts.move is not None or task.state is TaskState.OPEN


@rule("RCT-2", RectificationTask, field="measures", on=GUARD, says=_("Write down the measures you took."))
def measures_are_stated(task: RectificationTask, facts: Facts) -> Verdict:
    """Nothing can be verified that nobody wrote."""
    return bool(str(facts.given.get("measures") or task.measures or "").strip())


@rule("RCT-2", RectificationTask, on=GUARD, says=_("Only the agent whose task it is completes it."))
def agent_completes(task: RectificationTask, facts: Facts) -> Verdict:
    """Rectification is personal."""
    return facts.actor.is_system or facts.actor.staff_id == task.agent_id


@rule("RCT-2", RectificationTask, on=GUARD, says=_("Nobody verifies their own rectification."))
def somebody_else_verifies(task: RectificationTask, facts: Facts) -> Verdict:
    """The inspector verifies."""
    return facts.actor.is_system or facts.actor.staff_id != task.agent_id


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


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """A told finding opens its task (RCT-1); a withdrawn one cancels it."""
    if not isinstance(record, QaFinding):
        return
    if transition.name == "tell":
        _open(session, record)
    elif transition.name == "withdraw":
        for task in session.scalars(select(RectificationTask).where(RectificationTask.finding_id == record.id)).all():
            if task.state in {TaskState.OPEN, TaskState.COMPLETED}:
                perform(session, task, "cancel")


def _open(session: Session, finding: QaFinding) -> None:
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


@hookimpl
def overdue(session: Session, obligation: Obligation) -> None:
    """A missed date is a poor rectification (RCT-3)."""
    if obligation.kind == COMPLETE.name:
        task = session.get(RectificationTask, obligation.subject_id)
        if task is not None and task.state is TaskState.OPEN:
            perform(session, task, "fail")


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


@rule(
    "RCT-3",
    ManagementMeasure,
    on=frozenset({CREATE}),
    says=_("A management measure is asked for by a second poor rectification."),
)
def measure_is_asked_for_by_its_cause(measure: ManagementMeasure, facts: Facts) -> Verdict:
    """The duty follows from the records."""
    return facts.actor.is_system and measure.task_id is not None


def _decide(session: Session, measure: ManagementMeasure, facts: Facts) -> None:
    measure.decided_at, measure.decided_by_id = facts.now, facts.actor.staff_id


def _verification_due(task: RectificationTask, facts: Facts) -> datetime:
    day = clock.day_in(facts.zone, task.completed_at or facts.now)
    return end_of(facts.calendar.add(day, int(facts.parameter("verification_days"))), facts.zone)


def _measure_due(measure: ManagementMeasure, facts: Facts) -> datetime:
    day = clock.day_in(facts.zone, measure.asked_at)
    return end_of(facts.calendar.add(day, int(facts.parameter("management_measure_days"))), facts.zone)


DONE = frozenset({TaskState.COMPLETED, TaskState.VERIFIED})
COMPLETE = Kind(
    "rectification",
    "RCT-2",
    RectificationTask,
    _("Rectify the problem"),
    owed=lambda t: t.state is TaskState.OPEN,
    met=lambda t: t.state in DONE,
    due=lambda t, facts: t.due_at,
    owner=lambda t: t.agent_id,
)
VERIFY = Kind(
    "verification",
    "RCT-2",
    RectificationTask,
    _("Verify the rectification"),
    owed=lambda t: t.state is TaskState.COMPLETED,
    met=lambda t: t.state is TaskState.VERIFIED,
    due=_verification_due,
    owner=lambda t: t.inspector_id,
)
MEASURE = Kind(
    "management_measure",
    "RCT-3",
    ManagementMeasure,
    _("Decide on a management measure"),
    owed=lambda m: m.state is MeasureState.OWED,
    met=lambda m: m.state is MeasureState.DECIDED,
    due=_measure_due,
    post=Post.QA_SUPERVISOR,
)

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


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="rectification",
        label=_("Rectification"),
        built=("RCT-1", "RCT-2", "RCT-3", "RCT-4"),
        entities=(RectificationTask, ManagementMeasure),
        rules=(task_is_opened_by_its_finding, measures_are_written_while_open, measure_is_asked_for_by_its_cause),
        transitions=MOVES,
        obligations=(COMPLETE, VERIFY, MEASURE),
        notices=(
            Notice(
                "rectification.opened", _("To be rectified by %(due_at)s"), _("%(problem)s — rectify it by %(due_at)s.")
            ),
        ),
    )
