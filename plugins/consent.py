"""CNF-3: customers are told purpose, scope and way before their data is kept, and each record refers to what was said.

A statement stands for a channel (or for all) from a day on. A record that holds something about its customer refers to
the statement in force on the day of the contact; contacts before the first one are judged by the first.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session, selectinload

from engine import clock
from engine.circumstances import today_in, zone_of
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.packs.parameters import binds, clauses_in_force
from engine.packs.schema import Pack
from engine.packs.texts import load_text
from engine.rules import GUARD, Facts, Fill, Verdict, four_eyes, last_editor, need, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.column_names import column_name
from models.consent import Consent, ConsentState, Ground, Told
from models.organisation import Department
from models.service_record import ServiceRecord
from models.words import _

CLAUSE = "CNF-3"
CUSTOMER = ("customer_name", "customer_contact", "customer_details")
USED = (ConsentState.IN_FORCE, ConsentState.RETIRED)


@rule(
    CLAUSE,
    Consent,
    says=_("“%(label)s” is needed in Chinese and in English: it is what customers are told."),
)
def purpose_and_wording_are_stated(consent: Consent, facts: Facts) -> Verdict:
    """A purpose that nobody stated is none."""
    return [
        {"field": name, "label": column_name(name)}
        for name in ("name", "purpose", "necessity", "wording")
        if not all(((getattr(consent, name) or {}).get(language) or "").strip() for language in ("zh", "en"))
    ]


@rule(CLAUSE, Consent, field="takes_name", says=_("Say what may be kept of a customer: at least one of the three."))
def scope_is_not_empty(consent: Consent, facts: Facts) -> Verdict:
    """A statement about nothing permits nothing."""
    return bool(consent.scope)


@rule(
    CLAUSE,
    Consent,
    field="valid_from",
    on=GUARD,
    says=_("A statement holds from today or a later day on: what customers were told before cannot be changed."),
)
def statement_does_not_reach_back(consent: Consent, facts: Facts) -> Verdict:
    """Past contacts keep what was said then."""
    return consent.valid_from >= facts.today


def statement_of_the_contact(session: Session, records: Sequence[ServiceRecord]) -> None:
    """A record that comes to hold something about its customer refers to what that customer was told."""
    asking = [record for record in records if _holds(record) and (record.consent_id is None or _moved(record))]
    if not asking:
        return
    statements = _statements(session, {record.department_id for record in asking})
    for record in asking:
        found = _in_force(statements[record.department_id], record, zone_of(session, record.department_id))
        record.consent_id = found.id if found else None


def _holds(record: ServiceRecord) -> bool:
    return any(getattr(record, name) for name in CUSTOMER)


def _moved(record: ServiceRecord) -> bool:
    changed = inspect(record).committed_state
    return "channel_id" in changed or "occurred_at" in changed


def _statements(session: Session, departments: set[int]) -> Mapping[int, list[Consent]]:
    """The departments' statements that are or were in force, the newest first."""
    found: defaultdict[int, list[Consent]] = defaultdict(list)
    query = select(Consent).where(Consent.department_id.in_(departments), Consent.state.in_(USED))
    newest_first = query.order_by(Consent.valid_from.desc(), Consent.id.desc())
    for statement in session.scalars(newest_first.options(selectinload(Consent.channels))):
        found[statement.department_id].append(statement)
    return found


def _in_force(statements: Sequence[Consent], record: ServiceRecord, zone: str) -> Consent | None:
    """What stood on the day of the contact, the channel's own before one for all; before the first, the first."""
    day = clock.day_in(zone, record.occurred_at)
    own = [each for each in statements if any(channel.id == record.channel_id for channel in each.channels)]
    general = [each for each in statements if not each.channels]
    for serving in (own, general):
        held = [each for each in serving if each.valid_from <= day and not _is_over(each, day)]
        if held:
            return held[0]
    first = min([*own, *general], key=lambda each: (each.valid_from, each.id), default=None)
    return first if first is not None and first.valid_from > day else None


