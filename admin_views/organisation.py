"""People, teams, channels and on-call duty."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from admin_views.base import EntityView, access
from admin_views.own_pages import DETAILS, OwnPages
from engine.hooks import hookimpl
from models.organisation import REACHABLE_POSTS, Channel, OnCall, Staff, StaffStatus, Team
from models.words import _


def still_here() -> Sequence[ColumnElement[bool]]:
    """Members who are present: nobody who left, nobody who has not come."""
    return (Staff.status.not_in([StaffStatus.LEFT, StaffStatus.CANDIDATE]),)


def _reachable() -> Sequence[ColumnElement[bool]]:
    return (*still_here(), Staff.post.in_(sorted(REACHABLE_POSTS)))


def _in_use() -> Sequence[ColumnElement[bool]]:
    return (Channel.active.is_(True),)


class StaffView(OwnPages, EntityView):
    """The staff register (ORG-1). Post and team change through a change of post, which begins here (ORG-7)."""

    model = Staff
    category = "people"
    own = {DETAILS: "organisation/staff.html"}
    list_columns = ("number", "name", "post", "team_id", "status", "hire_date")
    form_columns = ("number", "name", "post", "team_id", "superior_id", "hire_date", "phone", "email")
    detail_columns = ("number", "name", "status", "post", "team_id", "superior_id", "hire_date", "phone", "email")
    groups = (
        (_("Person"), ("number", "name", "status", "hire_date")),
        (_("Place in the department"), ("post", "team_id", "superior_id")),
        (_("How to reach them"), ("phone", "email")),
    )
    filters = ("team_id", "post", "status", "hire_date")
    default_sort = ("number", False)
    labels = {"hire_date": _("Hired on"), "name": _("Full name"), "number": _("Staff number")}
    narrow = {"superior_id": still_here}
    related = (
        ("career_plan", "staff_id"),
        ("post_change", "staff_id"),
        ("on_call", "staff_id"),
        ("obligation", "owner_id"),
    )
    empty_hint = _("No staff yet. Add people here, or import the register.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Whether the reader may propose another post or team for this person."""
        is_here = data["record"].status not in {StaffStatus.LEFT, StaffStatus.CANDIDATE}
        return {"may_move": is_here and access.allowed("post_change", "create")}


class TeamView(EntityView):
    """Teams, their tier and channels (ORG-2)."""

    model = Team
    category = "people"
    list_columns = ("name", "tier", "channels")
    form_columns = ("name", "tier", "channels")
    filters = ("tier",)
    search = ("name",)
    default_sort = ("name", False)
    cell_columns = ("tier",)
    narrow = {"channels": _in_use}
    related = (("staff", "team_id"),)
    empty_hint = _("No team yet. Add the first one; it serves at least one channel.")


class ChannelView(EntityView):
    """Ways customers reach the department (ORG-2)."""

    model = Channel
    category = "people"
    list_columns = ("name", "active", "code")
    form_columns = ("name", "code", "active")
    labels = {"code": _("Short name, for imports and programs")}
    help = {"code": _("Small Latin letters and underscores. It stays as it is once records use it.")}
    filters = ("active",)
    search = ("code", "name")
    default_sort = ("code", False)
    cell_columns = ("active",)


class OnCallView(EntityView):
    """Who is reachable when (ORG-5)."""

    model = OnCall
    category = "people"
    list_columns = ("staff_id", "starts_at", "ends_at", "note")
    form_columns = ("staff_id", "starts_at", "ends_at", "note")
    filters = ("staff_id", "starts_at")
    default_sort = ("starts_at", True)
    narrow = {"staff_id": _reachable}


@hookimpl
def views() -> list[EntityView]:
    """The screens of this domain."""
    return [StaffView(), TeamView(), ChannelView(), OnCallView()]
