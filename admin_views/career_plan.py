"""ORG-7: career plans with their stage goals."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from admin_views.base import EntityView
from admin_views.base.inline import Inline
from admin_views.organisation import still_here
from engine.hooks import hookimpl
from models.career_plan import CareerGoal, CareerPlan, PlanState
from models.words import _

GOAL = {
    "name": _("Stage goal"),
    "post": _("Leads to the post"),
    "due_on": _("To be reached by"),
    "outcome": _("What shows it"),
}


class CareerPlanView(EntityView):
    """Plans: drawn up by the superior, agreed to by the person."""

    model = CareerPlan
    category = "people"
    icon = "flag"
    list_columns = ("staff_id", "team_id", "starts_on", "agreed_at", "state")
    form_columns = ("staff_id", "starts_on", "path")
    not_in_form = ("team_id", "agreed_at")
    detail_columns = ("staff_id", "team_id", "starts_on", "path", "agreed_at")
    labels = {"path": _("Path of promotion"), "agreed_at": _("Agreed on"), "starts_on": _("From")}
    help = {"path": _("Which posts it may lead to, one after the other, and what each of them asks.")}
    filters = ("state", "staff_id", "team_id")
    search = ()
    default_sort = ("id", True)
    narrow = {"staff_id": still_here}
    inline = (
        Inline(
            CareerGoal,
            "plan_id",
            ("name", "post", "due_on"),
            "due_on",
            read=("name", "post", "due_on", "state", "outcome"),
            labels=GOAL,
        ),
    )
    related = (("career_goal", "plan_id"),)
    empty_hint = _("No career plan yet. Draw one up with each agent: the path of promotion and the goals on the way.")


def _not_over() -> Sequence[ColumnElement[bool]]:
    return (CareerPlan.state != PlanState.CLOSED,)


class CareerGoalView(EntityView):
    """Stage goals of all plans: whose is due next."""

    model = CareerGoal
    category = "people"
    icon = "flag"
    in_menu = False
    list_columns = ("name", "staff_id", "post", "due_on", "state")
    form_columns = ("plan_id", "name", "post", "due_on")
    not_in_form = ("staff_id", "team_id", "outcome")
    detail_columns = ("plan_id", "staff_id", "name", "post", "due_on", "outcome")
    labels = GOAL | {"plan_id": _("Career plan")}
    filters = ("state", "staff_id", "team_id", "plan_id", "due_on")
    search = ()
    default_sort = ("due_on", False)
    narrow = {"plan_id": _not_over}


@hookimpl
def views() -> list[EntityView]:
    """Plans and goals."""
    return [CareerPlanView(), CareerGoalView()]
