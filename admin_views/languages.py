"""Which language and which time zone a person reads in, and the switches for language and appearance.

Both choices rest in a cookie of the browser, so that the sign-in page has them too; a person's account names the
language of whoever has not chosen here, and of what is sent to them.
"""

from pathlib import Path

from flask import Blueprint, Flask, current_app, has_request_context, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale
from werkzeug.exceptions import BadRequest

from admin_views.links import way_back
from engine.acting import Actor, NobodyActingError, current_act
from engine.circumstances import zone_of
from engine.database import db
from engine.registry import registry

LANGUAGES = {"zh_Hans_CN": "简体中文", "en": "English"}
"""What a person can choose, each in its own words."""
DEFAULT_LANGUAGE = "zh_Hans_CN"
DEFAULT_ZONE = "Asia/Shanghai"
APPEARANCES = ("auto", "light", "dark")
LANGUAGE_COOKIE, APPEARANCE_COOKIE = "dutybook_language", "dutybook_appearance"
YEAR = 365 * 24 * 3600

switches = Blueprint("switches", __name__)


def init_app(app: Flask) -> None:
    """Read catalogues of the product and of plugins, and offer the two switches."""
    folders = [str(Path(app.root_path) / "translations"), *map(str, registry.hook.translations())]
    Babel(
        app, default_locale=DEFAULT_LANGUAGE, default_timezone=DEFAULT_ZONE, locale_selector=language,
        timezone_selector=zone, default_translation_directories=";".join(folders),
    )
    app.register_blueprint(switches)


def language() -> str:
    """The reader's language: chosen in this browser, else the account's, else what the browser asks for."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "") if has_request_context() else ""
    if chosen in LANGUAGES:
        return chosen
    actor = _actor()
    if actor is not None and actor.language in LANGUAGES:
        return actor.language
    return _asked_for() if has_request_context() else DEFAULT_LANGUAGE


def _asked_for() -> str:
    wanted = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans", "en"], default="zh")
    return "en" if wanted == "en" else DEFAULT_LANGUAGE


def zone() -> str:
    """The time zone of the reader's department."""
    actor = _actor()
    return zone_of(db.session, actor.department_id) if actor and actor.department_id else DEFAULT_ZONE


def html_language() -> str:
    """The language of the page, as `<html lang>` wants it."""
    return "zh-CN" if str(get_locale()).startswith("zh") else "en"


def appearance() -> str:
    """`light`, `dark`, or `auto` for what the device prefers."""
    chosen = request.cookies.get(APPEARANCE_COOKIE, "auto")
    return chosen if chosen in APPEARANCES else "auto"


@switches.post("/language")
def choose_language() -> ResponseReturnValue:
    """Keep the language for this browser and go back."""
    return _remember(LANGUAGE_COOKIE, request.form.get("language", ""), tuple(LANGUAGES))


@switches.post("/appearance")
def choose_appearance() -> ResponseReturnValue:
    """Keep light or dark for this browser and go back."""
    return _remember(APPEARANCE_COOKIE, request.form.get("appearance", ""), APPEARANCES)


def _remember(cookie: str, value: str, allowed: tuple[str, ...]) -> ResponseReturnValue:
    if value not in allowed:
        raise BadRequest
    response = redirect(way_back(), 303)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(cookie, value, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


def _actor() -> Actor | None:
    try:
        return current_act().actor
    except NobodyActingError:
        return None
