"""The inbox: what a person was told, in their language, with the way to what it is about."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import func, select

from admin_views.base.access import one
from admin_views.links import page_number
from admin_views.pages import Page
from admin_views.reading import told
from engine import clock
from engine.acting import current_act
from engine.database import db
from engine.hooks import hookimpl
from models.notification import Notification
from models.words import _, ngettext

PER_PAGE = 30


class Inbox(Page):
    """The reader's own notices, the newest first. Reading one is said by a button, never by looking at a page."""

    needs = ("notification", "read")
    icon = "bell"

    @expose("/")
    def index(self) -> str:
        """All notices, or the unread ones."""
        only_unread = request.args.get("show") == "unread"
        mine = [Notification.recipient_id == current_act().actor.staff_id]
        if only_unread:
            mine.append(Notification.read_at.is_(None))
        total = db.session.scalar(select(func.count(Notification.id)).where(*mine)) or 0
        pages = max(1, -(-total // PER_PAGE))
        page = min(page_number(), pages)
        query = select(Notification).where(*mine).order_by(Notification.id.desc())
        rows = db.session.scalars(query.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
        return self.render(
            "inbox/index.html",
            notices=[told(row) for row in rows],
            only_unread=only_unread,
            total=total,
            page=page,
            pages=pages,
            page_url=lambda number: url_for("inbox.index", show=request.args.get("show"), page=number),
        )

    @expose("/<int:number>")
    def show(self, number: int) -> str:
        """One notice: where a mail's link leads."""
        return self.render("inbox/show.html", notice=told(one(Notification, number)))

    @expose("/<int:number>/open", methods=("POST",))
    def open(self, number: int) -> ResponseReturnValue:
        """Note that it was read and go to what it is about."""
        row = one(Notification, number)
        _read(row)
        db.session.commit()
        return redirect(told(row).url or url_for("inbox.index"), 303)

    @expose("/<int:number>/read", methods=("POST",))
    def read(self, number: int) -> ResponseReturnValue:
        """Note that it was read and stay."""
        _read(one(Notification, number))
        db.session.commit()
        return redirect(url_for("inbox.index", show=request.form.get("show") or None), 303)

    @expose("/read", methods=("POST",))
    def read_all(self) -> ResponseReturnValue:
        """Note that everything on the list was read."""
        unread = select(Notification).where(
            Notification.recipient_id == current_act().actor.staff_id, Notification.read_at.is_(None)
        )
        rows = db.session.scalars(unread).all()
        for row in rows:
            _read(row)
        db.session.commit()
        flash(
            str(ngettext("%(num)s notice was marked as read.", "%(num)s notices were marked as read.", len(rows))),
            "good",
        )
        return redirect(url_for("inbox.index"), 303)


def _read(row: Notification) -> None:
    """The first reading counts."""
    row.read_at = row.read_at or clock.now()


@hookimpl
def views() -> list[Page]:
    """The inbox stands among what a person opens every day; `/notices/<id>` is where mails lead."""
    return [Inbox(name=_("Inbox"), endpoint="inbox", url="/notices", category="today")]
