"""RCT: what agents do about findings, how inspectors verify it, and what management decides after a second failure."""

from collections.abc import Mapping
from typing import Any

from admin_views.base.view import EntityView
from admin_views.own_pages import DETAILS, OwnPages
from engine.acting import current_act
from engine.hooks import hookimpl
from models.rectification import ManagementMeasure, RectificationTask, TaskState
from models.words import _

STEPS = (TaskState.OPEN, TaskState.COMPLETED, TaskState.VERIFIED)


class RectificationTaskView(OwnPages, EntityView):
    """One task a reviewed finding: what, why, by when; measures; verification."""

    model = RectificationTask
    category = "rectification"
    icon = "wrench"
    own = {DETAILS: "quality/task.html"}
    list_columns = ("problem", "agent_id", "severity", "due_at", "recurring", "failures", "inspector_id", "state")
    form_columns = ("measures",)
    not_in_form = (
        "finding_id",
        "agent_id",
        "team_id",
        "inspector_id",
        "severity",
        "problem",
        "recurring",
        "due_at",
        "completed_at",
        "verified_at",
        "verified_by_id",
        "verdict",
        "failures",
    )
    detail_columns = (
        "agent_id",
        "team_id",
        "inspector_id",
        "due_at",
        "completed_at",
        "verified_at",
        "verified_by_id",
        "failures",
        "recurring",
    )
    filters = (
        "state",
        "severity",
        "agent_id",
        "team_id",
        "inspector_id",
        "due_at",
        "recurring",
        "failures",
        "finding_id",
    )
    default_sort = ("due_at", True)
    related = (("management_measure", "task_id"),)
    empty_hint = _("A reviewed finding opens its task by itself.")
    can_create = False

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The finding behind the task, and the moves as forms on the page itself."""
        task: RectificationTask = data["record"]
        offers = {offer.move.name: offer for offer in data["moves"]}
        return {
            "finding": task.finding,
            "steps": STEPS,
            "is_agent": task.agent_id == current_act().actor.staff_id,
            "complete": offers.get("complete"),
            "verify": offers.get("verify"),
            "reject": offers.get("reject"),
            "moves": [offer for name, offer in offers.items() if name not in {"complete", "verify", "reject"}],
        }


class ManagementMeasureView(EntityView):
    """What management decides; nobody adds one by hand."""

    model = ManagementMeasure
    category = "rectification"
    icon = "flag"
    list_columns = ("agent_id", "task_id", "asked_at", "decided_at", "decided_by_id", "state")
    form_columns = ()
    detail_columns = ("agent_id", "team_id", "task_id", "asked_at", "measure", "decided_at", "decided_by_id")
    filters = ("state", "agent_id", "team_id", "asked_at", "task_id")
    default_sort = ("asked_at", True)
    empty_hint = _("A second poor rectification asks for a measure by itself.")


@hookimpl
def views() -> list[EntityView]:
    """Tasks, and what follows when they fail."""
    return [RectificationTaskView(), ManagementMeasureView()]
