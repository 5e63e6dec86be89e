"""Makes the calls that are due: lease, post, mark. Safe with any number of schedulers and a kill at any point.

Who is killed between posting and marking posts again when the lease has run out, with the same identity.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import literal, or_, select, update
from sqlalchemy.orm import Session, joinedload

from engine import clock, failpoints
from engine.acting import SYSTEM, Door, acting
from engine.events.posting import GoneError
from engine.events.signing import signed
from engine.notices.alarm import alarm
from engine.notices.moments import MAX_ATTEMPTS, wait_after
from engine.notices.pausing import pause_of
from engine.notices.sending import OutOfReachError, SendingError
from engine.patience import OutOfPatienceError, at_most
from engine.registry import registry
from models.audit import AuditEntry
from models.event_subscription import CallState, EventCall, EventSubscription
from models.types import Choice

BATCH = 20
LONGEST_CALL = 20.0
"""Seconds that one call may take in all: a receiver that trickles its answer must not hold up the others."""
LEASE = timedelta(minutes=8)
"""Longer than a whole batch takes when every receiver lets us wait as long as we are willing to."""
GIVEN_UP = "call"
"""What the administrators' alarm names."""
PENDING = literal(CallState.PENDING, Choice(CallState), literal_execute=True)
"""Written into the statement, not bound: a partial index is used only where the database sees the value."""
PAUSE = timedelta(minutes=1)
"""How long the rest waits when a receiver is out of reach. That is not counted as an attempt of theirs."""

log = logging.getLogger(__name__)


class Posts(Protocol):
    """What carries a body to an address: `engine.events.posting.Poster`."""

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Return when the receiver took it. Raises SendingError and its kinds."""


@dataclass(frozen=True)
class Ready:
    """A leased call with everything that posting it needs."""

    id: int
    subscription_id: int
    identity: str
    address: str
    signing_key: str
    body: bytes
    attempts: int
    leased_until: datetime


def carry_due(session: Session, poster: Posts, now: datetime, public_url: str) -> int:
    """Make one batch of the calls due at `now` (aware); how many were taken up. Commits as it goes.

    While sending is paused (after a restore) nothing leaves.
    """
    with acting(SYSTEM, Door.SCHEDULER):
        if pause_of(session) is not None:
            session.commit()
            return 0
        calls = _claim(session, now, public_url)
        session.commit()
        failpoints.reached("after claim")
        blocked: set[int] = set()
        for call in calls:
            if call.subscription_id in blocked:
                _settle(session, call, not_before=clock.now() + PAUSE, attempts=call.attempts - 1)
            elif not _carry(session, poster, call):
                blocked.add(call.subscription_id)
    return len(calls)


def is_call_due(session: Session, now: datetime) -> bool:
    """Whether there is a call to be made."""
    free = or_(EventCall.leased_until.is_(None), EventCall.leased_until <= now)
    due = select(EventCall.id).join(EventCall.subscription).where(EventSubscription.active.is_(True), free)
    first = session.execute(due.where(EventCall.state == PENDING, EventCall.not_before <= now).limit(1)).first()
    return first is not None and pause_of(session) is None


def content(call: EventCall, entry: AuditEntry, public_url: str) -> dict[str, Any]:
    """What the receiver is told: what happened to which record, when. It reads the rest with a token of its own."""
    told = {
        "entity": entry.entity,
        "record": entry.record_id,
        "action": entry.action,
        "actor": entry.actor_id,
        "changed": sorted(entry.changes),
    }
    if entry.entity in registry.entities:
        told["url"] = f"{public_url.rstrip('/')}/api/v1/{entry.entity}/{entry.record_id}"
    at = entry.at.astimezone(UTC).isoformat()
    return {"id": identity(call), "type": call.event, "timestamp": at, "data": told}


def identity(call: EventCall) -> str:
    """The same however often a call has to be made."""
    return f"evt_{call.subscription_id}_{call.entry_id}"


def revive(call: EventCall) -> None:
    """Make a call that was given up once more. The caller commits."""
    call.state, call.attempts, call.not_before, call.error = CallState.PENDING, 0, clock.now(), None


def _claim(session: Session, now: datetime, public_url: str) -> list[Ready]:
    free = or_(EventCall.leased_until.is_(None), EventCall.leased_until <= now)
    query = (
        select(EventCall, AuditEntry)
        .join(EventCall.subscription)
        .join(AuditEntry, AuditEntry.id == EventCall.entry_id)
        .where(EventCall.state == PENDING, EventCall.not_before <= now, free, EventSubscription.active.is_(True))
        .options(joinedload(EventCall.subscription))
        .order_by(EventCall.not_before, EventCall.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=EventCall)
    )
    return [_leased(call, entry, now, public_url) for call, entry in session.execute(query)]


def _leased(call: EventCall, entry: AuditEntry, now: datetime, public_url: str) -> Ready:
    call.leased_until = now + LEASE
    call.attempts += 1
    body = json.dumps(content(call, entry, public_url), ensure_ascii=False, separators=(",", ":")).encode()
    to = call.subscription
    return Ready(call.id, to.id, identity(call), to.address, to.signing_key, body, call.attempts, call.leased_until)


def _carry(session: Session, poster: Posts, call: Ready) -> bool:
    """Post one call and write down what became of it. False: nobody is there at present."""
    proof = signed(call.signing_key, call.identity, int(clock.now().timestamp()), call.body)
    try:
        with at_most(LONGEST_CALL):
            poster.post(call.address, call.body, {**proof, "Content-Type": "application/json"})
        failpoints.reached("after DATA")
    except GoneError as error:
        _stop(session, call, error)
        return False
    except Exception as error:  # noqa: BLE001 one receiver that cannot be called must not stop the others; it is put off
        _failed(session, call, error)
        return not isinstance(error, OutOfReachError | OutOfPatienceError)
    _settle(session, call, state=CallState.SENT, sent_at=clock.now(), error=None)
    return True


def _failed(session: Session, call: Ready, error: Exception) -> None:
    is_over = call.attempts >= MAX_ATTEMPTS
    log.warning("an event call failed: %s, %s", call.identity, "given up" if is_over else "it is tried again")
    state = CallState.DEAD if is_over else CallState.PENDING
    if is_over:
        _tell_administrators(session, call)
    _settle(session, call, state=state, error=_said(error), not_before=clock.now() + wait_after(call.attempts))


def _stop(session: Session, call: Ready, error: Exception) -> None:
    """The receiver is gone: its subscription is switched off, through the gate like any change."""
    log.warning("a receiver is gone and its subscription switched off: %s", call.identity)
    _tell_administrators(session, call)
    _settle(session, call, state=CallState.DEAD, error=_said(error))
    session.get_one(EventSubscription, call.subscription_id).active = False
    session.commit()


def _tell_administrators(session: Session, call: Ready) -> None:
    alarm(session, [session.get_one(EventSubscription, call.subscription_id).department_id], GIVEN_UP)


def _settle(session: Session, call: Ready, **values: object) -> None:
    """Write what became of it, unless the lease ran out and somebody else has taken it up."""
    mine = update(EventCall).where(EventCall.id == call.id, EventCall.leased_until == call.leased_until)
    session.execute(mine.values(leased_until=None, **values).execution_options(synchronize_session=False))
    session.commit()


def _said(error: Exception) -> str:
    """What the row keeps: only our own errors are known to hold no address and no secret."""
    return (f"{type(error).__name__}: {error}" if isinstance(error, SendingError) else type(error).__name__)[:200]
