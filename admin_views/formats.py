"""How values are written: moments and days in the department's zone, numbers, states, people, durations.

Every function answers text or safe markup in the reader's language, and a dash for nothing. They are Jinja filters by
the same names.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_skeleton, format_timedelta
from babel.units import format_unit
from flask import Flask
from flask_babel import format_decimal, format_percent, get_locale, get_timezone
from markupsafe import Markup, escape

from engine import clock
from engine.packs.offsets import Offset, OffsetUnit, parse_offset
from engine.titles import title_of
from models.base import Record
from models.column_names import COLUMN_NAMES
from models.types import Labelled
from models.words import _, in_language, ngettext

NOTHING = "—"
UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
SHOWN_PARTS = 2
"""A duration is written with its two greatest units."""
REMEMBERED = 4096
"""Words of days and distances that a process keeps: Babel takes far longer to make them than a page to show them."""


def init_app(app: Flask) -> None:
    """Offer the formats to templates."""
    for format_ in FILTERS:
        app.jinja_env.filters[format_.__name__] = format_


def moment(value: datetime | None) -> str:
    """An absolute time with its distance from now: `Nov 22, 14:30 (in 3 hours)`."""
    if value is None:
        return NOTHING
    zone, locale, now = get_timezone(), str(get_locale()), clock.now()
    local = value.astimezone(zone)
    skeleton = "MMMd" if local.year == now.astimezone(zone).year else "yMMMd"
    short = f"{_skeleton(skeleton, local.date(), locale)} {local:%H:%M}"
    return Markup(  # noqa: S704 times and dates of our own making: nothing of it was typed
        f'<time datetime="{value.isoformat()}" title="{_full(local, locale)}">{short}'
        f' <small class="muted">({_distance(value - now, locale)})</small></time>'
    )


def due(value: datetime | None) -> str:
    """The moment by which something is due. The midnight that ends a day is said as the end of that day."""
    if value is None:
        return NOTHING
    local = value.astimezone(get_timezone())
    if local.time() != time():
        return moment(value)
    last = local.date() - timedelta(days=1)
    skeleton = "MMMd" if last.year == today().year else "yMMMd"
    locale = str(get_locale())
    text = _("end of %(day)s", day=_skeleton(skeleton, last, locale))
    return Markup('<time datetime="{}" title="{}">{} <small class="muted">({})</small></time>').format(
        value.isoformat(), _full(local, locale), text, _distance(value - clock.now(), locale)
    )


def ago(value: datetime | None) -> str:
    """The distance from now, with the absolute time for whoever asks: `3 hours ago`."""
    if value is None:
        return NOTHING
    locale = str(get_locale())
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.isoformat(), _full(value.astimezone(get_timezone()), locale), _distance(value - clock.now(), locale)
    )


def day(value: date | None) -> str:
    """A day; near ones say how near: `Nov 24 (tomorrow)`."""
    if value is None:
        return NOTHING
    near = _near(value)
    skeleton = "MMMEd" if value.year == today().year else "yMMMEd"
    text = _skeleton(skeleton, value, str(get_locale()))
    shown_near = Markup(' <small class="muted">({})</small>').format(near) if near else ""
    return Markup('<time datetime="{}">{}{}</time>').format(value.isoformat(), text, shown_near)


def as_day(text: str) -> date:
    """The day that an ISO date names."""
    return date.fromisoformat(text)


def month_name(value: date) -> str:
    """Month and year."""
    return format_skeleton("yMMMM", value, locale=get_locale())


def month_short(value: date) -> str:
    """Month and year, where there is little room."""
    return format_skeleton("yMMM", value, locale=get_locale())


def weekday_name(value: date) -> str:
    """The weekday, short."""
    return format_date(value, "ccc", locale=get_locale())


def decimal(value: Decimal | float | None, places: int | None = None) -> str:
    """A number with the reader's separators; `places` fixes the digits after the point."""
    if value is None:
        return NOTHING
    pattern = None if places is None else f"#,##0.{'0' * places}" if places else "#,##0"
    return format_decimal(value, format=pattern)


def percent(value: Decimal | float | None) -> str:
    """A share of one as a percentage."""
    return NOTHING if value is None else format_percent(value, format="#,##0.#%")


def state(value: Labelled | None) -> str:
    """A state: its word in a label of its tone."""
    if value is None:
        return NOTHING
    return Markup('<span class="state state-{}">{}</span>').format(value.tone, str(value.label))


def pill(value: object, tone: str = "quiet") -> str:
    """A small count or code in a label."""
    return Markup('<span class="pill pill-{}">{}</span>').format(tone, str(value))


def person(value: Any) -> str:
    """A person's name, with the number for those who need to tell two apart."""
    if value is None:
        return NOTHING
    return Markup('<span class="person" title="{}">{}</span>').format(value.number, value.name)


