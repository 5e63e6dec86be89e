"""Sends due reminders: who is told is found now, by who holds the post and who has left."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Update, update
from sqlalchemy.orm import Session

from engine.notices.inbox import Letter, notify_many
from engine.notices.outbox import URGENT
from engine.obligations.steps import Recipients
from engine.packs.offsets import OffsetUnit, parse_offset
from models.obligation import UNDONE, Obligation, Reminder, ReminderState

LATE = timedelta(minutes=10)
"""A reminder this long after its planned moment says that it comes late."""


def remind(session: Session, reminders: Sequence[Reminder], now: datetime) -> None:
    """Tell everybody concerned of a batch of claimed reminders. The caller commits claim and effect together."""
    people = Recipients(session, {row.obligation.department_id for row in reminders})
    owed = [row for row in reminders if row.obligation.state in UNDONE]
    letters = [letter for row in owed for letter in _letters(row, people, now)]
    _mark(session, owed, now)
    for row in reminders:
        if row.obligation.state not in UNDONE:
            row.state = ReminderState.CANCELLED
    notify_many(session, letters)


def _mark(session: Session, sent: Sequence[Reminder], now: datetime) -> None:
    """A statement for all of them, and one for each step that their obligations reach."""
    by_id = Reminder.id.in_([row.id for row in sent])
    _update(session, update(Reminder).where(by_id).values(state=ReminderState.SENT, sent_at=now))
    reached: defaultdict[int, list[int]] = defaultdict(list)
    for row in sent:
        reached[row.step + 1].append(row.obligation_id)
    for step, obligations in reached.items():
        behind = Obligation.id.in_(obligations), Obligation.step < step
        _update(session, update(Obligation).where(*behind).values(step=step))


def _update(session: Session, statement: Update) -> None:
    # Nobody looks at these rows again before the commit, which has them read anew.
    session.execute(statement.execution_options(synchronize_session=False))


def _letters(row: Reminder, people: Recipients, now: datetime) -> Iterator[Letter]:
    """One letter to those who owe it, another to those to whom it is escalated."""
    obligation, owners = row.obligation, people.owners(row.obligation)
    told = people.find(obligation, row.recipients)
    is_over = obligation.due_at <= now
    data = {
        "duty": obligation.kind,
        "title": obligation.title,
        "due_at": obligation.due_at,
        "clause": obligation.clause,
        "late": now - row.planned_at > LATE,
        "planned_at": row.planned_at,
        URGENT: is_over and _counts_in_hours(row),
        "owner_id": obligation.owner_id,
        "owners": sorted(people.people[person].name for person in owners if person in people.people),
    }
    key = f"obligation:{obligation.id}:{row.round}:{row.step}"
    mine, others = [p for p in told if p in owners], [p for p in told if p not in owners]
    code = "obligation.overdue" if is_over else "obligation.due"
    yield _letter(obligation, mine, code, key, data)
    yield _letter(obligation, others, "obligation.escalated", key, data)


def _letter(obligation: Obligation, people: Sequence[int], code: str, key: str, data: dict[str, object]) -> Letter:
    return Letter(obligation.department_id, people, code, key, data, obligation_id=obligation.id)


def _counts_in_hours(row: Reminder) -> bool:
    """Whether the pack counts this step in hours or minutes: then a night is too long to wait."""
    offset = parse_offset(row.offset)
    return offset.amount != 0 and offset.unit in {OffsetUnit.HOURS, OffsetUnit.MINUTES}
