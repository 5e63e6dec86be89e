"""CNF-3: what customers are told, channel by channel, from a day on."""

from admin_views.base.view import EntityView
from engine.hooks import hookimpl
from models.consent import Consent
from models.words import _


class ConsentView(EntityView):
    """Statements; records refer to them by themselves."""

    model = Consent
    category = "confidentiality"
    list_columns = ("name", "channels", "way", "valid_from", "valid_until", "state")
    form_columns = (
        "name",
        "channels",
        "valid_from",
        "purpose",
        "necessity",
        "ground",
        "takes_name",
        "takes_contact",
        "takes_details",
        "way",
        "wording",
    )
    not_in_form = ("drafted_by_id", "approved_by_id", "approved_at", "valid_until")
    detail_columns = (*form_columns, "valid_until", "drafted_by_id", "approved_by_id", "approved_at")
    groups = (
        (_("Where it applies"), ("name", "channels", "valid_from", "valid_until")),
        (_("Purpose"), ("purpose", "necessity", "ground")),
        (_("Scope"), ("takes_name", "takes_contact", "takes_details")),
        (_("Way"), ("way", "wording")),
    )
    help = {
        "channels": _("None chosen: for every channel without a statement of its own."),
        "necessity": _("Why the work cannot be done without it."),
        "wording": _("The words that the customer hears or reads."),
        "takes_details": _("Address, order, account and whatever else is written under “About the customer”."),
    }
    filters = ("state", "way", "valid_from")
    default_sort = ("valid_from", True)
    related = (("service_record", "consent_id"),)
    empty_hint = _("Write down what customers are told before their data is kept.")


@hookimpl
def views() -> list[EntityView]:
    """Statements."""
    return [ConsentView()]
