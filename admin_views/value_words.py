"""What the codes inside the packs' values are called: severities, grades, channels, stages, lengths of time."""

from collections.abc import Mapping
from contextlib import suppress

from flask_babel import get_locale

from admin_views.formats import length
from engine.packs.loader import load_packs
from engine.packs.offsets import parse_duration
from engine.packs.values import UNITS
from models.column_names import COLUMN_NAMES
from models.words import Words, _, in_language

CODES: Mapping[str, Words] = {
    "minor": _("Minor"),
    "general": _("General"),
    "severe": _("Severe"),
    "excellent": _("Excellent"),
    "good": _("Good"),
    "qualified": _("Qualified"),
    "unqualified": _("Unqualified"),
    "monthly": _("Each month"),
    "quarterly": _("Each quarter"),
    "month": _("month"),
    "quarter": _("quarter"),
    "year": _("year"),
    "rating": _("Superior's rating"),
    "check": _("QA supervisor's check"),
    "approval": _("Approval"),
    "confirmation": _("Agent's confirmation"),
    "chat": _("Chat"),
    "social": _("Social media"),
    "email": _("E-mail"),
    "web": _("web"),
    "app": _("app"),
    "faq": _("frequent questions"),
    "help_centre": _("help centre"),
    "weibo": _("Weibo"),
    "wechat": _("WeChat"),
    "douyin": _("Douyin"),
    "return": _("Return of goods"),
    "exchange": _("Exchange"),
    "repair": _("Repair"),
    "refund": _("Refund"),
    "name": _("Name of a person"),
    "phone": _("Phone"),
    "id_number": _("ID number"),
    "order_number": _("Order number"),
    "card_number": _("Card number"),
    "plate": _("Number plate"),
    "professional_knowledge": _("Professional knowledge"),
    "communication": _("Communication"),
    "service_awareness": _("Service awareness"),
    "satisfaction": _("Satisfaction"),
    "resolution": _("Resolution rate"),
    "loyalty": _("Loyalty"),
    "cost": _("Cost"),
    "system": _("System data"),
    "auto_reply": _("An automatic answer"),
    "hotline": _("Hotline"),
    "open": _("Open at all hours"),
    "queue": _("Waits for the next day"),
    "self_service": _("Self-service"),
    "monday": _("Monday"),
    "tuesday": _("Tuesday"),
    "wednesday": _("Wednesday"),
    "thursday": _("Thursday"),
    "friday": _("Friday"),
    "saturday": _("Saturday"),
    "sunday": _("Sunday"),
    "customer": _("Customers' ratings"),
    "superior": _("Superior's rating"),
}


def code_in_words(text: str) -> str:
    """A code, a column's name or a length of time as a person reads it; what is none of these stays as it is."""
    known = CODES.get(text) or UNITS.get(text) or COLUMN_NAMES.get(text)
    if known is not None:
        return str(known)
    if text[-1:].isalpha():
        with suppress(ValueError):
            return length(parse_duration(text))
    return text


def reminders_title(name: str) -> str:
    """Whose reminders `reminders.<name>` are, as the pack that brings them says."""
    reminders = (each for pack in load_packs().values() for each in pack.reminders)
    found = next((each for each in reminders if name in (each.name, each.clause)), None)
    return in_language(found.title.words, str(get_locale())) if found else name
