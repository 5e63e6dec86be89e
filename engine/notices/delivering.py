"""Carries the outbox out: lease, send, mark. Safe with any number of schedulers and a kill at any point.

A row is leased in one short transaction, sent outside of any, and marked in another. Whoever is killed between the two
has its rows taken up by somebody else when the lease runs out; only a kill after the other side took the message and
before it was marked sends it twice, and then with the same identity.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock, failpoints
from engine.acting import SYSTEM, Door, acting
from engine.notices.alarm import alarm, is_alarm
from engine.notices.claiming import claim
from engine.notices.moments import MAX_ATTEMPTS, wait_after
from engine.notices.packing import Packed, pack
from engine.notices.pausing import pause_of
from engine.notices.sending import OutOfReachError, RefusedError, Sender
from engine.patience import OutOfPatienceError, at_most
from models.notification import Delivery, DeliveryChannel, DeliveryReason, DeliveryState, Notification

LEASE = timedelta(seconds=60)
ROUND = 30.0
"""Seconds of sending after which the rest of a round is put back: a lease must not run out under a slow server."""
LONGEST_SEND = 20.0
"""Seconds for one message: a server that answers a byte now and then must not hold up the rest. ROUND and this one
together stay well inside a lease."""
PAUSE = timedelta(minutes=1)
"""How long the rest waits when a server is out of reach. That is not counted as an attempt of theirs."""

log = logging.getLogger(__name__)
Senders = Mapping[DeliveryChannel, Sender | None]
"""Who carries what. None: this installation does not send that way; channels that are missing are not touched."""


@dataclass
class _Round:
    """What one round has seen: which lanes are blocked, and since when it runs."""

    started: float
    blocked: set[str]


def deliver_due(session: Session, senders: Senders, now: datetime) -> int:
    """Take up one batch of what is due at `now` (aware), send it, and say how many rows were taken up.

    Every row taken up is sent, left out with a reason, or put off beyond `now`; so a caller may go on until nothing
    is due. Commits as it goes; sending happens outside of any transaction. While sending is paused nothing is taken up.
    """
    with acting(SYSTEM, Door.SCHEDULER):
        failpoints.reached("before claim")
        if pause_of(session) is not None:
            session.commit()
            return 0
        rows = claim(session, list(senders), now, now + LEASE)
        parcels = pack(session, rows, senders, now)
        taken = len(rows)
        session.commit()
        failpoints.reached("after claim")
        state = _Round(time.monotonic(), set())
        for parcel in parcels:
            _carry(session, parcel, senders[parcel.channel], state)
        for sender in senders.values():
            if sender is not None:
                sender.rest()
    return taken


def revive(delivery: Delivery) -> None:
    """Send a delivery that was given up once more. The caller commits."""
    delivery.state, delivery.reason, delivery.attempts = DeliveryState.PENDING, None, 0
    delivery.not_before = clock.now()


def _carry(session: Session, packed: Packed, sender: Sender | None, state: _Round) -> None:
    if sender is None or packed.parcel.lane in state.blocked or time.monotonic() - state.started > ROUND:
        _put_back(session, packed, DeliveryReason.OUT_OF_REACH if packed.parcel.lane in state.blocked else None)
        return
    failpoints.reached("before send")
    try:
        with at_most(LONGEST_SEND):
            sender.send(packed.parcel)
    except (OutOfReachError, OutOfPatienceError) as error:
        state.blocked.add(packed.parcel.lane)
        _failed(session, packed, error, DeliveryReason.OUT_OF_REACH)
    except RefusedError as error:
        _given_up(session, packed, error, DeliveryReason.REFUSED)
    except Exception as error:  # noqa: BLE001 one message that cannot be sent must not stop the others; it is put off
        _failed(session, packed, error, DeliveryReason.RETRY)
    else:
        _sent(session, packed)


def _sent(session: Session, packed: Packed) -> None:
    """It was sent, whoever holds the lease by now: what still waits is marked."""
    failpoints.reached("before marking")
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(packed.ids), Delivery.state == DeliveryState.PENDING)
        .values(state=DeliveryState.SENT, sent_at=clock.now(), reason=None, error=None, leased_until=None)
        .execution_options(synchronize_session=False)
    )
    session.commit()
    failpoints.reached("after marking")


def _failed(session: Session, packed: Packed, error: Exception, reason: DeliveryReason) -> None:
    if packed.attempts >= MAX_ATTEMPTS:
        _given_up(session, packed, error, DeliveryReason.GIVEN_UP)
        return
    log.warning("a delivery failed and is tried again: %s", packed.parcel.identity)
    _settle(session, packed, reason=reason, error=_said(error), not_before=clock.now() + wait_after(packed.attempts))


def _given_up(session: Session, packed: Packed, error: Exception, reason: DeliveryReason) -> None:
    log.error("a delivery is given up: %s", packed.parcel.identity)
    _tell_administrators(session, packed)
    _settle(session, packed, reason=reason, error=_said(error), state=DeliveryState.DEAD)


def _tell_administrators(session: Session, packed: Packed) -> None:
    query = select(Delivery.department_id, Notification.code).join(Notification).where(Delivery.id.in_(packed.ids))
    homes = {home for home, code in session.execute(query) if not is_alarm(code)}
    alarm(session, homes, packed.channel.value)


def _put_back(session: Session, packed: Packed, reason: DeliveryReason | None) -> None:
    waits = clock.now() + PAUSE if reason else clock.now()
    _settle(session, packed, reason=reason, not_before=waits, attempts=Delivery.attempts - 1)


def _settle(session: Session, packed: Packed, **values: object) -> None:
    """Write what became of it, unless the lease ran out and somebody else has taken it up."""
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(packed.ids), Delivery.leased_until == packed.leased_until)
        .values(leased_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    session.commit()


def _said(error: Exception) -> str:
    """What the row keeps. Only our own errors are known to hold no address and no secret."""
    own = type(error).__module__.startswith("engine.")
    return (f"{type(error).__name__}: {error}" if own else type(error).__name__)[:500]
