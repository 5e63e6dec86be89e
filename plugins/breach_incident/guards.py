"""What speaks against proposing, handing over or closing."""

from engine.rules import GUARD, Facts, Verdict, rule
from models.breach_incident import BreachIncident, BreachSeverity
from models.words import _
from plugins.breach_incident.rules import CLAUSE, NOT_ONES_OWN


@rule(CLAUSE, BreachIncident, on=GUARD, says=NOT_ONES_OWN)
def person_does_not_decide(incident: BreachIncident, facts: Facts) -> Verdict:
    """Neither proposed, nor handed over, nor closed by whom it is about."""
    return facts.actor.is_system or facts.actor.staff_id != incident.person_id


@rule(CLAUSE, BreachIncident, on=GUARD, says=_("“%(label)s” is missing."))
def evidence_and_measures_are_stated(incident: BreachIncident, facts: Facts) -> Verdict:
    """A breach is closed with what shows it and what was done about it."""
    asked = {"evidence": _("Evidence"), "measures": _("Measures")}
    return [
        {"field": name, "label": label}
        for name, label in asked.items()
        if not str(facts.given.get(name) or getattr(incident, name) or "").strip()
    ]


@rule(CLAUSE, BreachIncident, on=GUARD, says=_("A severe breach is closed once dismissal has been proposed."))
def severe_breach_has_its_proposal(incident: BreachIncident, facts: Facts) -> Verdict:
    """The clause leaves no choice about proposing; deciding is another matter."""
    return incident.severity is not BreachSeverity.SEVERE or incident.dismissal_proposed_at is not None


@rule(
    CLAUSE,
    BreachIncident,
    on=GUARD,
    says=_("This breaks the law: it is closed once the hand-over to the authorities is recorded."),
)
def breach_of_law_is_handed_over(incident: BreachIncident, facts: Facts) -> Verdict:
    """The department does not settle a breach of the law by itself."""
    return not incident.breaks_law or incident.handed_over_at is not None


@rule(CLAUSE, BreachIncident, on=GUARD, says=_("Dismissal is proposed for a severe breach only."))
def breach_is_severe(incident: BreachIncident, facts: Facts) -> Verdict:
    """Say first how bad it is."""
    return incident.severity is BreachSeverity.SEVERE


@rule(CLAUSE, BreachIncident, on=GUARD, says=_("Name the person concerned first."))
def person_is_known(incident: BreachIncident, facts: Facts) -> Verdict:
    """A dismissal is somebody's."""
    return incident.person_id is not None


@rule(CLAUSE, BreachIncident, on=GUARD, says=_("The proposal was made already."))
def proposal_is_not_repeated(incident: BreachIncident, facts: Facts) -> Verdict:
    """Once is enough."""
    return incident.dismissal_proposed_at is None


@rule(CLAUSE, BreachIncident, on=GUARD, says=_("Only a breach of the law is handed over: mark it as one first."))
def law_is_broken(incident: BreachIncident, facts: Facts) -> Verdict:
    """The authorities are for what the law knows."""
    return incident.breaks_law
