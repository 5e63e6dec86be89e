"""HIRE-1: openings, written, published, closed."""

from collections.abc import Mapping
from typing import Any

from admin_views.base import EntityView
from admin_views.organisation import still_here
from admin_views.own_pages import DETAILS, OwnPages
from engine.acting import current_act
from engine.hooks import hookimpl
from engine.permissions import may
from models.job_opening import JobOpening, OpeningState
from models.words import _


class JobOpeningView(OwnPages, EntityView):
    """What the department looks for."""

    model = JobOpening
    category = "hiring"
    icon = "briefcase"
    own = {DETAILS: "hiring/opening.html"}
    list_columns = ("name", "post", "headcount", "team_id", "published_at", "state")
    form_columns = (
        "name",
        "post",
        "headcount",
        "team_id",
        "superior_id",
        "duties",
        "requirements",
        "pay",
        "benefits",
    )
    not_in_form = ("published_at", "closed_at")
    detail_columns = (*form_columns, "published_at", "closed_at")
    groups = (
        (_("The post"), ("name", "post", "headcount", "team_id", "superior_id", "published_at", "closed_at")),
        (_("What is asked"), ("duties", "requirements")),
        (_("What is given"), ("pay", "benefits")),
    )
    labels = {
        "name": _("Opening"),
        "headcount": _("People looked for"),
        "duties": _("Duties"),
        "requirements": _("Requirements"),
        "pay": _("Pay"),
        "benefits": _("Benefits"),
        "published_at": _("Published on"),
        "closed_at": _("Closed on"),
    }
    help = {
        "team_id": _("Where the new person will work; an agent needs a team."),
        "superior_id": _("To whom they will report."),
    }
    filters = ("state", "post", "team_id")
    default_sort = ("id", True)
    narrow = {"superior_id": still_here}
    related = (("candidate", "opening_id"),)
    empty_hint = _("Write the first opening. Once it is published, candidates may be attached to it.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Whether the reader may enter who applies, now that the opening is published."""
        opening: JobOpening = data["record"]
        is_open = opening.state is OpeningState.PUBLISHED
        return {"may_add": is_open and may(current_act().actor, "candidate", "create")}


@hookimpl
def views() -> list[EntityView]:
    """Openings."""
    return [JobOpeningView()]
