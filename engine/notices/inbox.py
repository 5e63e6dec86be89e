"""Puts a notice in a person's inbox, once, and plans how it leaves the house."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import seeing_all
from engine.audit import plain
from engine.notices.outbox import plan_deliveries
from models.base import Record
from models.notification import Notification


@dataclass(frozen=True)
class Letter:
    """One notice to several people. `code` names a Notice that some domain declares; `data` are its values."""

    department_id: int
    recipients: Iterable[int]
    code: str
    key: str
    data: Mapping[str, Any] = field(default_factory=dict)
    subject: Record | None = None
    obligation_id: int | None = None


def notify(  # noqa: PLR0913, PLR0917 a notice has that many sides
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
    letter = Letter(department_id, recipients, code, key, data or {}, subject, obligation_id)
    return notify_many(session, [letter])


def notify_many(session: Session, letters: Sequence[Letter]) -> list[Notification]:
    """The same for a whole batch, with a fixed number of statements however long it is. The caller commits."""
    with seeing_all(), session.no_autoflush:
        told = _told(session, {letter.key for letter in letters})
        notices = []
        for letter in letters:
            for person in dict.fromkeys(letter.recipients):
                if (person, letter.key) not in told:
                    told.add((person, letter.key))
                    notices.append(_notice(letter, person))
        session.add_all(notices)
        plan_deliveries(session, notices)
    return notices


def _told(session: Session, keys: set[str]) -> set[tuple[int, str]]:
    """Who has which of the notices already, those included that wait in this session."""
    rows = session.execute(select(Notification.recipient_id, Notification.key).where(Notification.key.in_(keys)))
    waiting = {(n.recipient_id, n.key) for n in session.new if isinstance(n, Notification)}
    return waiting | set(rows.tuples())


def _notice(letter: Letter, person: int) -> Notification:
    return Notification(
        department_id=letter.department_id,
        recipient_id=person,
        code=letter.code,
        key=letter.key,
        data=plain(letter.data),
        obligation_id=letter.obligation_id,
        created_at=clock.now(),
        subject_type=letter.subject.__tablename__ if letter.subject is not None else None,
        subject_id=letter.subject.id if letter.subject is not None else None,
    )
