"""My due dates in the calendar application of a phone or a desk: the feed, and the page where it is switched on."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import segno
from flask import Blueprint, Flask, Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import format_datetime, get_timezone
from icalendar import TRANSP, Calendar, Event, vDuration
from sqlalchemy import select

from admin_views.accounts.sign_in import own_account
from admin_views.duties import mine, what_to_do
from admin_views.identity import NOBODY, answers_for_itself, settings
from admin_views.pages import Page
from engine import clock
from engine.accounts import calendar_feed
from engine.acting import Door, acting, current_act
from engine.database import db, only_reading
from engine.hooks import hookimpl
from models.obligation import UNDONE, Obligation, ObligationState
from models.words import _

BEHIND, AHEAD = timedelta(days=30), timedelta(days=400)
MOST = 1000
LENGTH = timedelta(minutes=30)
"""An entry ends when its duty is due; one without length is shown by no calendar."""
OFTEN = timedelta(hours=1)

feed = Blueprint("calendar_feed", __name__)


def init_app(app: Flask) -> None:
    """The key in the address says who reads; no session is asked for."""
    app.register_blueprint(feed)
    answers_for_itself(app, feed.name)


@feed.get("/calendar/feed/<key>.ics")
def read(key: str) -> ResponseReturnValue:
    """The feed that the key opens; 404 for any other key."""
    with acting(NOBODY, Door.API), only_reading():
        reader = calendar_feed.reader_of(db.session(), key)
    if reader is None:
        abort(404)
    with acting(reader, Door.API):
        with only_reading():
            body = calendar_of(duties_of()).to_ical()
            db.session.rollback()
        calendar_feed.was_read(db.session(), key)
    answer = Response(body, content_type="text/calendar; charset=utf-8")
    answer.add_etag()
    return answer.make_conditional(request)


def duties_of() -> Sequence[Obligation]:
    """What the reader owes, and what was done lately, as far as a calendar looks."""
    now = clock.now()
    shown = Obligation.state.in_([*UNDONE, ObligationState.MET])
    query = select(Obligation).where(
        mine(db.session(), current_act().actor), shown, Obligation.due_at.between(now - BEHIND, now + AHEAD)
    )
    return db.session.scalars(query.order_by(Obligation.due_at, Obligation.id).limit(MOST)).all()


def calendar_of(duties: Sequence[Obligation]) -> Calendar:
    """The duties as RFC 5545 wants them, in the department's time zone."""
    name = str(_("Dutybook: what I owe"))
    made = Calendar.new(
        name=name, prodid="-//Dutybook//Obligations//EN", method="PUBLISH", uid="dutybook", refresh_interval=OFTEN
    )
    # What Outlook asks for instead of the standard's refresh interval.
    made.add("x-published-ttl", vDuration(OFTEN))
    for duty in duties:
        made.add_component(_entry(duty))
    made.add_missing_timezones()
    return made


def _entry(duty: Obligation) -> Event:
    done = duty.state is ObligationState.MET
    mark = "✓ " if done else "! " if duty.state is ObligationState.OVERDUE else ""
    begin, end = _span(duty.due_at.astimezone(get_timezone()))
    address = f"{settings().public_url.rstrip('/')}{url_for('ledger.show', number=duty.id)}"
    return Event.new(
        summary=f"{mark}{what_to_do(duty.kind)} · {duty.title}",
        description=str(_("Due %(due)s (%(clause)s).", due=format_datetime(duty.due_at), clause=duty.clause)),
        start=begin,
        end=end,
        stamp=duty.opened_at,
        uid=f"obligation-{duty.id}@dutybook",
        url=address,
        categories=[duty.clause],
        transparency=TRANSP.TRANSPARENT,
    )


def _span(due: datetime) -> tuple[datetime, datetime]:
    """Due at midnight means by the end of the day before: it takes up that day, as on the calendar page."""
    if due.time() == time():
        day = due.date() - timedelta(days=1)
        return day, due.date()  # type: ignore[return-value]  # a whole day is a date in RFC 5545
    return due - LENGTH, due


class FeedPage(Page):
    """Where a person switches their feed on and off. The address is shown once, as text and for the phone's camera."""

    icon = "calendar-plus"

    def is_visible(self) -> bool:
        """It stands on the calendar, not in the menu."""
        return False

    @expose("/")
    def index(self) -> str:
        """Whether there is a feed, since when, and when it was read last."""
        return self.page()

    @expose("/begin", methods=("POST",))
    def begin(self) -> str:
        """Make a key and show the address once."""
        key = calendar_feed.issue(db.session(), own_account())
        db.session.commit()
        return self.page(f"{settings().public_url.rstrip('/')}{url_for('calendar_feed.read', key=key)}")

    @expose("/end", methods=("POST",))
    def end(self) -> ResponseReturnValue:
        """End the feed."""
        if calendar_feed.end(db.session(), own_account()):
            db.session.commit()
            flash(str(_("The address opens nothing any more.")), "good")
        return redirect(url_for(".index"), 303)

    def page(self, address: str | None = None) -> str:
        """The page; `address` only right after it was made."""
        picture = segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="#fff") if address else None
        found = calendar_feed.of(db.session(), own_account())
        return self.render("calendar/feed.html", feed=found, shown=address, picture=picture)


@hookimpl
def views() -> list[Page]:
    """The page behind the calendar."""
    return [FeedPage(name=_("My calendar feed"), endpoint="my_feed", url="/calendar/feed", category="today")]
