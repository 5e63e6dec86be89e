"""What a rectification task and a management measure must be, and who may move them."""

from engine.rules import CREATE, GUARD, Facts, Verdict, rule
from models.rectification import ManagementMeasure, RectificationTask, TaskState
from models.words import _


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


@rule(
    "RCT-3",
    ManagementMeasure,
    on=frozenset({CREATE}),
    says=_("A management measure is asked for by a second poor rectification."),
)
def measure_is_asked_for_by_its_cause(measure: ManagementMeasure, facts: Facts) -> Verdict:
    """The duty follows from the records."""
    return facts.actor.is_system and measure.task_id is not None


RULES = (task_is_opened_by_its_finding, measures_are_written_while_open, measure_is_asked_for_by_its_cause)
