"""Says of a delivery: sent, will be sent, or why not. For the page that shows what became of a notice."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask_babel import get_locale
from sqlalchemy.orm import object_session

from engine.circumstances import zone_of
from models.notification import Delivery, DeliveryState
from models.words import Words, _


def explain(delivery: Delivery) -> Words:
    """One or two sentences in the language of whoever reads them now, moments in the department's zone."""
    why = str(delivery.reason.label) if delivery.reason else ""
    named = {"channel": str(delivery.channel.label), "why": why, "times": delivery.attempts}
    if delivery.state is DeliveryState.SENT:
        return _("%(channel)s: sent on %(at)s.", at=_at(delivery, delivery.sent_at), **named)
    if delivery.state is DeliveryState.SKIPPED:
        return _("%(channel)s: not sent. %(why)s", **named)
    if delivery.state is DeliveryState.DEAD:
        return _("%(channel)s: given up after %(times)s attempts. %(why)s", **named)
    if delivery.leased_until is not None:
        return _("%(channel)s: being sent.", **named)
    if why:
        return _("%(channel)s: will be sent from %(at)s on. %(why)s", at=_at(delivery, delivery.not_before), **named)
    return _("%(channel)s: will be sent from %(at)s on.", at=_at(delivery, delivery.not_before), **named)


def _at(delivery: Delivery, moment: datetime | None) -> str:
    session = object_session(delivery)
    zone = zone_of(session, delivery.department_id) if session else "UTC"
    return format_datetime(moment, "medium", tzinfo=ZoneInfo(zone), locale=get_locale()) if moment else "—"
