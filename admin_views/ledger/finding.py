"""Which obligations the ledger lists, and the figures on top of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select

from admin_views.duties import Spans, mine, start_of
from admin_views.formats import today
from engine.acting import current_act
from engine.database import db
from engine.obligations.periods import Every, Period
from models.obligation import UNDONE, Obligation, ObligationState, is_undone
from models.organisation import Staff
from models.words import Words, _

FILTERS = ("clause", "owner", "team", "state", "due", "period", "day")

STATES: Mapping[str, tuple[Words, tuple[ObligationState, ...]]] = {
    "undone": (_("Still owed"), UNDONE),
    **{state.value: (state.label, (state,)) for state in ObligationState},
    "any": (_("All"), tuple(ObligationState)),
}
DUE: Mapping[str, Words] = {"today": _("Due today"), "week": _("Due this week")}


@dataclass(frozen=True)
class Count:
    """A figure on top of the page, and the filter that lists what it counts."""

    label: Words
    number: int
    tone: str
    filters: Mapping[str, str]


def conditions_of(chosen: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """SQL conditions for the chosen filters; a value that means nothing finds nothing."""
    found: list[ColumnElement[bool]] = []
    states = STATES.get(chosen.get("state", "undone"))
    if states is None:
        found.append(Obligation.id.is_(None))
    elif states[1] != tuple(ObligationState):
        found.append(is_undone() if states[1] == UNDONE else Obligation.state.in_(states[1]))
    if clause := chosen.get("clause"):
        found.append(Obligation.clause == clause)
    if owner := chosen.get("owner"):
        found.append(_owned_by(owner))
    if team := chosen.get("team"):
        found.append(Obligation.team_id == _number(team))
    return found + _due_within(chosen)


def _owned_by(text: str) -> ColumnElement[bool]:
    if text == "me":
        return mine(db.session(), current_act().actor)
    named = select(Staff.id).where(or_(Staff.number == text, Staff.name.contains(text, autoescape=True)))
    return Obligation.owner_id.in_(named)


def _due_within(chosen: Mapping[str, str]) -> list[ColumnElement[bool]]:
    spans = Spans.on(today())
    last = {"today": spans.tomorrow, "week": spans.next_week}.get(chosen.get("due", ""))
    found = [Obligation.due_at <= last, Obligation.due_at > spans.today] if last else []
    if period := chosen.get("period"):
        found += _between(_month(period))
    if day := chosen.get("day"):
        found += _between(_day(day))
    return found


def _between(span: tuple[datetime, datetime] | None) -> list[ColumnElement[bool]]:
    """Due after the first moment and by the last: a duty "by the 29th" ends with that day, at midnight."""
    return [Obligation.due_at > span[0], Obligation.due_at <= span[1]] if span else [Obligation.id.is_(None)]


def _month(name: str) -> tuple[datetime, datetime] | None:
    try:
        first = datetime.strptime(name, "%Y-%m").date()  # noqa: DTZ007 a month has no zone; its borders get the reader's
    except ValueError:
        return None
    period = Period.containing(Every.MONTH, first)
    return start_of(period.first), start_of(period.last + timedelta(days=1))


def _day(name: str) -> tuple[datetime, datetime] | None:
    try:
        day = datetime.strptime(name, "%Y-%m-%d").date()  # noqa: DTZ007 the same
    except ValueError:
        return None
    return start_of(day), start_of(day + timedelta(days=1))


def counts() -> list[Count]:
    """What is missing, due today, due this week, and how this month has gone."""
    spans, this_month = Spans.on(today()), f"{today():%Y-%m}"
    month = _between(_month(this_month))
    overdue = _count(Obligation.state == ObligationState.OVERDUE)
    today_ = _count(is_undone(), Obligation.due_at > spans.today, Obligation.due_at <= spans.tomorrow)
    week = _count(is_undone(), Obligation.due_at > spans.today, Obligation.due_at <= spans.next_week)
    met = _count(Obligation.state == ObligationState.MET, *month)
    waived = _count(Obligation.state == ObligationState.WAIVED, *month)
    return [
        Count(_("Missing today"), overdue, "bad" if overdue else "good", {"state": "overdue"}),
        Count(_("Due today"), today_, "warn" if today_ else "", {"due": "today"}),
        Count(_("Due this week"), week, "", {"due": "week"}),
        Count(_("Met this month"), met, "good", {"state": "met", "period": this_month}),
        Count(_("Waived this month"), waived, "", {"state": "waived", "period": this_month}),
    ]


def _count(*conditions: ColumnElement[bool]) -> int:
    """One by one, each from its index: summed up together they would walk over everything that was ever owed."""
    return db.session.scalar(select(func.count(Obligation.id)).where(*conditions)) or 0


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004 fits every database's integer
