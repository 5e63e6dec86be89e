"""Other programs hear what happens here: signed calls to their address for the events they subscribed to.

No clause asks for this; it spares a department typing the same thing into two systems. Its rules bind without a pack.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine import audit
from engine.events.naming import patterns
from engine.events.planning import begin, plan_calls
from engine.events.posting import LONGEST, is_callable
from engine.events.signing import make_key
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.rules import Facts, Fill, Verdict, rule
from models.event_subscription import EventSubscription
from models.obligation import Obligation
from models.words import _


@rule(
    "",
    EventSubscription,
    field="address",
    changed=("address",),
    says=_("An address to call begins with https://, names a host and holds neither a user name nor a fragment."),
)
def address_can_be_called(subscription: EventSubscription, facts: Facts) -> Verdict:
    """What is sent says who did what: never in clear, never to an address that hides where it leads."""
    return len(subscription.address or "") <= LONGEST and is_callable(subscription.address or "")


@rule(
    "",
    EventSubscription,
    field="events",
    changed=("events",),
    says=_("Choose what the program hears of: at least one event from the list."),
)
def something_is_subscribed(subscription: EventSubscription, facts: Facts) -> Verdict:
    """A program hears what was chosen for it, never everything by itself."""
    return bool(subscription.events) and set(subscription.events) <= set(patterns())


def give_key(session: Session, subscriptions: Sequence[EventSubscription]) -> None:
    """Each receiver has a signing key of its own, made here: people choose weak ones."""
    for subscription in subscriptions:
        subscription.signing_key = subscription.signing_key or make_key()


@hookimpl
def due(session: Session, now: datetime) -> int:
    """Note the calls for what has happened since the last look."""
    return plan_calls(session, now)


@hookimpl
def overdue(session: Session, obligation: Obligation, now: datetime) -> None:
    """Put the lapse into the chain, from where events are read."""
    audit.note(
        session,
        "overdue",
        Obligation.__tablename__,
        obligation.id,
        obligation.kind,
        department_id=obligation.department_id,
    )


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="event_subscription",
        label=_("Event subscriptions"),
        entities=(EventSubscription,),
        fills=(Fill(EventSubscription, give_key),),
        afters=(Fill(EventSubscription, begin),),
        rules=(address_can_be_called, something_is_subscribed),
    )
