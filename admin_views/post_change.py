"""ORG-7: changes of post, proposed, approved, in effect from their day on."""

from admin_views.base import EntityView
from admin_views.organisation import still_here
from engine.hooks import hookimpl
from models.post_change import PostChange
from models.words import _


class PostChangeView(EntityView):
    """Promotions, rotations, transfers, demotions."""

    model = PostChange
    category = "people"
    icon = "shuffle"
    list_columns = ("staff_id", "kind", "new_post", "new_team_id", "effective_on", "state")
    form_columns = ("staff_id", "kind", "new_post", "new_team_id", "new_superior_id", "effective_on", "reason")
    not_in_form = (
        "former_post",
        "former_team_id",
        "former_superior_id",
        "proposed_by_id",
        "decided_by_id",
        "decided_at",
        "verdict",
        "took_effect_at",
    )
    detail_columns = (*form_columns, *not_in_form)
    only_filled = not_in_form
    groups = (
        (_("Change of post"), ("staff_id", "kind", "effective_on", "reason")),
        (_("Before"), ("former_post", "former_team_id", "former_superior_id")),
        (_("From then on"), ("new_post", "new_team_id", "new_superior_id")),
        (_("Decision"), ("proposed_by_id", "decided_by_id", "decided_at", "verdict", "took_effect_at")),
    )
    labels = {
        "kind": _("Kind of change"),
        "new_post": _("New post"),
        "new_team_id": _("New team"),
        "new_superior_id": _("New direct superior"),
        "former_post": _("Former post"),
        "former_team_id": _("Former team"),
        "former_superior_id": _("Former direct superior"),
        "proposed_by_id": _("Proposed by"),
        "verdict": _("Reason of the decision"),
        "took_effect_at": _("Took effect on"),
    }
    help = {
        "effective_on": _("The post changes on this day by itself, not before."),
        "new_post": _("What the person may do in Dutybook follows the post."),
    }
    filters = ("state", "kind", "staff_id", "effective_on", "new_post")
    search = ()
    default_sort = ("effective_on", True)
    narrow = {"staff_id": still_here, "new_superior_id": still_here}
    empty_hint = _(
        "Nobody changes posts at present. HR or the department manager proposes a change, somebody else approves it."
    )


@hookimpl
def views() -> list[EntityView]:
    """Changes of post."""
    return [PostChangeView()]
