"""What the database says about the installation's health, by a fixed number of short queries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, Select, func, select
from sqlalchemy.orm import Session

from engine.acting import seeing_all
from models.event_subscription import CallState, EventCall
from models.job import Job, JobState
from models.notification import Delivery, DeliveryState
from models.obligation import UNDONE, Heartbeat, Obligation, Reminder, ReminderState

Values = Sequence[tuple[Sequence[str], float]]


@dataclass(frozen=True)
class Figure:
    """One figure: its name, what it says, its labels and a value for each combination of them."""

    name: str
    says: str
    labels: Sequence[str]
    values: Values


def read(session: Session, now: datetime) -> list[Figure]:
    """All of them as of `now`. Only reads."""
    with seeing_all():
        return [make(session, now) for make in FIGURES]


def _obligations(session: Session, now: datetime) -> Figure:  # noqa: ARG001 each figure is asked in one way
    query = select(Obligation.state, func.count()).where(Obligation.state.in_(UNDONE)).group_by(Obligation.state)
    return Figure("obligations", "Duties not done yet", ("state",), _by(session, query, UNDONE))


def _oldest_undone(session: Session, now: datetime) -> Figure:
    due = select(func.min(Obligation.looked_at_next)).where(Obligation.state == UNDONE[0])
    fire = select(func.min(Reminder.fire_at)).where(Reminder.state == ReminderState.PENDING)
    found = [(("obligation",), _age(session, due, now)), (("reminder",), _age(session, fire, now))]
    return Figure(
        "oldest_undone_seconds", "How long the oldest due occurrence has been waiting for a sweep", ("kind",), found
    )


def _outbox(session: Session, now: datetime) -> Figure:  # noqa: ARG001 each figure is asked in one way
    unsent = (DeliveryState.PENDING, DeliveryState.DEAD)
    mails = select(Delivery.state, func.count()).where(Delivery.state.in_(unsent)).group_by(Delivery.state)
    unmade = (CallState.PENDING, CallState.DEAD)
    calls = select(EventCall.state, func.count()).where(EventCall.state.in_(unmade)).group_by(EventCall.state)
    values = [(("delivery", *names), value) for names, value in _by(session, mails, unsent)]
    values += [(("call", *names), value) for names, value in _by(session, calls, unmade)]
    return Figure("outbox", "Messages and calls that wait or were given up", ("kind", "state"), values)


def _oldest_message(session: Session, now: datetime) -> Figure:
    query = select(func.min(Delivery.not_before)).where(Delivery.state == DeliveryState.PENDING)
    return Figure(
        "outbox_oldest_seconds", "How long the oldest due message waits", (), [((), _age(session, query, now))]
    )


def _jobs(session: Session, now: datetime) -> Figure:
    running = (Job.leased_until > now).label("running")
    waiting = select(Job.task, running, func.count()).where(Job.state == JobState.WAITING)
    rows = session.execute(waiting.group_by(Job.task, running)).all()
    values: list[tuple[Sequence[str], float]] = [
        ((task, "running" if is_running else "waiting"), float(count)) for task, is_running, count in rows
    ]
    dead = select(Job.task, func.count()).where(Job.state == JobState.DEAD).group_by(Job.task)
    values += [((task, "dead"), float(count)) for task, count in session.execute(dead).all()]
    return Figure("jobs", "Background tasks", ("task", "state"), _summed(values))


def _oldest_job(session: Session, now: datetime) -> Figure:
    free = Job.leased_until.is_(None) | (Job.leased_until <= now)
    query = select(func.min(Job.run_at)).where(Job.state == JobState.WAITING, free)
    return Figure("jobs_oldest_seconds", "How long the oldest due task waits", (), [((), _age(session, query, now))])


def _dead_reminders(session: Session, now: datetime) -> Figure:  # noqa: ARG001 each figure is asked in one way
    query = select(func.count()).where(Reminder.state == ReminderState.DEAD)
    return Figure("dead_reminders", "Reminders given up", (), [((), float(session.scalar(query) or 0))])


def _heartbeat(session: Session, now: datetime) -> Figure:
    age = heartbeat_age(session, now)
    value = age.total_seconds() if age is not None else float("inf")
    return Figure("heartbeat_age_seconds", "Since any scheduler last swept", (), [((), value)])


def heartbeat_age(session: Session, now: datetime) -> timedelta | None:
    """Since any scheduler last swept; None when none ever did."""
    latest = session.scalar(select(func.max(Heartbeat.beat_at)))
    return now - latest if latest is not None else None


FIGURES: Sequence[Callable[[Session, datetime], Figure]] = (
    _obligations,
    _oldest_undone,
    _outbox,
    _oldest_message,
    _jobs,
    _oldest_job,
    _dead_reminders,
    _heartbeat,
)


def _by(session: Session, query: Executable, states: Sequence[Any]) -> list[tuple[Sequence[str], float]]:
    """A value for every state, also for those that no row has."""
    found: dict[Any, int] = {row[0]: row[1] for row in session.execute(query)}
    return [((state.value,), float(found.get(state, 0))) for state in states]


def _age(session: Session, query: Select[Any], now: datetime) -> float:
    """Seconds since the moment that the query answers; 0 when there is none, or when it is yet to come."""
    moment = session.scalar(query)
    return max(0.0, (now - moment).total_seconds()) if moment is not None else 0.0


def _summed(values: Values) -> list[tuple[Sequence[str], float]]:
    """A free row may have no lease or one that ran out: both count as waiting."""
    sums: dict[Sequence[str], float] = {}
    for labels, value in values:
        sums[labels] = sums.get(labels, 0.0) + value
    return list(sums.items())
