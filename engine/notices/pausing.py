"""Holds back everything that would leave the house, until a person has looked: above all after a restore.

A backup knows nothing of what was sent after it was taken. Without a pause the first tick after a restore would send
all of it again. Each message keeps the identity it had (its Message-ID, its idempotency key), so that a receiver can
tell; whether it goes out again is decided by a person.
"""

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.orm import Session

from engine import audit, clock
from models.event_subscription import CallState, EventCall
from models.notification import Delivery, DeliveryReason, DeliveryState, PauseReason, SendingPause

LEFT_OUT = "left out after a pause"
"""What a call that was left out says of itself."""
ONLY = 1
"""The number of the one row that a pause is."""


def pause_sending(session: Session, reason: PauseReason, note: str = "") -> None:
    """Let no mail, group message or call to a program leave from the commit on; the caller commits. Needs an actor.

    `note` is kept beside the reason (such as the moment of the backup, as text). A second pause takes the place of the
    first. What is being sent at this moment still arrives.
    """
    session.execute(delete(SendingPause).where(SendingPause.id == ONLY))
    session.add(SendingPause(id=ONLY, since=clock.now(), reason=reason, note=note[:200]))
    audit.note(session, "pause_sending", Delivery.__tablename__, None, changes={"reason": [None, reason]})


def release_sending(session: Session, *, leave_out: bool = False) -> int:
    """Let messages leave again; the caller commits. Needs an actor. Without a pause nothing happens.

    With `leave_out`, what waits now is not sent at all (people have it in their inbox). Answers how many messages and
    calls were left out.
    """
    if not _count(session.execute(delete(SendingPause).where(SendingPause.id == ONLY))):
        return 0
    left = _leave_out(session) if leave_out else 0
    audit.note(session, "release_sending", Delivery.__tablename__, None, changes={"left_out": [None, left]})
    return left


def pause_of(session: Session) -> SendingPause | None:
    """The pause that holds everything back; None when messages leave."""
    return session.get(SendingPause, ONLY, populate_existing=True)


def _leave_out(session: Session) -> int:
    waiting = update(Delivery).where(Delivery.state == DeliveryState.PENDING)
    values = {"state": DeliveryState.SKIPPED, "reason": DeliveryReason.LEFT_OUT, "leased_until": None}
    calls = update(EventCall).where(EventCall.state == CallState.PENDING)
    gone = {"state": CallState.DEAD, "error": LEFT_OUT, "leased_until": None}
    return sum(
        _count(session.execute(statement.execution_options(synchronize_session=False)))
        for statement in (waiting.values(values), calls.values(gone))
    )


def _count(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
