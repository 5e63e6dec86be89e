"""What falls due, many at once, and what must come of it: reckoned from the clause of each row, not read back."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import clock
from models.notification import GroupWebhook, NoticePreference
from models.obligation import Obligation, ObligationState, Reminder, ReminderState
from models.organisation import Staff
from tests.drills.sinks import WECOM
from tests.factories import organisation as make

CODE = "obligation.overdue"


@dataclass(frozen=True)
class Crowd:
    """A department: one manager with an address, owners without, a group that hears of the manager's team."""

    home: int
    manager: int
    owners: Sequence[int]
    group: int


@dataclass(frozen=True)
class Expected:
    """What must have come of it: notices by recipient and key, messages by their identity."""

    notices: frozenset[tuple[int, str]]
    mails: frozenset[str]
    calls: frozenset[str]


def together(lots: Sequence[Expected]) -> Expected:
    """Everything that several lots expect."""
    return Expected(
        frozenset().union(*(lot.notices for lot in lots)),
        frozenset().union(*(lot.mails for lot in lots)),
        frozenset().union(*(lot.calls for lot in lots)),
    )


def crowd(session: Session, *, owners: int = 9, group: bool = True) -> Crowd:
    """People who sleep never, in a place where it is noon, so that everything leaves at once. Committed."""
    home = make.department(session)
    home.timezone = where_it_is_noon(clock.now())
    people = [make.staff(session, home, make.Post.MANAGER)]
    people += [make.staff(session, home, make.Post.TRAINER, superior=people[0]) for _number in range(owners)]
    people[0].email, people[0].team_id = "owner@example.org", make.team(session, home).id
    session.add_all([_sleepless(person) for person in people])
    hook = GroupWebhook(
        department_id=home.id,
        name="群",
        kind=GroupWebhook.Kind.WECOM,
        address=WECOM,
        codes=[CODE],
        active=group,
        team_id=people[0].team_id,
    )
    session.add(hook)
    session.commit()
    return Crowd(home.id, people[0].id, [person.id for person in people[1:]], hook.id)


def where_it_is_noon(moment: datetime) -> str:
    """The zone in which groups, who have the usual quiet hours, are hours away from them."""
    ahead = 12 - moment.astimezone(UTC).hour
    # These zones are named by what is added to reach UTC.
    return f"Etc/GMT{-ahead:+d}"


def _sleepless(person: Staff) -> NoticePreference:
    return NoticePreference(department_id=person.department_id, staff_id=person.id, quiet_from=None, quiet_until=None)


def fall_due(session: Session, of: Crowd, count: int, mails: int, at: datetime | None = None) -> Expected:
    """Write `count` duties that fall due at `at` with a reminder each. Committed.

    The manager owes `mails` of them, is mailed, and is all that the group hears of.
    """
    owners = [of.manager if number < mails else of.owners[number % len(of.owners)] for number in range(count)]
    first = write(session, of, owners, at or clock.now() - timedelta(minutes=1))
    keys = [(owner, f"obligation:{first + number}:0:0") for number, owner in enumerate(owners)]
    return Expected(
        frozenset(keys),
        frozenset(_identity(f"email:{person}:{key}") for person, key in keys if person == of.manager),
        frozenset(
            _identity(f"group:{of.group}:{_sha(f'{CODE}:{key}')}") for person, key in keys if person == of.manager
        ),
    )


def write(session: Session, of: Crowd, owners: Sequence[int], moment: datetime) -> int:
    """A duty for each owner that falls due at the moment, with a reminder; the first one's number. Committed."""
    first = (session.scalar(select(Obligation.id).order_by(Obligation.id.desc()).limit(1)) or 0) + 1
    session.execute(insert(Obligation), [_duty(of.home, first + n, owner, moment) for n, owner in enumerate(owners)])
    session.execute(insert(Reminder), [_reminder(first + number, moment) for number in range(len(owners))])
    session.commit()
    return first


def _duty(home: int, number: int, owner: int, moment: datetime) -> dict[str, object]:
    return {
        "id": number,
        "department_id": home,
        "kind": "sample",
        "clause": "QA-1",
        "occurrence": f"o{number}",
        "opened_at": moment,
        "due_at": moment,
        "looked_at_next": moment,
        "state": ObligationState.OPEN,
        "owner_id": owner,
    }


def _reminder(duty: int, moment: datetime) -> dict[str, object]:
    return {
        "obligation_id": duty,
        "step": 0,
        "round": 0,
        "offset": "0",
        "recipients": ["owner"],
        "planned_at": moment,
        "fire_at": moment,
        "state": ReminderState.PENDING,
    }


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _identity(key: str) -> str:
    """What a message is known by on the wire."""
    return _sha(key)[:32]
