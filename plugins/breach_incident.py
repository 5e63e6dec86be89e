"""CNF-5: a breach is recorded with severity, evidence and measures, handled in time, and closed with its consequences.

A severe one is closed only once dismissal has been proposed, one that breaks the law only once it was handed over to
the authorities.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import current_act
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.rules import EDIT, GUARD, After, Facts, Fill, Verdict, rule
from engine.transitions.kinds import Ask, Transition
from models.breach_incident import BreachIncident, BreachSeverity, BreachState
from models.organisation import Post, Staff, StaffStatus
from models.words import _

CLAUSE = "CNF-5"
REPORTED = "breach_incident.reported"
NOT_ONES_OWN = _("You are the person concerned: somebody else handles this breach.")


def reporter_and_handler(session: Session, incidents: Sequence[BreachIncident]) -> None:
    """Whoever writes it down reports it, now; the department manager handles it unless somebody else is named."""
    actor = current_act().actor
    managers: dict[int, int | None] = {}
    for incident in incidents:
        if incident.reported_at is None:
            incident.reported_at = clock.now()
            incident.reporter_id = incident.reporter_id or actor.staff_id
        if incident.handler_id is None:
            home = incident.department_id
            managers.setdefault(home, _manager(session, home))
            incident.handler_id = managers[home]


def _manager(session: Session, department_id: int) -> int | None:
    query = select(Staff.id).where(
        Staff.department_id == department_id, Staff.post == Post.MANAGER, Staff.status == StaffStatus.ON_POST
    )
    return session.scalar(query.order_by(Staff.id).limit(1))


def tell_the_handler(session: Session, incidents: Sequence[BreachIncident]) -> None:
    """Whoever has to handle it hears of it at once."""
    for incident in incidents:
        if incident.handler_id is not None:
            data = {"title": incident.title_text, "severity": incident.severity.label}
            key = f"breach_incident:{incident.id}"
            notify(session, incident.department_id, [incident.handler_id], REPORTED, key, data, subject=incident)


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


@rule(CLAUSE, BreachIncident, on=GUARD, says=NOT_ONES_OWN)
def person_does_not_decide(incident: BreachIncident, facts: Facts) -> Verdict:
    """Neither proposed, nor handed over, nor closed by whom it is about."""
    return facts.actor.is_system or facts.actor.staff_id != incident.person_id


@rule(CLAUSE, BreachIncident, on=frozenset({EDIT}), says=NOT_ONES_OWN)
def person_does_not_edit(incident: BreachIncident, facts: Facts) -> Verdict:
    """Nor made lighter, nor put down to somebody else first."""
    return facts.actor.is_system or facts.actor.staff_id not in {incident.person_id, facts.before("person_id")}


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


def _propose(session: Session, incident: BreachIncident, facts: Facts) -> None:
    incident.dismissal_proposed_at, incident.dismissal_proposed_by_id = facts.now, facts.actor.staff_id


def _hand_over(session: Session, incident: BreachIncident, facts: Facts) -> None:
    incident.handed_over_at, incident.handed_over_by_id = facts.now, facts.actor.staff_id


def _close(session: Session, incident: BreachIncident, facts: Facts) -> None:
    incident.closed_at, incident.closed_by_id = facts.now, facts.actor.staff_id


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


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="breach_incident",
        label=_("Breaches of confidentiality"),
        built=(CLAUSE,),
        entities=(BreachIncident,),
        fills=(Fill(BreachIncident, reporter_and_handler),),
        afters=(After(BreachIncident, tell_the_handler, changed=("handler_id",)),),
        rules=(breach_has_happened, somebody_else_handles, person_does_not_edit, consequences_keep_their_ground),
        transitions=MOVES,
        obligations=(HANDLE, DISMISSAL, HAND_OVER),
        notices=(
            Notice(
                REPORTED,
                _("Breach of confidentiality: %(title)s"),
                _("A breach of confidentiality (%(severity)s) was reported and is yours to handle: %(title)s"),
            ),
        ),
    )
