"""Plans how a notice leaves the house: by which ways, when, and why not. `delivering` carries it out."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from engine import clock
from engine.circumstances import zone_of
from engine.notices.insertion import add_new
from engine.notices.moments import USUAL, Wishes, departure
from engine.notices.readers import Addressee, addressees, wishes_of
from models.notification import Delivery, DeliveryChannel, DeliveryReason, DeliveryState, GroupWebhook

URGENT = "urgent"
"""Name in a notice's data: it does not wait for quiet hours to end or for a digest."""


@dataclass(frozen=True)
class Filed:
    """A notice that stands in the inbox, with the id it got there."""

    id: int
    department_id: int
    recipient_id: int
    code: str
    key: str
    data: Mapping[str, Any]

    @property
    def is_urgent(self) -> bool:
        """Whether it waits for no morning."""
        return bool(self.data.get(URGENT))


@dataclass(frozen=True)
class Recipients:
    """What is known of those who are to be told, and the present moment."""

    people: Mapping[int, Addressee]
    wishes: Mapping[int, Wishes]
    now: datetime


def plan_deliveries(session: Session, notices: Sequence[Filed]) -> None:
    """Write an outbox row for each way in which each recipient is to be told; a row that is left out says why.

    The number of statements does not depend on the number of notices. A delivery planned before stays as it is.
    """
    ids = {notice.recipient_id for notice in notices}
    known = Recipients(addressees(session, ids), wishes_of(session, ids), clock.now())
    rows = [_mail(session, notice, known) for notice in notices]
    rows += _groups(session, notices, known)
    add_new(session, Delivery, rows, ("key",))


def _mail(session: Session, notice: Filed, known: Recipients) -> dict[str, Any]:
    wishes = known.wishes.get(notice.recipient_id, USUAL)
    zone = zone_of(session, notice.department_id)
    not_before, reason = departure(wishes, zone, known.now, urgent=notice.is_urgent)
    against = why_not_by_mail(known.people.get(notice.recipient_id), wishes)
    return {
        **_row(notice, DeliveryChannel.EMAIL, notice.recipient_id),
        "key": f"email:{notice.recipient_id}:{notice.key}",
        "in_digest": reason is DeliveryReason.DIGEST,
        "state": DeliveryState.SKIPPED if against else DeliveryState.PENDING,
        "reason": against or reason,
        "not_before": not_before,
    }


def why_not_by_mail(person: Addressee | None, wishes: Wishes) -> DeliveryReason | None:
    """What speaks against any mail to the person; None: nothing. Leavers get none."""
    if person is None or person.has_left:
        return DeliveryReason.LEFT
    if not wishes.by_email:
        return DeliveryReason.SWITCHED_OFF
    return None if person.email else DeliveryReason.NO_ADDRESS


def _groups(session: Session, notices: Sequence[Filed], known: Recipients) -> Iterator[dict[str, Any]]:
    """A group hears each notice once, however many people it goes to, and not at night unless it is urgent."""
    departments = {notice.department_id for notice in notices}
    hooks = session.scalars(
        select(GroupWebhook)
        .where(GroupWebhook.department_id.in_(departments), GroupWebhook.active.is_(True))
        # An address that cannot be read must not keep anybody from being reminded.
        .options(defer(GroupWebhook.address))
    )
    for hook in hooks:
        zone = zone_of(session, hook.department_id)
        for notice in {(notice.code, notice.key): notice for notice in _heard(hook, notices, known)}.values():
            not_before, reason = departure(USUAL, zone, known.now, urgent=notice.is_urgent)
            what = hashlib.sha256(f"{notice.code}:{notice.key}".encode()).hexdigest()
            yield {
                **_row(notice, DeliveryChannel.GROUP, hook.id),
                "key": f"group:{hook.id}:{what}",
                "in_digest": False,
                "state": DeliveryState.PENDING,
                "reason": reason,
                "not_before": not_before,
            }


def _heard(hook: GroupWebhook, notices: Iterable[Filed], known: Recipients) -> Iterator[Filed]:
    for notice in notices:
        person = known.people.get(notice.recipient_id)
        in_team = hook.team_id is None or (person is not None and person.team_id == hook.team_id)
        if in_team and notice.department_id == hook.department_id and notice.code in hook.codes:
            yield notice


def _row(notice: Filed, channel: DeliveryChannel, target: int) -> dict[str, Any]:
    return {
        "notification_id": notice.id,
        "department_id": notice.department_id,
        "channel": channel,
        "target_id": target,
        "urgent": notice.is_urgent,
        "attempts": 0,
    }
