"""Puts a notice into words: a code and data in the database become sentences in the reader's language and zone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask import has_app_context
from flask_babel import force_locale
from sqlalchemy.orm import object_session

from engine.circumstances import zone_of
from engine.notices.readers import languages_of
from engine.registry import registry
from models.notification import Notification
from models.words import Words, _, in_language, ngettext

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NOTHING = "—"
DEADLINES = frozenset({"due_at", "closes_at"})
"""Values whose midnight is the end of the day before."""
FIGURES = frozenset({"score"})
"""Values that are numbers, kept as text so that they stay exact: read without the noughts that say nothing."""
LANGUAGES = frozenset({"zh", "en"})
"""The keys by which bilingual data is known."""


@dataclass(frozen=True)
class Wording:
    """A notice as it is read: one line, the whole text, and a path on this site that leads to what it is about."""

    subject: str
    text: str
    link: str


@dataclass(frozen=True)
class Reader:
    """In which language (a locale code) and which time zone values are written."""

    locale: str
    zone: str


def read_out(notification: Notification, locale: str | None = None) -> Wording:
    """The notice in `locale`, by default in its recipient's language; moments are in the department's zone.

    A code that no loaded domain declares is read out bare: the plugin that sent it is gone, its notices are not.
    Sentences are translated where an application context is; without one they stay English.
    """
    session = object_session(notification)
    zone = zone_of(session, notification.department_id) if session else "UTC"
    if locale is None:
        known = languages_of(session, [notification.recipient_id]) if session else {}
        locale = known.get(notification.recipient_id, "en")
    with _reading(locale):
        return _worded(notification, Reader(locale, zone))


def gather(wordings: Sequence[Wording], locale: str) -> Wording:
    """Several notices in one message, in the language `locale`."""
    with _reading(locale):
        subject = str(ngettext("%(num)s notice", "%(num)s notices", len(wordings)))
    text = "\n\n".join(f"{wording.subject}\n{wording.text}" for wording in wordings)
    return Wording(subject, text, "/notices")


def _worded(notification: Notification, reader: Reader) -> Wording:
    link = f"/notices/{notification.id}"
    notice = registry.notices.get(notification.code)
    if notice is None:
        return Wording(notification.code, notification.code, link)
    values = _Values({name: _shown(name, value, reader) for name, value in notification.data.items()})
    sentences = [_filled(notice.text, values)]
    if notification.data.get("late"):
        sentences.append(_filled(_("This notice comes late: it was planned for %(planned_at)s."), values))
    return Wording(_one_line(_filled(notice.subject, values)), "\n".join(sentences), link)


class _Values(dict[str, str]):
    """A value that the data lacks is shown as a dash: one odd row must not take a whole page with it."""

    def __missing__(self, name: str) -> str:
        return NOTHING


def _filled(words: Words, values: Mapping[str, str]) -> str:
    return str(words) % values


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _shown(name: str, value: Any, reader: Reader) -> str:  # noqa: ANN401 whatever JSON holds
    if isinstance(value, str):
        return _text(name, value, reader)
    if isinstance(value, Mapping) and value and value.keys() <= LANGUAGES:
        return in_language(value, reader.locale)
    if isinstance(value, list):
        between = "、" if reader.locale.startswith("zh") else ", "
        return between.join(_shown("", item, reader) for item in value) or NOTHING
    return NOTHING if value is None else str(value)


def _text(name: str, text: str, reader: Reader) -> str:
    if name == "duty":
        return _duty(text)
    if name in FIGURES:
        return _figure(text)
    if MOMENT.fullmatch(text):
        return _moment(datetime.fromisoformat(text), reader, is_deadline=name in DEADLINES)
    return _day(date.fromisoformat(text), reader) if DAY.fullmatch(text) else text


def _figure(text: str) -> str:
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def _duty(name: str) -> str:
    duty = registry.duty_names.get(name)
    return str(duty.label) if duty else name


def _moment(moment: datetime, reader: Reader, *, is_deadline: bool) -> str:
    local = moment.astimezone(ZoneInfo(reader.zone))
    if is_deadline and (local.hour, local.minute, local.second) == (0, 0, 0):
        # "By the 29th" is stored as the first moment of the 30th, which nobody should have to read.
        return str(_("end of %(day)s")) % {"day": _day(local.date() - timedelta(days=1), reader)}
    return f"{_day(local.date(), reader)} {format_time(local, 'short', locale=reader.locale)}"


def _day(day: date, reader: Reader) -> str:
    return format_date(day, "medium", locale=reader.locale)


@contextmanager
def _reading(locale: str) -> Iterator[None]:
    if not has_app_context():
        yield
        return
    with force_locale(locale):
        yield
