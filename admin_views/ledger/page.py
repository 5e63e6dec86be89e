"""The department's ledger: what is missing today, whose it is, how late, and whether it was reminded of."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from admin_views.base.access import allowed, deny, one
from admin_views.base.querying import CAP as MOST
from admin_views.base.querying import scope_of
from admin_views.duties import post_label, subject_address, what_to_do
from admin_views.formats import listed
from admin_views.ledger.file import HEADER, lines
from admin_views.ledger.finding import DUE, FILTERS, STATES, conditions_of, counts
from admin_views.links import page_number, record_address
from admin_views.pages import Page
from admin_views.taking import CAP, file_of
from engine.acting import seeing_all
from engine.database import db
from engine.hooks import hookimpl
from engine.notices.explaining import explain
from engine.obligations.keeping import waive
from models.notification import Delivery, Notification
from models.obligation import UNDONE, Obligation, Reminder
from models.organisation import Staff, Team
from models.words import _

PER_PAGE = 50
REASON_MAX = 1000


class Ledger(Page):
    """Every obligation that the reader may see."""

    needs = ("obligation", "read")
    icon = "clipboard-list"

    @expose("/")
    def index(self) -> str:
        """The list with its filters and counts."""
        chosen = asked()
        conditions = conditions_of(chosen)
        few = select(Obligation.id).where(*conditions).limit(MOST + 1)
        total = db.session.scalar(select(func.count()).select_from(few.subquery())) or 0
        pages = max(1, -(-min(total, MOST) // PER_PAGE))
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
            may_export=allowed("obligation", "export"),
        )

    @expose("/export/")
    def export(self) -> ResponseReturnValue:
        """What the list shows, all pages of it, as an Excel file."""
        if not allowed("obligation", "export"):
            deny("obligation", "export")
        query = select(Obligation).where(*conditions_of(asked()), *scope_of(Obligation, "export"))
        rows = db.session.scalars(
            query.options(joinedload(Obligation.owner)).order_by(Obligation.due_at, Obligation.id).limit(CAP)
        ).all()
        return file_of("obligation", [str(title) for title in HEADER], list(lines(rows)))

    @expose("/<int:number>")
    def show(self, number: int) -> str:
        """One obligation: whose, by when, its proof, and each reminder: sent, will be sent, or why not."""
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


def asked() -> dict[str, str]:
    """The filters that the address names."""
    return {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}


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


@hookimpl
def views() -> list[Page]:
    """The ledger stands among what a person opens every day."""
    return [Ledger(name=_("Ledger"), endpoint="ledger", url="/ledger", category="today")]