def duration(value: timedelta | float | None) -> str:
    """A length of time in its two greatest units: `2 hr 5 min`. A number counts seconds."""
    if value is None:
        return NOTHING
    left = int(value.total_seconds() if isinstance(value, timedelta) else value)
    parts = []
    for unit, length in UNITS:
        count, left = divmod(left, length)
        if count:
            parts.append(format_unit(count, f"duration-{unit}", "short", locale=get_locale()))
    return " ".join(parts[:SHOWN_PARTS]) or format_unit(0, "duration-minute", "short", locale=get_locale())


def offset(text: str) -> str:
    """How far a reminder lies from the due moment, such as `-3d`: `3 days before`."""
    away = parse_offset(text)
    if not away.amount:
        return str(_("at the due time"))
    far = length(away)
    return str(_("%(length)s before", length=far) if away.amount < 0 else _("%(length)s after", length=far))


def length(away: Offset) -> str:
    """How long an offset is, whichever way it points: `3 days`, `2 working days`."""
    amount = abs(away.amount)
    if away.unit is OffsetUnit.WORKING_DAYS:
        return str(ngettext("%(num)s working day", "%(num)s working days", amount))
    names = {OffsetUnit.MINUTES: "minute", OffsetUnit.HOURS: "hour", OffsetUnit.DAYS: "day"}
    return format_unit(amount, f"duration-{names[away.unit]}", "short", locale=get_locale())


def listed(texts: Iterable[object]) -> str:
    """Several words in one line, with the comma of the reader's language."""
    return str(_(", ")).join(map(str, texts))


def words(value: Mapping[str, str] | str | None) -> str:
    """Bilingual data in the reader's language."""
    return in_language(value, str(get_locale())) or NOTHING


def shown(value: Any) -> str:
    """Any value of a record as a person reads it."""
    if value is None or value == "":
        return NOTHING
    for kind, format_ in _BY_TYPE:
        if isinstance(value, kind):
            return format_(value)
    return str(escape(str(value)))


def _yes_or_no(value: bool) -> str:  # noqa: FBT001 it is the value itself
    return str(_("Yes") if value else _("No"))


def _several(values: Iterable[Any]) -> str:
    return escape(str(_(", "))).join(shown(item) for item in values) or NOTHING


def _mapping(value: Mapping[str, Any]) -> str:
    if value.keys() <= {"zh", "en"}:
        return words(value)
    pairs = (Markup("{}{}{}").format(COLUMN_NAMES.get(key, key), _(": "), shown(item)) for key, item in value.items())
    return escape(str(_(", "))).join(pairs) or NOTHING


_BY_TYPE: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (bool, _yes_or_no),
    (Labelled, state),
    (datetime, moment),
    (date, day),
    ((Decimal, float, int), decimal),
    (timedelta, duration),
    (Record, title_of),
    (Mapping, _mapping),
    ((list, tuple, set, frozenset), _several),
)


def today() -> date:
    """The reader's present day."""
    return clock.now().astimezone(get_timezone()).date()


def late_by(due: datetime) -> str:
    """How late something due is, in days once it is more than one."""
    return duration(clock.now() - due)


def _full(local: datetime, locale: str) -> str:
    return f"{_long_day(local.date(), locale)} {local:%H:%M:%S}"


def _distance(delta: timedelta, locale: str) -> str:
    if abs(delta) < timedelta(minutes=1):
        return str(_("just now"))
    # Beyond two days nobody counts minutes: lists show the same few distances again and again.
    unit = 60 if abs(delta) < timedelta(days=2) else 3600
    return _far(round(delta.total_seconds() / unit) * unit, locale)


@lru_cache(maxsize=REMEMBERED)
def _skeleton(skeleton: str, value: date, locale: str) -> str:
    return format_skeleton(skeleton, value, locale=locale)


@lru_cache(maxsize=REMEMBERED)
def _long_day(value: date, locale: str) -> str:
    return format_date(value, "full", locale=locale)


@lru_cache(maxsize=REMEMBERED)
def _far(seconds: int, locale: str) -> str:
    return format_timedelta(timedelta(seconds=seconds), add_direction=True, locale=locale)


def _near(value: date) -> str:
    away = (value - today()).days
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    if away in near:
        return str(near[away])
    if 1 < away <= 7:  # noqa: PLR2004 a week
        return str(ngettext("in %(num)s day", "in %(num)s days", away))
    if -7 <= away < -1:  # noqa: PLR2004 a week
        return str(ngettext("%(num)s day ago", "%(num)s days ago", -away))
    return ""


FILTERS = (
    moment,
    due,
    ago,
    day,
    as_day,
    month_name,
    month_short,
    weekday_name,
    decimal,
    percent,
    state,
    pill,
    person,
    duration,
    late_by,
    offset,
    listed,
    title_of,
    words,
    shown,
)
"""What templates use, by the functions' own names."""
