"""Puts a notice in a person's inbox, once, and plans how it leaves the house."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import seeing_all
from engine.audit import plain
from engine.notices.both import in_both
from engine.notices.insertion import add_new
from engine.notices.outbox import Filed, plan_deliveries
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
) -> None:
    """Tell each recipient (staff ids) once: a second notice with the same `key` to the same person is not written.

    `code` names a Notice that some domain declares; `data` are its values. The caller commits.
    """
    notify_many(session, [Letter(department_id, recipients, code, key, data or {}, subject, obligation_id)])


def notify_many(session: Session, letters: Sequence[Letter]) -> None:
    """The same for a whole batch, with a fixed number of statements however long it is. The caller commits."""
    rows = [row for letter in letters for row in _rows(letter)]
    if not rows:
        return
    with seeing_all():
        add_new(session, Notification, rows, ("recipient_id", "key"))
        ids = _ids(session, {row["key"] for row in rows})
        filed = {
            (row["recipient_id"], row["key"]): Filed(
                ids[row["recipient_id"], row["key"]],
                row["department_id"],
                row["recipient_id"],
                row["code"],
                row["key"],
                row["data"],
            )
            for row in rows
        }
        plan_deliveries(session, list(filed.values()))


def _rows(letter: Letter) -> list[dict[str, Any]]:
    recipients = dict.fromkeys(letter.recipients)
    if not recipients:
        return []
    data = plain({name: in_both(value) for name, value in letter.data.items()})
    subject = letter.subject
    return [
        {
            "department_id": letter.department_id,
            "recipient_id": person,
            "code": letter.code,
            "key": letter.key,
            "data": data,
            "obligation_id": letter.obligation_id,
            "created_at": clock.now(),
            "subject_type": subject.__tablename__ if subject is not None else None,
            "subject_id": subject.id if subject is not None else None,
        }
        for person in recipients
    ]


def _ids(session: Session, keys: set[str]) -> dict[tuple[int, str], int]:
    query = select(Notification.id, Notification.recipient_id, Notification.key).where(Notification.key.in_(keys))
    return {(person, key): number for number, person, key in session.execute(query)}
