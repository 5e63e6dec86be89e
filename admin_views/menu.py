"""The navigation: the views that a person may open, grouped by domain, in a fixed order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from flask_admin import Admin
from flask_babel import get_locale

from engine.acting import current_act
from models.words import Words, _

GROUPS: dict[str, tuple[Words, str]] = {
    "today": (_("Today"), "sun"),
    "people": (_("People"), "users"),
    "hiring": (_("Recruitment"), "user-plus"),
    "training": (_("Training and exams"), "graduation-cap"),
    "roster": (_("Rosters"), "calendar-days"),
    "attendance": (_("Attendance and conduct"), "user-check"),
    "service": (_("Service records"), "headset"),
    "complaint": (_("Complaints"), "message-square-warning"),
    "after_sale": (_("After-sales"), "package"),
    "quality": (_("Quality inspection"), "search-check"),
    "rectification": (_("Rectification"), "list-checks"),
    "appraisal": (_("Appraisal"), "gauge"),
    "incentive": (_("Incentives and sanctions"), "award"),
    "confidentiality": (_("Confidentiality"), "shield-check"),
    "communication": (_("Communication"), "megaphone"),
    "rulebook": (_("Rulebook"), "book-open"),
    "data": (_("Data and reports"), "database"),
    "system": (_("System"), "settings"),
}
"""Groups by code: a view names its group as its `category`. A plugin may name one of its own; it stands at the end."""

CACHE = "dutybook.menus"
"""Key in `app.extensions`: menus already built, by what decides them."""


@dataclass(frozen=True)
class Item:
    """One page of the menu."""

    name: str
    endpoint: str
    url: str
    icon: str


@dataclass(frozen=True)
class Section:
    """A group of pages."""

    code: str
    name: str
    icon: str
    items: list[Item] = field(default_factory=list)


def sections() -> Sequence[Section]:
    """The menu of whoever acts, in the reader's language; built once per set of roles, language and number of views."""
    views = _admin()._views  # noqa: SLF001 Flask-Admin has no other list of its views
    actor = current_act().actor
    key = (actor.roles, actor.is_system, str(get_locale()), len(views))
    menus: dict[Any, Sequence[Section]] = current_app.extensions.setdefault(CACHE, {})
    if key not in menus:
        menus[key] = _build(views)
    return menus[key]


def current_section(endpoint: str | None) -> str | None:
    """The code of the group in which the view of this blueprint stands."""
    return next((s.code for s in sections() for item in s.items if item.endpoint == endpoint), None)


def _admin() -> Admin:
    return current_app.extensions["admin"][0]


def _build(views: Sequence[Any]) -> Sequence[Section]:
    found = {code: Section(code, str(label), icon) for code, (label, icon) in GROUPS.items()}
    for view in _open(views):
        code = str(view.category or "today")
        section = found.setdefault(code, Section(code, code, "folder"))
        section.items.append(Item(str(view.name), view.endpoint, _first_page(view), icon_of(view)))
    return tuple(section for section in found.values() if section.items)


def _first_page(view: Any) -> str:
    url: str = view.get_url(f"{view.endpoint}.{view._default_view}")  # noqa: SLF001 Flask-Admin has no other name for it
    return url


def _open(views: Sequence[Any]) -> Iterator[Any]:
    return (view for view in views if view.is_visible() and view.is_accessible())


def icon_of(view: Any) -> str:
    """The view's own icon, else its entity's."""
    model = getattr(view, "model", None)
    return getattr(view, "icon", None) or (model.__entity__.icon if model is not None else "file")
