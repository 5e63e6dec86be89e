"""The calendar ahead: what falls due, which trainings are held, what takes effect, which days are off or made up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import request, url_for
from flask_admin import expose
from flask_babel import get_timezone
from sqlalchemy import select

from admin_views.base import access
from admin_views.duties import start_of, what_to_do
from admin_views.formats import today, words
from admin_views.links import record_address
from admin_views.pages import Page
from engine.acting import current_act
from engine.database import db
from engine.hooks import hookimpl
from engine.obligations.periods import Every, Period
from engine.workdays import Calendar, calendar_of
from models.calendar import CalendarDay
from models.obligation import Obligation, ObligationState
from models.policy import DocumentState, PolicyDocument
from models.training_session import SessionState, TrainingSession
from models.words import _

SHOWN = 1000
"""Entries of one month; a busier month says that it is cut."""
PER_DAY = 4
COMING = frozenset({DocumentState.DRAFT, DocumentState.REVIEWED, DocumentState.IN_EFFECT})


@dataclass(frozen=True)
class Entry:
    """Something on a day."""

    text: str
    url: str | None
    tone: str
    clause: str = ""


@dataclass
class Day:
    """A day with what is on it."""

    day: date
    in_month: bool
    worked: bool
    special: str = ""
    entries: list[Entry] = field(default_factory=list)

    @property
    def first(self) -> Sequence[Entry]:
        """What the month's grid has room for."""
        return self.entries[:PER_DAY]

    @property
    def more(self) -> int:
        """How many more there are."""
        return max(0, len(self.entries) - PER_DAY)


class CalendarPage(Page):
    """A month as a grid, or as a list of days; on a phone always the list."""

    needs = ("calendar_day", "read")
    icon = "calendar-days"

    @expose("/")
    def index(self) -> str:
        """The month that the address names, else the present one."""
        month = asked_month()
        view = "agenda" if request.args.get("view") == "agenda" else "month"
        calendar = calendar_of(db.session(), current_act().actor.department_id)
        entries, cut = entries_of(month)
        weeks = weeks_of(month, calendar, entries)
        days = [day for week in weeks for day in week if day.in_month and (day.entries or day.special)]
        return self.render(
            "calendar/index.html",
            month=month,
            weeks=weeks,
            days=days,
            view=view,
            cut=cut,
            today=today(),
            unconfirmed=unconfirmed(month, calendar),
            month_url=month_url,
            view_url=lambda name: month_url(month, name),
            previous=month.previous(Every.MONTH),
            following=month.next(Every.MONTH),
            weekdays=weeks[0],
        )


def asked_month() -> Period:
    """The month in the address; anything odd is the present one."""
    try:
        first = datetime.strptime(request.args.get("month", ""), "%Y-%m").date()  # noqa: DTZ007 a month has no zone
        return Period.containing(Every.MONTH, first) if first.year > 1 and first.year < date.max.year else _present()
    except ValueError:
        return _present()


def _present() -> Period:
    return Period.containing(Every.MONTH, today())


def month_url(month: Period, view: str | None = None) -> str:
    """The address of a month, keeping the way it is shown."""
    return url_for("calendar.index", month=month.name, view=view or request.args.get("view"))


def entries_of(month: Period) -> tuple[Mapping[date, list[Entry]], bool]:
    """What is on each day of the month, and whether there was too much to show."""
    found: defaultdict[date, list[Entry]] = defaultdict(list)
    for training in _sessions(month):
        begins = training.starts_at.astimezone(get_timezone())
        found[begins.date()].append(
            Entry(
                f"{begins:%H:%M} {training.name}",
                record_address("training_session", training.id),
                training.state.tone,
                "TRN-2",
            )
        )
    duties = _due_in(month)
    for duty in duties:
        # Due at midnight means: by the end of the day before.
        day = (duty.due_at.astimezone(get_timezone()) - timedelta(microseconds=1)).date()
        found[day].append(_duty_entry(duty))
    for document in _documents(month):
        text = str(_("%(name)s %(edition)s takes effect", name=words(document.name), edition=document.edition))
        found[document.effective_on].append(
            Entry(text, record_address("policy_document", document.id), "info", "ORG-8")
        )
    return found, len(duties) == SHOWN


def _sessions(month: Period) -> Sequence[TrainingSession]:
    """The training sessions of the month, for whoever holds sessions; participants have theirs as a duty."""
    if not access.allowed(TrainingSession.__tablename__, "hold"):
        return ()
    query = select(TrainingSession).where(
        TrainingSession.starts_at >= start_of(month.first),
        TrainingSession.starts_at < start_of(month.last + timedelta(days=1)),
        TrainingSession.state != SessionState.CANCELLED,
    )
    return db.session.scalars(query.order_by(TrainingSession.starts_at, TrainingSession.id)).all()


def _due_in(month: Period) -> Sequence[Obligation]:
    first, last = start_of(month.first), start_of(month.last + timedelta(days=1))
    query = select(Obligation).where(
        Obligation.due_at > first, Obligation.due_at <= last, Obligation.state != ObligationState.VOID
    )
    return db.session.scalars(query.order_by(Obligation.due_at, Obligation.id).limit(SHOWN)).all()


def _duty_entry(duty: Obligation) -> Entry:
    text = f"{what_to_do(duty.kind)} · {duty.title}"
    return Entry(text, url_for("ledger.show", number=duty.id), duty.state.tone, duty.clause)


def _documents(month: Period) -> Sequence[PolicyDocument]:
    return db.session.scalars(
        select(PolicyDocument)
        .where(PolicyDocument.effective_on.between(month.first, month.last), PolicyDocument.state.in_(COMING))
        .order_by(PolicyDocument.effective_on, PolicyDocument.id)
    ).all()


def weeks_of(month: Period, calendar: Calendar, entries: Mapping[date, list[Entry]]) -> list[list[Day]]:
    """The weeks that touch the month, Monday first."""
    names = _special_names(month)
    first = month.first - timedelta(days=month.first.weekday())
    weeks = []
    while first <= month.last:
        week = [first + timedelta(days=number) for number in range(7)]
        weeks.append([_day(day, month, calendar, entries, names) for day in week])
        first += timedelta(days=7)
    return weeks


def _day(
    day: date, month: Period, calendar: Calendar, entries: Mapping[date, list[Entry]], names: Mapping[date, str]
) -> Day:
    in_month = month.first <= day <= month.last
    return Day(
        day, in_month, calendar.is_workday(day), names.get(day, ""), list(entries.get(day, ())) if in_month else []
    )


def _special_names(month: Period) -> Mapping[date, str]:
    rows: Iterable[CalendarDay] = db.session.scalars(
        select(CalendarDay).where(
            CalendarDay.department_id == current_act().actor.department_id,
            CalendarDay.day.between(month.first - timedelta(days=7), month.last + timedelta(days=7)),
        )
    )
    return {row.day: words(row.name) for row in rows}


def unconfirmed(month: Period, calendar: Calendar) -> list[int]:
    """Years of the month and the one after it whose official arrangement is not known."""
    years = sorted({month.first.year, month.next(Every.MONTH).first.year})
    return [year for year in years if not calendar.is_confirmed(year)]


@hookimpl
def views() -> list[Page]:
    """The calendar stands among what a person opens every day."""
    return [CalendarPage(name=_("Calendar"), endpoint="calendar", url="/calendar", category="today")]
