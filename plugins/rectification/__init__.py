"""RCT: every told finding is rectified by its due date; only verification closes it; failures have consequences.

- `opening`: a finding's task
- `rules`, `moves`: what may be written, and what leads where
- `duties`: who has to do what by when
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.transitions.kinds import Transition
from engine.transitions.performing import perform
from models.base import Record
from models.obligation import Obligation
from models.qa_inspection import QaFinding
from models.rectification import ManagementMeasure, RectificationTask, TaskState
from models.words import _
from plugins.rectification.duties import COMPLETE, MEASURE, VERIFY
from plugins.rectification.moves import MOVES
from plugins.rectification.opening import open_task
from plugins.rectification.rules import RULES


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """A told finding opens its task (RCT-1); a withdrawn one cancels it."""
    if not isinstance(record, QaFinding):
        return
    if transition.name == "tell":
        open_task(session, record)
    elif transition.name == "withdraw":
        for task in session.scalars(select(RectificationTask).where(RectificationTask.finding_id == record.id)).all():
            if task.state in {TaskState.OPEN, TaskState.COMPLETED}:
                perform(session, task, "cancel")


@hookimpl
def overdue(session: Session, obligation: Obligation) -> None:
    """A missed date is a poor rectification (RCT-3)."""
    if obligation.kind == COMPLETE.name:
        task = session.get(RectificationTask, obligation.subject_id)
        if task is not None and task.state is TaskState.OPEN:
            perform(session, task, "fail")


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="rectification",
        label=_("Rectification"),
        built=("RCT-1", "RCT-2", "RCT-3", "RCT-4"),
        entities=(RectificationTask, ManagementMeasure),
        rules=RULES,
        transitions=MOVES,
        obligations=(COMPLETE, VERIFY, MEASURE),
        notices=(
            Notice(
                "rectification.opened", _("To be rectified by %(due_at)s"), _("%(problem)s — rectify it by %(due_at)s.")
            ),
        ),
    )
