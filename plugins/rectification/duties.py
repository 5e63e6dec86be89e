"""Who has to do what by when."""

from datetime import datetime

from engine import clock
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.rules import Facts
from models.organisation import Post
from models.rectification import ManagementMeasure, MeasureState, RectificationTask, TaskState
from models.words import _


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
