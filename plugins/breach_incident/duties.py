"""What the handler has to do by when."""

from datetime import datetime, timedelta

from engine import clock
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.rules import Facts
from models.breach_incident import BreachIncident, BreachSeverity, BreachState
from models.words import _
from plugins.breach_incident.rules import CLAUSE


def _due(incident: BreachIncident, facts: Facts) -> datetime:
    """The days that its severity leaves, counted from the report."""
    days = int(facts.parameter("breach_handling_days")[incident.severity.value])
    return end_of(clock.day_in(facts.zone, incident.reported_at) + timedelta(days=days), facts.zone)


def _is_open(incident: BreachIncident) -> bool:
    return incident.state is BreachState.REPORTED


HANDLE = Kind(
    "breach_handling",
    CLAUSE,
    BreachIncident,
    _("Handle the breach"),
    owed=_is_open,
    met=lambda incident: incident.state is BreachState.CLOSED,
    due=_due,
    owner=lambda incident: incident.handler_id,
)
DISMISSAL = Kind(
    "breach_dismissal",
    CLAUSE,
    BreachIncident,
    _("Propose dismissal after a severe breach"),
    owed=lambda incident: _is_open(incident) and incident.severity is BreachSeverity.SEVERE,
    met=lambda incident: incident.dismissal_proposed_at is not None,
    due=_due,
    owner=lambda incident: incident.handler_id,
)
HAND_OVER = Kind(
    "breach_hand_over",
    CLAUSE,
    BreachIncident,
    _("Hand the breach over to the authorities"),
    owed=lambda incident: _is_open(incident) and incident.breaks_law,
    met=lambda incident: incident.handed_over_at is not None,
    due=_due,
    owner=lambda incident: incident.handler_id,
)
