"""Turns leased rows into messages by what is true now: who has left, what was settled meanwhile, who sleeps."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from engine.notices.alarm import alarm, is_alarm
from engine.notices.moments import MAX_ATTEMPTS, USUAL, Wishes, after_quiet_hours, wait_after
from engine.notices.outbox import why_not_by_mail
from engine.notices.readers import Addressee, addressees, languages_of, wishes_of
from engine.notices.sending import Parcel
from engine.notices.wording import Wording, gather, read_out
from models.notification import Delivery, DeliveryChannel, DeliveryReason, DeliveryState, GroupWebhook
from models.obligation import UNDONE, Obligation
from models.organisation import Department

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Packed:
    """A parcel and the rows that it carries."""

    parcel: Parcel
    channel: DeliveryChannel
    ids: tuple[int, ...]
    attempts: int
    leased_until: datetime | None


@dataclass(frozen=True)
class Truth:
    """What is true of a batch at the moment of sending."""

    now: datetime
    carried: frozenset[DeliveryChannel]
    people: Mapping[int, Addressee]
    wishes: Mapping[int, Wishes]
    hooks: Mapping[int, GroupWebhook]
    obligations: Mapping[int, Obligation]
    languages: Mapping[int, str]
    departments: Mapping[int, Department]


def pack(
    session: Session, rows: Sequence[Delivery], carried: Mapping[DeliveryChannel, Any], now: datetime
) -> list[Packed]:
    """The messages that the rows make. Rows that are not to be sent are closed or put off; the caller commits."""
    truth = _truth(session, rows, carried, now)
    parcels: defaultdict[str, list[tuple[Delivery, Wording]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        if wording := _ready(row, truth):
            parcels[row.parcel or _new_parcel(row)].append((row, wording))
    packed = [made for key, together in parcels.items() if (made := _packed_or_spoilt(key, together, truth))]
    for channel in carried:
        alarm(session, {row.department_id for row in rows if _is_given_up(row, channel)}, channel.value)
    return packed


def _hooks() -> Select[Any]:
    """Their addresses are read when they are needed: one that cannot be read must not keep the others from leaving."""
    return select(GroupWebhook).options(defer(GroupWebhook.address))


def _is_given_up(row: Delivery, channel: DeliveryChannel) -> bool:
    is_dead = row.channel is channel and row.state is DeliveryState.DEAD
    return is_dead and not is_alarm(row.notification.code)


def _truth(session: Session, rows: Sequence[Delivery], carried: Mapping[DeliveryChannel, Any], now: datetime) -> Truth:
    people = {row.target_id for row in rows if row.channel is DeliveryChannel.EMAIL}
    hooks = {row.target_id for row in rows if row.channel is DeliveryChannel.GROUP}
    duties = {row.notification.obligation_id for row in rows} - {None}
    return Truth(
        now,
        frozenset(channel for channel, sender in carried.items() if sender is not None),
        addressees(session, people),
        wishes_of(session, people),
        {hook.id: hook for hook in session.scalars(_hooks().where(GroupWebhook.id.in_(hooks)))},
        {duty.id: duty for duty in session.scalars(select(Obligation).where(Obligation.id.in_(duties)))},
        languages_of(session, people),
        {home.id: home for home in session.scalars(select(Department))},
    )


def _is_held(row: Delivery, truth: Truth) -> bool:
    """Whether the row does not leave now, and write down why."""
    if against := why_not(row, truth):
        row.state, row.reason, row.leased_until = DeliveryState.SKIPPED, against, None
        return True
    if row.urgent or row.in_digest:
        return False
    wishes = truth.wishes.get(row.target_id, USUAL) if row.channel is DeliveryChannel.EMAIL else USUAL
    not_before, reason = after_quiet_hours(wishes, truth.departments[row.department_id].timezone, truth.now)
    if reason:
        row.not_before, row.reason, row.leased_until = not_before, reason, None
        row.attempts -= 1
    return reason is not None


def why_not(row: Delivery, truth: Truth) -> DeliveryReason | None:
    """What speaks against sending the row at all, by what is true now; None: nothing."""
    if row.channel not in truth.carried:
        return DeliveryReason.NOT_SET_UP
    if row.channel is DeliveryChannel.GROUP:
        hook = truth.hooks.get(row.target_id)
        against = None if hook is not None and hook.active else DeliveryReason.SWITCHED_OFF
    else:
        against = why_not_by_mail(truth.people.get(row.target_id), truth.wishes.get(row.target_id, USUAL))
        if against is None and row.notification.read_at is not None:
            against = DeliveryReason.READ
    return against or _outlived(row, truth)


def _outlived(row: Delivery, truth: Truth) -> DeliveryReason | None:
    """Whether the duty it speaks of is not owed any more, or not by then or by that person."""
    duty = truth.obligations.get(row.notification.obligation_id or 0)
    if duty is None:
        return None
    if duty.state not in UNDONE:
        return DeliveryReason.SETTLED
    said = row.notification.data
    is_moved = said.get("due_at", duty.due_at.isoformat()) != duty.due_at.isoformat()
    return DeliveryReason.CHANGED if is_moved or said.get("owner_id", duty.owner_id) != duty.owner_id else None


def _ready(row: Delivery, truth: Truth) -> Wording | None:
    """The row's words; None when it does not leave now. Whatever stands in it, the others are to be sent."""
    try:
        return None if _is_held(row, truth) else read_out(row.notification, _locale(row, truth))
    except Exception as error:
        log.exception("a notice cannot be put into words")
        _spoilt(row, truth, error)
        return None


