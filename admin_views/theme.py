"""How every page looks: templates round Flask-Admin's, static files by their content, icons, the frame's data."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_admin.theme import Theme
from flask_babel import get_locale
from markupsafe import Markup

from admin_views import formats, menu
from admin_views.languages import LANGUAGES, appearance, html_language, language
from admin_views.links import address, entity_label, list_address, record_address
from engine.acting import current_act

THEME = Theme(folder="bootstrap4", base_template="layout/page.html")
"""Flask-Admin's own templates stay a fall-back; the frame and everything a person meets is ours."""
SHEETS = ("tokens", "base", "layout", "forms", "tables", "parts", "states", "pages", "print")
STATIC = Path(__file__).parent / "static"
STATIC_AGE = timedelta(days=365)
KEPT, MOST_KEPT = "dutybook.kept_parts", 2000
"""Key in `app.extensions`: parts of pages that were made already, and how many are kept."""


def init_app(app: Flask) -> None:
    """Hang formats, icons, versions of static files and the frame's data on the application."""
    formats.init_app(app)
    # A static address carries its content's digest, so that a browser may keep the file for good.
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_AGE
    app.url_defaults(_versioned)
    app.jinja_env.globals.update(
        icon=icon,
        address=address,
        record_address=record_address,
        list_address=list_address,
        entity_label=entity_label,
        style_sheets=style_sheets,
        languages=LANGUAGES,
        menu_sections=menu.sections,
        current_section=menu.current_section,
        kept=kept,
    )
    app.context_processor(_frame)


def style_sheets() -> Markup:
    """The links to the style sheets of every page."""
    return _style_sheets(request.script_root)


@lru_cache(8)
def _style_sheets(_script_root: str) -> Markup:
    # The names are our own, and `Markup.format` escapes the address that they lead to.
    link = Markup('    <link rel="stylesheet" href="{}">')
    return Markup("\n").join(link.format(url_for("static", filename=f"theme/{name}.css")) for name in SHEETS)


def icon(name: str, label: str = "") -> Markup:
    """An icon of the sprite. Without a `label` it is decoration and hidden from screen readers."""
    # A page shows some fifty icons of the one sprite.
    href = g.get("sprite") or g.setdefault("sprite", url_for("static", filename="vendor/lucide/sprite.svg"))
    return _labelled_icon(href, name, label) if label else _icon(href, name)


@cache
def _icon(href: str, name: str) -> Markup:
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>').format(href, name)


def _labelled_icon(href: str, name: str, label: str) -> Markup:
    return Markup('<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>').format(
        label, href, name
    )


def kept(*about: Any, caller: Callable[[], str]) -> str:
    """A part of a page that is the same for all readers of the same roles and language, and the same `about`.

    It is made once a process: nothing of the request, such as a token, belongs in it.
    """
    parts: dict[Any, str] = current_app.extensions.setdefault(KEPT, {})
    actor = current_act().actor
    key = (str(get_locale()), actor.roles, actor.is_system, *about)
    if key not in parts:
        if len(parts) >= MOST_KEPT:
            parts.clear()
        parts[key] = caller()
    return parts[key]


def _frame() -> dict[str, Any]:
    return {
        "html_language": html_language(),
        "language": language(),
        "appearance": appearance(),
        "here": request.full_path.rstrip("?") if request.method == "GET" else request.path,
    }


def _versioned(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "filename" in values:
        values.setdefault("v", _digest(values["filename"]))


@cache
def _digest(filename: str) -> str | None:
    path = STATIC / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else None
