"""Puts a notice in a person's inbox, once, and plans how it leaves the house."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import seeing_all
from engine.audit import plain
from engine.notices.outbox import plan_deliveries
from models.base import Record
from models.notification import Notification


def notify(  # noqa: PLR0913 a notice has that many sides
    session: Session,
    department_id: int,
    recipients: Iterable[int],
    code: str,
    key: str,
    data: Mapping[str, Any] | None = None,
    *,
    subject: Record | None = None,
    obligation_id: int | None = None,
) -> list[Notification]:
    """Tell each recipient (staff ids) once: a second notice with the same `key` to the same person is not written.

    `code` names a Notice that some domain declares; `data` are its values. The caller commits.
    """
    with seeing_all(), session.no_autoflush:
        wanted = dict.fromkeys(recipients)
        told = set(session.scalars(select(Notification.recipient_id).where(Notification.key == key, Notification.recipient_id.in_(wanted))))
        waiting = {n.recipient_id for n in session.new if isinstance(n, Notification) and n.key == key}
        notices = [
            Notification(
                department_id=department_id, recipient_id=person, code=code, key=key, data=plain(data or {}),
                subject_type=subject.__tablename__ if subject is not None else None,
                subject_id=subject.id if subject is not None else None,
                obligation_id=obligation_id, created_at=clock.now(),
            )
            for person in wanted
            if person not in told | waiting
        ]
        session.add_all(notices)
        plan_deliveries(session, notices)
    return notices
