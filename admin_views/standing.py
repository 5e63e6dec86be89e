"""What the frame of every page says of the moment: unread notices, the last sweep, and what does not get through.

All of it is asked in one statement a page; the pause and the alarm themselves are read only while there are any.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from flask import Flask, g
from sqlalchemy import Select, bindparam, exists, func, select

from engine import clock
from engine.acting import current_act, seeing_all
from engine.database import db
from engine.notices.alarm import GIVEN_UP
from engine.notices.pausing import pause_of
from models.notification import Notification, SendingPause
from models.obligation import Heartbeat

SILENT_AFTER = timedelta(seconds=60)
"""A scheduler that has not swept for so long is shown in red."""


class Standing(NamedTuple):
    """How things stand for whoever looks."""

    unread: int
    """Notices not read yet."""
    swept_at: datetime | None
    """When any scheduler last swept; None: never."""
    paused: bool
    """Whether everything that would leave the house is held back."""
    alarm_id: int | None
    """The newest alarm not read yet: administrators have them."""

    @property
    def is_silent(self) -> bool:
        """Whether no scheduler has swept lately."""
        return self.swept_at is None or clock.now() - self.swept_at > SILENT_AFTER

    @property
    def pause(self) -> SendingPause | None:
        """The pause, with its reason."""
        return pause_of(db.session()) if self.paused else None


def init_app(app: Flask) -> None:
    """Give the frame its question."""
    app.jinja_env.globals.update(frame_standing=standing)


def standing() -> Standing:
    """How things stand for whoever acts; asked once a page."""
    if "standing" not in g:
        # The question names whose notices it counts: a scope beside it would only be added anew for every page.
        with seeing_all():
            found = db.session.execute(_asked(), {"me": current_act().actor.staff_id}).one()
        g.standing = Standing._make(found)
    return g.standing  # type: ignore[no-any-return]  # put there above


@cache
def _asked() -> Select[int, datetime | None, bool, int | None]:
    mine = Notification.recipient_id == bindparam("me"), Notification.read_at.is_(None)
    is_alarm = Notification.code.endswith(f".{GIVEN_UP}", autoescape=True)
    return select(
        select(func.count(Notification.id)).where(*mine).scalar_subquery(),
        select(func.max(Heartbeat.beat_at)).scalar_subquery(),
        exists(select(SendingPause.id)),
        select(func.max(Notification.id)).where(*mine, is_alarm).scalar_subquery(),
    )
