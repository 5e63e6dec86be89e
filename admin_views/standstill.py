"""What every page says at its top while something does not get through: sending is paused, notices were given up."""

from flask import Flask
from sqlalchemy import select

from engine.acting import current_act
from engine.database import db
from engine.notices.alarm import GIVEN_UP
from engine.notices.pausing import pause_of
from models.notification import Notification, SendingPause


def init_app(app: Flask) -> None:
    """Give the frame its two questions."""
    app.jinja_env.globals.update(sending_pause=sending_pause, given_up=given_up)


def sending_pause() -> SendingPause | None:
    """The pause that holds everything back; None when messages leave."""
    return pause_of(db.session())


def given_up() -> Notification | None:
    """The newest alarm that whoever acts has not read yet: administrators have them."""
    mine = select(Notification).where(
        Notification.recipient_id == current_act().actor.staff_id, Notification.read_at.is_(None)
    )
    alarms = mine.where(Notification.code.endswith(f".{GIVEN_UP}", autoescape=True))
    return db.session.scalars(alarms.order_by(Notification.id.desc()).limit(1)).one_or_none()