def _packed_or_spoilt(key: str, together: Sequence[tuple[Delivery, Wording]], truth: Truth) -> Packed | None:
    try:
        return _packed(key, together, truth)
    except Exception as error:
        log.exception("a message cannot be addressed")
        for row, _wording in together:
            _spoilt(row, truth, error)
        return None


def _spoilt(row: Delivery, truth: Truth, error: Exception) -> None:
    """Put off, in the end given up."""
    is_over = row.attempts >= MAX_ATTEMPTS
    row.state = DeliveryState.DEAD if is_over else DeliveryState.PENDING
    row.reason = DeliveryReason.GIVEN_UP if is_over else DeliveryReason.RETRY
    row.error, row.leased_until = type(error).__name__, None
    row.not_before = truth.now + wait_after(row.attempts)


def _locale(row: Delivery, truth: Truth) -> str:
    if row.channel is DeliveryChannel.EMAIL:
        return truth.languages[row.target_id]
    return truth.departments[row.department_id].language


def _new_parcel(row: Delivery) -> str:
    """What leaves together: each row alone, or a person's digest of this moment."""
    return f"digest:{row.target_id}:{row.leased_until:%Y%m%dT%H%M%S.%f}" if row.in_digest else row.key


def _packed(key: str, carried: Sequence[tuple[Delivery, Wording]], truth: Truth) -> Packed:
    rows = [row for row, _wording in carried]
    for row in rows:
        row.parcel = key
    first, wordings = rows[0], [wording for _row, wording in carried]
    words = wordings[0] if len(wordings) == 1 else gather(wordings, _locale(first, truth))
    ids = tuple(row.id for row in rows)
    attempts = max(row.attempts for row in rows)
    return Packed(_parcel(key, first, words, truth), first.channel, ids, attempts, first.leased_until)


def _parcel(key: str, row: Delivery, words: Wording, truth: Truth) -> Parcel:
    if row.channel is DeliveryChannel.EMAIL:
        address = truth.people[row.target_id].email or ""
        return Parcel(key, DeliveryChannel.EMAIL, address, words.subject, words.text, link=words.link)
    hook = truth.hooks[row.target_id]
    return Parcel(key, f"group:{hook.id}", hook.address, words.subject, words.text, vendor=hook.kind)
