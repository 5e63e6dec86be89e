"""CNF-5: breaches, how they are handled, and what followed from them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from admin_views.base.cells import Cell
from admin_views.base.view import EntityView
from admin_views.own_pages import DETAILS, OwnPages
from engine.hooks import hookimpl
from models.breach_incident import BreachIncident, BreachSeverity, BreachState
from models.organisation import Post, Staff, StaffStatus
from models.words import Words, _

HANDLERS = (Post.MANAGER, Post.QA_SUPERVISOR, Post.HR)
"""Posts whose holders see every breach."""


PROPOSAL, HAND_OVER, CLOSING = _("Proposed dismissal"), _("Hand-over to the authorities"), _("Closing")


def _handlers() -> Sequence[ColumnElement[bool]]:
    """Who is here to handle it."""
    return (Staff.post.in_(HANDLERS), Staff.status == StaffStatus.ON_POST)


class BreachIncidentView(OwnPages, EntityView):
    """Everybody may report; those who handle see all of them."""

    model = BreachIncident
    category = "confidentiality"
    own = {DETAILS: "confidentiality/breach.html"}
    list_columns = ("title_text", "severity", "occurred_at", "person_id", "handler_id", "breaks_law", "state")
    form_columns = (
        "title_text",
        "occurred_at",
        "severity",
        "breaks_law",
        "person_id",
        "handler_id",
        "description",
        "customers_affected",
        "evidence",
        "measures",
    )
    not_in_form = (
        "reported_at",
        "reporter_id",
        "dismissal_reason",
        "dismissal_proposed_at",
        "dismissal_proposed_by_id",
        "authority",
        "authority_reference",
        "handed_over_at",
        "handed_over_by_id",
        "closed_at",
        "closed_by_id",
    )
    detail_columns = (
        "occurred_at",
        "reported_at",
        "reporter_id",
        "person_id",
        "handler_id",
        "severity",
        "breaks_law",
        "customers_affected",
        "description",
        "evidence",
        "measures",
        "dismissal_proposed_at",
        "dismissal_proposed_by_id",
        "dismissal_reason",
        "handed_over_at",
        "handed_over_by_id",
        "authority",
        "authority_reference",
        "closed_at",
        "closed_by_id",
    )
    groups = (
        (
            _("What happened"),
            (
                "title_text",
                "occurred_at",
                "reported_at",
                "reporter_id",
                "description",
                "customers_affected",
            ),
        ),
        (_("Severity"), ("severity", "breaks_law")),
        (_("People concerned"), ("person_id", "handler_id")),
        (_("Handling"), ("evidence", "measures")),
        (
            PROPOSAL,
            ("dismissal_proposed_at", "dismissal_proposed_by_id", "dismissal_reason"),
        ),
        (
            HAND_OVER,
            ("handed_over_at", "handed_over_by_id", "authority", "authority_reference"),
        ),
        (CLOSING, ("closed_at", "closed_by_id")),
    )
    labels = {"evidence": _("Evidence of the breach"), "measures": _("Measures against the breach")}
    narrow = {"handler_id": _handlers}
    help = {
        "severity": _("A severe breach ends in a proposal of dismissal."),
        "breaks_law": _("Then the hand-over to the authorities is recorded before it can be closed."),
        "handler_id": _("Left empty: the department manager."),
        "description": _("What became known to whom, and how it came to light. No customers' data here."),
    }
    filters = ("state", "severity", "breaks_law", "occurred_at", "person_id", "handler_id")
    default_sort = ("occurred_at", True)
    attachments = True
    empty_hint = _("Whoever notices a leak, or the danger of one, writes it down here.")

    def detail_sections(self, record: Any, unmasked: frozenset[str]) -> list[tuple[Words | None, list[Cell]]]:
        """Without the headings of what did not come to pass."""
        lacking = (
            (PROPOSAL, record.dismissal_proposed_at is None),
            (HAND_OVER, record.handed_over_at is None),
            (CLOSING, record.closed_at is None),
        )
        sections: list[tuple[Words | None, list[Cell]]] = super().detail_sections(record, unmasked)
        left_out = {str(heading) for heading, is_lacking in lacking if is_lacking}
        return [(heading, cells) for heading, cells in sections if str(heading) not in left_out]

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is still to be done before it can be closed."""
        incident: BreachIncident = data["record"]
        steps = [(_("Evidence"), bool(incident.evidence)), (_("Measures"), bool(incident.measures))]
        if incident.severity is BreachSeverity.SEVERE:
            steps.append((_("Dismissal proposed"), incident.dismissal_proposed_at is not None))
        if incident.breaks_law:
            steps.append((_("Handed over to the authorities"), incident.handed_over_at is not None))
        steps.append((_("Closed"), incident.state is BreachState.CLOSED))
        return {"steps": steps}


@hookimpl
def views() -> list[EntityView]:
    """Breaches."""
    return [BreachIncidentView()]
