"""What the record of a breach must be."""

from engine.rules import EDIT, Facts, Verdict, rule
from models.breach_incident import BreachIncident, BreachSeverity
from models.words import _

CLAUSE = "CNF-5"
NOT_ONES_OWN = _("You are the person concerned: somebody else handles this breach.")


@rule(
    CLAUSE,
    BreachIncident,
    field="occurred_at",
    changed=("occurred_at",),
    says=_("The time of the breach cannot be in the future."),
)
def breach_has_happened(incident: BreachIncident, facts: Facts) -> Verdict:
    """A record tells what happened."""
    return incident.occurred_at <= facts.now


@rule(
    CLAUSE,
    BreachIncident,
    field="handler_id",
    changed=("handler_id", "person_id"),
    says=_("Nobody handles a breach of their own."),
)
def somebody_else_handles(incident: BreachIncident, facts: Facts) -> Verdict:
    """The person concerned does not judge themselves."""
    return incident.handler_id is None or incident.handler_id != incident.person_id


@rule(
    CLAUSE,
    BreachIncident,
    field="severity",
    on=frozenset({EDIT}),
    changed=("severity", "breaks_law"),
    says=_("What was proposed or handed over already rests on this: it can no longer be made lighter."),
)
def consequences_keep_their_ground(incident: BreachIncident, facts: Facts) -> Verdict:
    """No proposal of dismissal stands for a minor breach."""
    lighter = incident.dismissal_proposed_at is not None and incident.severity is not BreachSeverity.SEVERE
    lawful = incident.handed_over_at is not None and not incident.breaks_law
    return not (lighter or lawful)


@rule(CLAUSE, BreachIncident, on=frozenset({EDIT}), says=NOT_ONES_OWN)
def person_does_not_edit(incident: BreachIncident, facts: Facts) -> Verdict:
    """Nor made lighter, nor put down to somebody else first."""
    return facts.actor.is_system or facts.actor.staff_id not in {incident.person_id, facts.before("person_id")}


RULES = (breach_has_happened, somebody_else_handles, person_does_not_edit, consequences_keep_their_ground)