def _is_over(statement: Consent, day: date) -> bool:
    return statement.valid_until is not None and statement.valid_until < day


@need()
def statement_referred_to(session: Session, records: Sequence[ServiceRecord]) -> Mapping[ServiceRecord, Consent]:
    """The statement that each record refers to."""
    numbers = {record.consent_id for record in records if record.consent_id is not None}
    known = {each.id: each for each in session.scalars(select(Consent).where(Consent.id.in_(numbers)))}
    return {record: known[record.consent_id] for record in records if record.consent_id in known}


@rule(
    CLAUSE,
    ServiceRecord,
    field="customer_name",
    changed=(*CUSTOMER, "channel_id", "consent_id"),
    needs=(statement_referred_to,),
    says=_("Nothing tells the customers of this channel what their data is taken for: have a statement put in force."),
)
def customer_was_told(record: ServiceRecord, facts: Facts) -> Verdict:
    """Without purpose, scope and way nothing about a customer is kept."""
    return not _holds(record) or facts.loaded(statement_referred_to) is not None


@rule(
    CLAUSE,
    ServiceRecord,
    changed=(*CUSTOMER, "channel_id", "consent_id"),
    needs=(statement_referred_to,),
    says=_("“%(label)s” is not among what customers of this channel were told is kept. Leave it empty."),
)
def scope_covers_what_is_kept(record: ServiceRecord, facts: Facts) -> Verdict:
    """No more than was said."""
    told: Consent | None = facts.loaded(statement_referred_to)
    if told is None:
        return True
    beyond = [name for name in CUSTOMER if getattr(record, name) and name not in told.scope]
    return [{"field": name, "label": column_name(name)} for name in beyond]


def _approve(session: Session, consent: Consent, facts: Facts) -> None:
    consent.approved_by_id, consent.approved_at = facts.actor.staff_id, facts.now


def _retire(session: Session, consent: Consent, facts: Facts) -> None:
    """Today is the last day on which it stands for a contact."""
    consent.valid_until = facts.today


@hookimpl
def adopted(session: Session, department: Department, pack: Pack) -> None:
    """A department without a statement begins with one for all channels, in force, so that work can go on."""
    known = select(Consent.id).where(Consent.department_id == department.id).limit(1)
    if CLAUSE not in pack.clauses or session.scalar(known) is not None:
        return
    text = load_text("consent")
    made = Consent(
        department_id=department.id,
        name=text["name"],
        purpose=text["purpose"],
        necessity=text["necessity"],
        wording=text["wording"],
        ground=Ground.CONSENT,
        way=Told.ANNOUNCEMENT,
        takes_details=True,
        valid_from=today_in(session, department.id),
    )
    session.add(made)
    session.flush()
    if binds(CLAUSE, clauses_in_force(session, department.id)):
        perform(session, made, "put_in_force")


DRAFT = frozenset({ConsentState.DRAFT})
MOVES = (
    Transition(
        "put_in_force",
        Consent,
        DRAFT,
        ConsentState.IN_FORCE,
        _("Put in force"),
        CLAUSE,
        guards=(four_eyes(CLAUSE, Consent, "drafted_by_id"), statement_does_not_reach_back),
        effect=_approve,
        tone="good",
        confirm=_("From its day on, records of its channels refer to it, and it can no longer be changed."),
    ),
    Transition(
        "retire",
        Consent,
        frozenset({ConsentState.IN_FORCE}),
        ConsentState.RETIRED,
        _("Retire"),
        CLAUSE,
        effect=_retire,
        asks=(Ask("reason", _("Reason")),),
        tone="warn",
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="consent",
        label=_("Consent of customers"),
        built=(CLAUSE,),
        entities=(Consent,),
        fills=(last_editor(Consent, "drafted_by_id", DRAFT), Fill(ServiceRecord, statement_of_the_contact)),
        rules=(
            purpose_and_wording_are_stated,
            scope_is_not_empty,
            customer_was_told,
            scope_covers_what_is_kept,
        ),
        transitions=MOVES,
    )
