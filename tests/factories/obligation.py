"""Obligations and reminders as they stand when a sweep finds them."""

import itertools
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine import clock
from models.obligation import Obligation, ObligationState, Reminder, ReminderState
from models.organisation import Department, Post, Staff

_numbers = itertools.count(1)


def obligation(
    session: Session, home: Department, due: datetime, *, owner: Staff | None = None, post: Post | None = None
) -> Obligation:
    """An open duty of a kind that no domain declares; owned by a person or by whoever holds the post."""
    made = Obligation(
        department_id=home.id,
        kind="sample_duty",
        clause="QA-1",
        occurrence=f"sample:{next(_numbers)}",
        subject_title="样例",
        owner_id=owner.id if owner else None,
        owner_post=post.value if post else None,
        opened_at=clock.now(),
        due_at=due,
        looked_at_next=due,
        state=ObligationState.OPEN,
    )
    session.add(made)
    session.flush()
    return made


def reminder(
    session: Session, of: Obligation, at: datetime, *, to: Sequence[str] = ("owner",), offset: str = "0", step: int = 0
) -> Reminder:
    """One step of reminding, planned for a moment."""
    made = Reminder(
        obligation=of,
        step=step,
        round=0,
        offset=offset,
        recipients=list(to),
        planned_at=at,
        fire_at=at,
        state=ReminderState.PENDING,
    )
    session.add(made)
    session.flush()
    return made
