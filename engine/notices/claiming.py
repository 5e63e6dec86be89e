"""Leases what is due, so that two schedulers never send the same row at the same time."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, literal, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, selectinload

from engine.notices.alarm import alarm
from engine.notices.pausing import pause_of
from engine.unreadable import unreadable
from models.notification import Delivery, DeliveryChannel, DeliveryReason, DeliveryState, NoticePreference
from models.types import Choice

PENDING = literal(DeliveryState.PENDING, Choice(DeliveryState), literal_execute=True)
"""Written into the statement, not bound: a partial index is used only where the database sees the value."""

LOADING = (selectinload(Delivery.notification),)
UNSYNCED = {"synchronize_session": False}
BATCH = 50
LONGEST_DIGEST = 200
log = logging.getLogger(__name__)


def claim(session: Session, channels: Sequence[DeliveryChannel], now: datetime, until: datetime) -> list[Delivery]:
    """Lease a batch of due rows until `until`, the rest of their digests with them. The caller commits.

    An attempt is counted here: a row that kills the process that sends it is given up in time, too.
    """
    rows = _read(session, _due(channels, now).order_by(Delivery.not_before, Delivery.id).limit(BATCH))
    rows = _whole_digests(session, channels, rows, now)
    for row in rows:
        row.leased_until = until
        row.attempts += 1
    return rows


def _read(session: Session, query: Select[Any]) -> list[Delivery]:
    """The batch. Rows that were tampered with so that they cannot be read are given up first, in the open."""
    try:
        return list(session.scalars(query.options(*LOADING)))
    except SQLAlchemyError:
        raise
    except Exception:
        log.exception("a delivery cannot be read")
        bad = unreadable(session, Delivery, session.scalars(query.with_only_columns(Delivery.id)).all(), LOADING)
        told = select(Delivery.department_id, Delivery.channel).where(Delivery.id.in_(bad)).distinct()
        for department_id, channel in session.execute(told).all():
            alarm(session, [department_id], channel.value)
        gone = {"state": DeliveryState.DEAD, "reason": DeliveryReason.GIVEN_UP, "error": "unreadable"}
        session.execute(update(Delivery).where(Delivery.id.in_(bad)).values(gone), execution_options=UNSYNCED)
        return list(session.scalars(query.options(*LOADING)))


def is_delivery_due(session: Session, channel: DeliveryChannel, now: datetime) -> bool:
    """Whether there is something to send by one channel, and nobody holds sending back."""
    due = select(Delivery.id).where(
        Delivery.state == PENDING,
        Delivery.channel == channel,
        Delivery.not_before <= now,
        or_(Delivery.leased_until.is_(None), Delivery.leased_until <= now),
    )
    return session.execute(due.limit(1)).first() is not None and pause_of(session) is None


def _due(channels: Sequence[DeliveryChannel], now: datetime) -> Select[Any]:
    return (
        select(Delivery)
        .where(
            Delivery.state == PENDING,
            Delivery.channel.in_(channels),
            Delivery.not_before <= now,
            or_(Delivery.leased_until.is_(None), Delivery.leased_until <= now),
        )
        .with_for_update(skip_locked=True, of=Delivery)
    )


def _whole_digests(
    session: Session, channels: Sequence[DeliveryChannel], rows: Sequence[Delivery], now: datetime
) -> list[Delivery]:
    """A digest leaves whole: one scheduler packs a person's digest at a time, and packs all that is due of it."""
    people = {row.target_id for row in rows if row.in_digest}
    if not people:
        return list(rows)
    mine = set(
        session.scalars(
            select(NoticePreference.staff_id)
            .where(NoticePreference.staff_id.in_(people))
            .with_for_update(skip_locked=True)
        )
    )
    more = _due(channels, now).where(and_(Delivery.in_digest, Delivery.target_id.in_(mine))).limit(LONGEST_DIGEST)
    kept = {row.id: row for row in rows if not row.in_digest or row.target_id in mine}
    kept |= {row.id: row for row in session.scalars(more.options(*LOADING))}
    return list(kept.values())
