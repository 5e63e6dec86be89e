"""What the coming weeks would bring if nobody did anything: computed by the same functions that the sweep uses.

Nothing is run and undone: a run that is rolled back would hold locks that real schedulers wait for. What domains do by
their own `due` and `overdue` hooks is not foreseen here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from engine import clock
from engine.acting import seeing_all
from engine.circumstances import zone_of
from engine.database import only_reading
from engine.obligations.keeping import occurrence
from engine.obligations.recurring import openings
from engine.obligations.steps import Recipients, Setting, plan
from engine.registry import registry
from engine.workdays import calendar_of
from models.obligation import UNDONE, Obligation, ObligationState, Reminder, ReminderState
from models.organisation import Department
from models.types import Labelled
from models.words import Words, _


class Step(Labelled):
    """What will happen to a duty."""

    OPEN = "open", _("Opens"), "info"
    REMIND = "remind", _("Reminder"), "info"
    ESCALATE = "escalate", _("Escalation"), "warn"
    LAPSE = "lapse", _("Falls overdue"), "bad"


@dataclass(frozen=True)
class Planned:
    """One thing that would happen at `at`; `told` are staff ids as the posts are held today."""

    at: datetime
    step: Step
    department_id: int
    duty: str
    label: Words
    clause: str
    title: str
    due_at: datetime
    told: tuple[int, ...] = ()


def rehearse(session_factory: Callable[[], Session], until: datetime) -> list[Planned]:
    """Everything from now to `until` (aware) in the order of time, without writing. Closes the session that it made."""
    now = clock.now()
    with only_reading(), seeing_all(), session_factory() as session:
        people = Recipients(session, session.scalars(select(Department.id)))
        found = [*_standing(session, people, until), *_coming(session, people, now, until)]
    return sorted(found, key=lambda planned: (planned.at, planned.duty, planned.title, planned.step))


def _standing(session: Session, people: Recipients, until: datetime) -> Iterator[Planned]:
    """What the rows that stand in the tables lead to."""
    lapsing = select(Obligation).where(Obligation.state == ObligationState.OPEN, Obligation.looked_at_next <= until)
    for obligation in session.scalars(lapsing):
        yield _planned(obligation, Step.LAPSE, obligation.looked_at_next)
    pending = (
        select(Reminder)
        .join(Reminder.obligation)
        .where(Reminder.state == ReminderState.PENDING, Reminder.fire_at <= until, Obligation.state.in_(UNDONE))
        .options(selectinload(Reminder.obligation))
    )
    yield from _told(session.scalars(pending).all(), people)


def _coming(session: Session, people: Recipients, now: datetime, until: datetime) -> Iterator[Planned]:
    """What the periods bring that are not open yet."""
    for opening in openings(session, now, until):
        obligation = occurrence(opening.department_id, opening.duty, opening.period.name, opening.due_at)
        yield _planned(obligation, Step.OPEN, opening.opens_at)
        lapses = max(opening.due_at, opening.opens_at)
        if lapses <= until:
            yield _planned(obligation, Step.LAPSE, lapses)
        zone = zone_of(session, opening.department_id)
        setting = Setting(zone, calendar_of(session, opening.department_id), opening.opens_at)
        steps = plan(session, obligation, setting, 0, catch_up=opening.due_at <= now)
        yield from _told([step for step in steps if max(step.fire_at, now) <= until], people)


def _told(reminders: Sequence[Reminder], people: Recipients) -> Iterator[Planned]:
    for reminder in reminders:
        owners = people.owners(reminder.obligation)
        told = people.find(reminder.obligation, reminder.recipients)
        mine, others = [p for p in told if p in owners], [p for p in told if p not in owners]
        for step, persons in ((Step.REMIND, mine), (Step.ESCALATE, others)):
            if persons:
                yield _planned(reminder.obligation, step, reminder.fire_at, persons)


def _planned(obligation: Obligation, step: Step, at: datetime, told: Sequence[int] = ()) -> Planned:
    duty = registry.duty_names.get(obligation.kind)
    return Planned(
        max(at, clock.now()),
        step,
        obligation.department_id,
        obligation.kind,
        duty.label if duty else obligation.kind,
        obligation.clause,
        obligation.title,
        obligation.due_at,
        tuple(told),
    )
