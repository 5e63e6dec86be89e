"""The department's ledger: what is missing today, whose it is, how late, and whether it was reminded of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import joinedload

from admin_views.base.access import allowed, one
from admin_views.duties import Spans, mine, post_label, start_of, subject_address, what_to_do
from admin_views.formats import listed, today
from admin_views.links import page_number, record_address
from admin_views.pages import Page
from engine.acting import current_act, seeing_all
from engine.database import db, only_reading
from engine.hooks import hookimpl
from engine.notices.explaining import explain
from engine.obligations.keeping import waive
from engine.obligations.periods import Every, Period
from models.notification import Delivery, Notification
from models.obligation import UNDONE, Obligation, ObligationState, Reminder
from models.organisation import Staff, Team
from models.words import Words, _

PER_PAGE = 50
FILTERS = ("clause", "owner", "team", "state", "due", "period", "day")
REASON_MAX = 1000

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


class Ledger(Page):
    """Every obligation that the reader may see."""

    needs = ("obligation", "read")
    icon = "clipboard-list"

    @expose("/")
    def index(self) -> str:
        """The list with its filters and counts."""
        chosen = {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}
        with only_reading():
            conditions = conditions_of(chosen)
            total = db.session.scalar(select(func.count(Obligation.id)).where(*conditions)) or 0
            pages = max(1, -(-total // PER_PAGE))
            page = min(page_number(), pages)
            return self.render(
                "ledger/index.html",
                rows=_rows(conditions, page),
                counts=counts(),
                chosen=chosen,
                total=total,
                page=page,
                pages=pages,
                page_url=_page_url(chosen),
                teams=_teams(),
                clauses=_clauses(),
                states=STATES,
                due=DUE,
                what_to_do=what_to_do,
                subject_address=subject_address,
                post_label=post_label,
            )

    @expose("/<int:number>")
    def show(self, number: int) -> str:
        """One obligation: whose, by when, its proof, and each reminder: sent, will be sent, or why not."""
        with only_reading():
            row = one(Obligation, number)
            return self.render(
                "ledger/show.html",
                row=row,
                reminders=reminders_of(row),
                notices=notices_of(row),
                what_to_do=what_to_do,
                subject_address=subject_address,
                post_label=post_label,
                proof_address=proof_address(row),
                recipients=recipients,
                explain=explain,
                may_waive=row.state in UNDONE and allowed("obligation", "waive"),
                waived_by=_waiver(row),
            )

    @expose("/<int:number>/waive", methods=("POST",))
    def release(self, number: int) -> ResponseReturnValue:
        """Release the owner with a reason, which the audit keeps."""
        row, reason = one(Obligation, number, "waive"), request.form.get("reason", "").strip()
        if not reason or len(reason) > REASON_MAX:
            flash(str(_("Please say why, in at most %(most)s characters.", most=REASON_MAX)), "bad")
        elif row.state not in UNDONE:
            flash(str(_("This is not owed any more. Nothing was changed.")), "warn")
        else:
            waive(db.session(), row, reason)
            db.session.commit()
            flash(str(_("The obligation is waived. The reason is kept in the audit.")), "good")
        return redirect(url_for("ledger.show", number=number), 303)


def conditions_of(chosen: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """SQL conditions for the chosen filters; a value that means nothing finds nothing."""
    found: list[ColumnElement[bool]] = []
    states = STATES.get(chosen.get("state", "undone"))
    found.append(Obligation.state.in_(states[1]) if states else Obligation.id.is_(None))
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
    undone = Obligation.state.in_(UNDONE)
    numbers = db.session.execute(
        select(
            _sum(Obligation.state == ObligationState.OVERDUE),
            _sum(undone, Obligation.due_at > spans.today, Obligation.due_at <= spans.tomorrow),
            _sum(undone, Obligation.due_at > spans.today, Obligation.due_at <= spans.next_week),
            _sum(Obligation.state == ObligationState.MET, *month),
            _sum(Obligation.state == ObligationState.WAIVED, *month),
        )
    ).one()
    overdue, today_, week, met, waived = (number or 0 for number in numbers)
    return [
        Count(_("Missing today"), overdue, "bad" if overdue else "good", {"state": "overdue"}),
        Count(_("Due today"), today_, "warn" if today_ else "", {"due": "today"}),
        Count(_("Due this week"), week, "", {"due": "week"}),
        Count(_("Met this month"), met, "good", {"state": "met", "period": this_month}),
        Count(_("Waived this month"), waived, "", {"state": "waived", "period": this_month}),
    ]


def _sum(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = whole & condition
    return func.sum(case((whole, 1), else_=0))


def _rows(conditions: Sequence[ColumnElement[bool]], page: int) -> Sequence[Obligation]:
    query = select(Obligation).where(*conditions).options(joinedload(Obligation.owner))
    ordered = query.order_by(Obligation.due_at, Obligation.id).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return db.session.scalars(ordered).all()


def reminders_of(row: Obligation) -> Sequence[Reminder]:
    """Each step of the present and earlier rounds, in the order of time."""
    query = select(Reminder).where(Reminder.obligation_id == row.id).order_by(Reminder.planned_at, Reminder.id)
    return db.session.scalars(query).all()


def recipients(reminder: Reminder) -> str:
    """Who the reminder is for, in words."""
    names = {"owner": _("owner"), "superior": _("superior"), "all": _("everybody")}
    return listed(names.get(name) or post_label(name) for name in reminder.recipients)


def notices_of(row: Obligation) -> list[tuple[Notification, list[Delivery]]]:
    """Who was told of the obligation, and what became of each way of telling them.

    Whoever may see the obligation may see that its people were told.
    """
    with seeing_all():
        notices = db.session.scalars(
            select(Notification)
            .where(Notification.obligation_id == row.id)
            .options(joinedload(Notification.recipient))
            .order_by(Notification.created_at, Notification.id)
        ).all()
        deliveries = db.session.scalars(
            select(Delivery).where(Delivery.notification_id.in_([n.id for n in notices])).order_by(Delivery.id)
        ).all()
    return [(notice, [d for d in deliveries if d.notification_id == notice.id]) for notice in notices]


def proof_address(row: Obligation) -> str | None:
    """Where the record stands that met the obligation."""
    entity, _colon, number = (row.proof or "").partition(":")
    return record_address(entity, int(number)) if number.isdigit() else None


def _waiver(row: Obligation) -> Staff | None:
    if row.waived_by_id is None:
        return None
    with seeing_all():
        return db.session.get(Staff, row.waived_by_id)


def _teams() -> Sequence[Team]:
    return db.session.scalars(select(Team).order_by(Team.name)).all()


def _clauses() -> Sequence[str]:
    return db.session.scalars(select(Obligation.clause).distinct().order_by(Obligation.clause)).all()


def _page_url(chosen: Mapping[str, str]) -> Any:
    return lambda page: url_for("ledger.index", **dict[str, Any](chosen), page=page)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004 fits every database's integer


@hookimpl
def views() -> list[Page]:
    """The ledger stands among what a person opens every day."""
    return [Ledger(name=_("Ledger"), endpoint="ledger", url="/ledger", category="today")]
