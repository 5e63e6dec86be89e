"""Plans how a notice leaves the house: by which ways, when, and why not. `delivering` carries it out."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import zone_of
from engine.notices.moments import Wishes, departure
from engine.notices.readers import Addressee, addressees, wishes_of
from models.notification import Delivery, DeliveryChannel, DeliveryReason, DeliveryState, GroupWebhook, Notification

URGENT = "urgent"
"""Name in a notice's data: it does not wait for quiet hours to end or for a digest."""


@dataclass(frozen=True)
class Recipients:
    """What is known of those who are to be told, and the present moment."""

    people: Mapping[int, Addressee]
    wishes: Mapping[int, Wishes]
    now: datetime


def plan_deliveries(session: Session, notices: Sequence[Notification]) -> None:
    """Write an outbox row for each way in which each recipient is to be told; a row that is left out says why.

    The number of statements does not depend on the number of notices.
    """
    if not notices:
        return
    ids = {notice.recipient_id for notice in notices}
    known = Recipients(addressees(session, ids), wishes_of(session, ids), clock.now())
    session.add_all([_mail(session, notice, known) for notice in notices])
    session.add_all(_groups(session, notices, known))


def _mail(session: Session, notice: Notification, known: Recipients) -> Delivery:
    wishes = known.wishes.get(notice.recipient_id, Wishes())
    urgent = bool(notice.data.get(URGENT))
    zone = zone_of(session, notice.department_id)
    not_before, reason = departure(wishes, zone, known.now, urgent=urgent)
    against = why_not_by_mail(known.people.get(notice.recipient_id), wishes)
    return Delivery(
        notification=notice,
        department_id=notice.department_id,
        channel=DeliveryChannel.EMAIL,
        target_id=notice.recipient_id,
        key=f"email:{notice.recipient_id}:{notice.key}",
        urgent=urgent,
        in_digest=reason is DeliveryReason.DIGEST,
        not_before=not_before,
        reason=against or reason,
        state=DeliveryState.SKIPPED if against else DeliveryState.PENDING,
    )


def why_not_by_mail(person: Addressee | None, wishes: Wishes) -> DeliveryReason | None:
    """What speaks against any mail to the person; None: nothing. Leavers get none."""
    if person is None or person.has_left:
        return DeliveryReason.LEFT
    if not wishes.by_email:
        return DeliveryReason.SWITCHED_OFF
    return None if person.email else DeliveryReason.NO_ADDRESS


def _groups(session: Session, notices: Sequence[Notification], known: Recipients) -> list[Delivery]:
    """A group hears each notice once, however many people it goes to, and not at night unless it is urgent."""
    hooks = session.scalars(
        select(GroupWebhook).where(
            GroupWebhook.department_id.in_({notice.department_id for notice in notices}), GroupWebhook.active.is_(True)
        )
    ).all()
    planned: dict[str, Delivery] = {}
    for hook in hooks:
        not_before, reason = departure(Wishes(), zone_of(session, hook.department_id), known.now, urgent=False)
        for notice in _heard(hook, notices, known):
            urgent = bool(notice.data.get(URGENT))
            key = _group_key(hook, notice)
            planned[key] = Delivery(
                notification=notice,
                department_id=notice.department_id,
                channel=DeliveryChannel.GROUP,
                target_id=hook.id,
                key=key,
                urgent=urgent,
                not_before=known.now if urgent else not_before,
                reason=None if urgent else reason,
                state=DeliveryState.PENDING,
            )
    told = _known(session, planned) if planned else set()
    return [delivery for key, delivery in planned.items() if key not in told]


def _heard(hook: GroupWebhook, notices: Iterable[Notification], known: Recipients) -> Iterator[Notification]:
    for notice in notices:
        person = known.people.get(notice.recipient_id)
        in_team = hook.team_id is None or (person is not None and person.team_id == hook.team_id)
        if in_team and notice.department_id == hook.department_id and notice.code in hook.codes:
            yield notice


def _group_key(hook: GroupWebhook, notice: Notification) -> str:
    what = hashlib.sha256(f"{notice.code}:{notice.key}".encode()).hexdigest()
    return f"group:{hook.id}:{what}"


def _known(session: Session, keys: Iterable[str]) -> set[str]:
    waiting = {delivery.key for delivery in session.new if isinstance(delivery, Delivery)}
    return waiting | set(session.scalars(select(Delivery.key).where(Delivery.key.in_(keys))))
