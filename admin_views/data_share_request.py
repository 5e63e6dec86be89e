"""CNF-4: requests to give internal data to somebody outside, and what was taken under them."""

from collections.abc import Mapping, Sequence
from typing import Any

from admin_views.base import access
from admin_views.base.fields import SeveralField
from admin_views.base.view import EntityView
from admin_views.formats import listed
from admin_views.links import entity_label, list_address
from admin_views.own_pages import DETAILS, OwnPages
from engine.acting import current_act
from engine.clearance import is_internal
from engine.hooks import hookimpl
from engine.registry import registry
from models.data_share_request import DataShareRequest, ShareState
from models.words import Words, _


def internal_data() -> Sequence[tuple[str, Words]]:
    """The entities that leave the department on an approval only."""
    return [(name, model.__entity__.plural) for name, model in registry.entities.items() if is_internal(name)]


class DataShareRequestView(OwnPages, EntityView):
    """Asked for by whoever needs it, decided by somebody else."""

    model = DataShareRequest
    category = "confidentiality"
    own = {DETAILS: "confidentiality/share.html"}
    list_columns = ("recipient", "purpose", "requester_id", "expires_on", "exports", "state")
    form_columns = ("recipient", "purpose", "contents", "expires_on")
    not_in_form = (
        "requester_id",
        "decided_by_id",
        "decided_at",
        "verdict",
        "exports",
        "last_export_at",
        "outcome",
    )
    detail_columns = (
        "recipient",
        "purpose",
        "contents",
        "expires_on",
        "requester_id",
        "created_at",
        "decided_by_id",
        "decided_at",
        "verdict",
        "exports",
        "last_export_at",
        "outcome",
    )
    fields = {"contents": lambda label: SeveralField(label, choices=internal_data)}
    formatters = {
        "contents": lambda names: listed(entity_label(name) for name in names or ()),
        "contents_taken": entity_label,
    }
    labels = {"verdict": _("Conditions or reason"), "outcome": _("What became of the data")}
    help = {
        "recipient": _("The company, department or person outside who is to get it."),
        "expires_on": _("The last day on which data may be taken and kept."),
    }
    filters = ("state", "requester_id", "expires_on")
    default_sort = ("expires_on", True)
    empty_hint = _("Internal data leaves the department on an approved request only.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Where the requester takes the data from."""
        request: DataShareRequest = data["record"]
        mine = request.requester_id == current_act().actor.staff_id
        open_ = mine and request.state is ShareState.APPROVED
        return {
            "sources": [
                (entity_label(name), list_address(name))
                for name in request.contents
                if open_ and access.allowed(name, "export")
            ]
        }


@hookimpl
def views() -> list[EntityView]:
    """Requests."""
    return [DataShareRequestView()]
