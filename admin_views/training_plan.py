"""TRN-1, DAT-4: the year's training plan, drawn up beside the QA categories that were weakest."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from admin_views.base.view import EntityView
from admin_views.formats import today
from admin_views.own_pages import DETAILS, OwnPages
from engine.acting import current_act, seeing_all
from engine.category_figures import CategoryScore
from engine.database import db
from engine.hooks import hookimpl
from models.training_plan import TrainingPlan
from models.words import _
from plugins.training_plan import weaknesses_before

EDIT, CREATE = "admin/model/edit.html", "admin/model/create.html"


class TrainingPlanView(OwnPages, EntityView):
    """Plans; the figures they rest on stand beside them."""

    model = TrainingPlan
    category = "training"
    own = {DETAILS: "training/plan.html", EDIT: "training/plan_form.html", CREATE: "training/plan_form.html"}
    list_columns = ("year", "objectives", "submitted_at", "approved_at", "state")
    form_columns = ("year", "objectives", "content", "method", "timetable")
    not_in_form = ("weaknesses", "submitted_by_id", "submitted_at", "approved_by_id", "approved_at")
    detail_columns = (
        "year",
        "objectives",
        "content",
        "method",
        "timetable",
        "submitted_by_id",
        "submitted_at",
        "approved_by_id",
        "approved_at",
    )
    filters = ("state",)
    default_sort = ("year", True)
    labels = {"content": _("What is taught"), "method": _("How it is taught"), "timetable": _("Timetable")}
    help = {
        "objectives": _("What people should be able to do at the year's end."),
        "timetable": _("Which course in which month or quarter."),
    }
    empty_hint = _("The trainer drafts next year's plan; the weakest QA categories stand beside it.")

    def first_values(self) -> Mapping[str, Any]:
        """The next year that has no plan."""
        newest = db.session.scalars(select(TrainingPlan.year).order_by(TrainingPlan.year.desc()).limit(1)).first()
        return {"year": max(today().year, newest or 0) + 1}

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The categories as they stood at submission, else as they stand now."""
        record: TrainingPlan | None = data["record"]
        kept = record.weaknesses if record is not None and template == DETAILS else None
        year = record.year if record is not None else data["form"]["year"].data or today().year + 1
        plan = record or TrainingPlan(department_id=current_act().actor.department_id, year=year)
        return {
            "weaknesses": kept if kept is not None else weaknesses(plan),
            "before": year - 1,
            "as_submitted": kept is not None,
        }


def weaknesses(plan: TrainingPlan) -> list[CategoryScore]:
    """What the plan rests on: sums over all records, whichever of them the reader may open."""
    with seeing_all(), db.session.no_autoflush:
        return weaknesses_before(db.session(), plan)


@hookimpl
def views() -> list[EntityView]:
    """Plans."""
    return [TrainingPlanView()]
