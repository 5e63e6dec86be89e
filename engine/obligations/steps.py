"""When an obligation reminds and whom it reaches: steps come from the policy pack, people are found when it fires."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import String, select, type_coerce
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import zone_of
from engine.packs import parameters
from engine.packs.offsets import Offset, OffsetUnit, parse_offset
from engine.rules import Workdays
from models.obligation import Obligation, Reminder, ReminderState
from models.organisation import Post, Staff, StaffStatus

DEFAULT_STEPS: tuple[Mapping[str, Any], ...] = (
    {"offset": "-1d", "to": ["owner"]},
    {"offset": "0", "to": ["owner"]},
    {"offset": "+1d", "to": ["owner", "superior"]},
)
"""For a clause whose pack sets no steps of its own."""


@dataclass(frozen=True)
class Setting:
    """What times a department's steps: its zone, its calendar, and the present moment."""

    zone: str
    calendar: Workdays
    now: datetime


def steps_for(session: Session, obligation: Obligation, now: datetime) -> Sequence[Mapping[str, Any]]:
    """The pack's steps for this duty: by its own name, else by its clause, else the default."""
    today = clock.day_in(zone_of(session, obligation.department_id), now)
    for name in (f"reminders.{obligation.kind}", f"reminders.{obligation.clause}"):
        try:
            steps: Sequence[Mapping[str, Any]] = parameters.value(session, obligation.department_id, name, today)
        except parameters.UnknownParameterError:
            continue
        return steps
    return DEFAULT_STEPS


def plan(
    session: Session, obligation: Obligation, setting: Setting, round_: int, *, catch_up: bool = False
) -> list[Reminder]:
    """The reminders still ahead for the obligation's due moment. A step that lies in the past is left out.

    With `catch_up`, the last of the steps that were missed is among them: it is sent at once and says that it is late.
    """
    planned = []
    for number, step in enumerate(steps_for(session, obligation, setting.now)):
        moment = shifted(obligation.due_at, parse_offset(step["offset"]), setting)
        planned.append(
            Reminder(
                obligation=obligation,
                step=number,
                round=round_,
                offset=step["offset"],
                recipients=list(step["to"]),
                planned_at=moment,
                fire_at=moment,
                state=ReminderState.PENDING,
            )
        )
    missed = sorted((row for row in planned if row.planned_at < setting.now), key=lambda row: row.planned_at)
    ahead = [row for row in planned if row.planned_at >= setting.now]
    return [*(missed[-1:] if catch_up else ()), *ahead]


def shifted(moment: datetime, offset: Offset, setting: Setting) -> datetime:
    """`moment` moved by an offset: working days by the calendar in the department's zone, the rest by the clock."""
    if offset.unit is not OffsetUnit.WORKING_DAYS:
        # In UTC: a local moment would be moved along the clock on the wall, which some nights stands still.
        return moment.astimezone(UTC) + timedelta(minutes=offset.order)
    local = moment.astimezone(ZoneInfo(setting.zone))
    day = setting.calendar.add(local.date(), offset.amount)
    return local.replace(year=day.year, month=day.month, day=day.day)


ABSENT = frozenset({StaffStatus.LEFT, StaffStatus.CANDIDATE})


CODES = frozenset({"post", "status"})


class Person(NamedTuple):
    """What reminding must know of one member of staff."""

    id: int
    department_id: int
    name: str
    post: str
    status: str
    team_id: int | None
    superior_id: int | None


class Recipients:
    """Finds people by what they are to an obligation, as of now: somebody who left is replaced by their superior.

    Where that leaves nobody (a vacant post, a line that ends) the department manager is told: none goes nowhere.
    """

    def __init__(self, session: Session, department_ids: Iterable[int]) -> None:
        """Read the departments' people once for a whole batch."""
        # Codes as they stand there: one that no list holds must not keep everybody else from being told.
        columns = [type_coerce(getattr(Staff, n), String) if n in CODES else getattr(Staff, n) for n in Person._fields]
        rows = session.execute(select(*columns).where(Staff.department_id.in_(sorted(set(department_ids)))))
        self.people = {row.id: Person(*row) for row in rows}
        self._working: defaultdict[tuple[int, str], list[Person]] = defaultdict(list)
        for person in self.people.values():
            if _works(person):
                self._working[person.department_id, person.post].append(person)

    def find(self, obligation: Obligation, names: Iterable[str]) -> list[int]:
        """Staff ids for names such as `owner`, `superior`, `qa_supervisor`; each once, in a stable order."""
        found = {person for name in names for person in self._called(obligation, name)}
        return sorted(found or self._holders(obligation, Post.MANAGER))

    def owners(self, obligation: Obligation) -> set[int]:
        """Who owes it now: the person, or whoever holds the post; for somebody who left, their superior."""
        if obligation.owner_id is not None:
            return {person for person in [self._present(obligation.owner_id)] if person is not None}
        return self._holders(obligation, obligation.owner_post or "")

    def _called(self, obligation: Obligation, name: str) -> set[int]:
        owners = self.owners(obligation)
        if name == "owner":
            return owners
        if name == "superior":
            above = {self.people[person].superior_id for person in owners if person in self.people}
            return {p for boss in above if boss is not None for p in [self._present(boss)] if p is not None}
        if name == "all":
            here = obligation.department_id
            return {person.id for person in self.people.values() if person.department_id == here and _works(person)}
        return self._holders(obligation, name)

    def _holders(self, obligation: Obligation, post: str) -> set[int]:
        holders = self._working[obligation.department_id, post]
        same_team = {p.id for p in holders if obligation.team_id is not None and p.team_id == obligation.team_id}
        return same_team if same_team and post == Post.SHIFT_LEAD else {p.id for p in holders}

    def _present(self, staff_id: int) -> int | None:
        seen: set[int] = set()
        current: int | None = staff_id
        while current is not None and current not in seen:
            person = self.people.get(current)
            if person is None:
                return None
            if _works(person):
                return current
            seen.add(current)
            current = person.superior_id
        return None


def _works(person: Person) -> bool:
    return person.status not in ABSENT
