"""From the report to the close."""

from sqlalchemy.orm import Session

from engine.rules import Facts
from engine.transitions.kinds import Ask, Transition
from models.breach_incident import BreachIncident, BreachSeverity, BreachState
from models.words import _
from plugins.breach_incident.guards import (
    breach_is_severe,
    breach_of_law_is_handed_over,
    evidence_and_measures_are_stated,
    law_is_broken,
    person_does_not_decide,
    person_is_known,
    proposal_is_not_repeated,
    severe_breach_has_its_proposal,
)
from plugins.breach_incident.rules import CLAUSE


def _propose(session: Session, incident: BreachIncident, facts: Facts) -> None:
    incident.dismissal_proposed_at, incident.dismissal_proposed_by_id = facts.now, facts.actor.staff_id


def _hand_over(session: Session, incident: BreachIncident, facts: Facts) -> None:
    incident.handed_over_at, incident.handed_over_by_id = facts.now, facts.actor.staff_id


def _close(session: Session, incident: BreachIncident, facts: Facts) -> None:
    incident.closed_at, incident.closed_by_id = facts.now, facts.actor.staff_id


OPEN = frozenset({BreachState.REPORTED})
MOVES = (
    Transition(
        "propose_dismissal",
        BreachIncident,
        OPEN,
        BreachState.REPORTED,
        _("Propose dismissal"),
        CLAUSE,
        guards=(person_does_not_decide, breach_is_severe, person_is_known, proposal_is_not_repeated),
        effect=_propose,
        asks=(Ask("dismissal_reason", _("Grounds of the proposal")),),
        concerns=lambda incident: incident.severity is BreachSeverity.SEVERE and incident.dismissal_proposed_at is None,
        tone="bad",
    ),
    Transition(
        "hand_over",
        BreachIncident,
        OPEN,
        BreachState.REPORTED,
        _("Record the hand-over to the authorities"),
        CLAUSE,
        guards=(person_does_not_decide, law_is_broken),
        effect=_hand_over,
        asks=(
            Ask("authority", _("Authority")),
            Ask("authority_reference", _("Their reference or who took it"), required=False),
        ),
        concerns=lambda incident: incident.breaks_law,
        tone="warn",
    ),
    Transition(
        "close",
        BreachIncident,
        OPEN,
        BreachState.CLOSED,
        _("Close"),
        CLAUSE,
        guards=(
            person_does_not_decide,
            evidence_and_measures_are_stated,
            severe_breach_has_its_proposal,
            breach_of_law_is_handed_over,
        ),
        effect=_close,
        asks=(
            Ask("evidence", _("Evidence"), required=False),
            Ask("measures", _("Measures"), required=False),
        ),
        tone="good",
        awaited_of="handler_id",
    ),
)
