"""Which language and which time zone a person reads in, and the switches for language and appearance.

An account keeps both choices; a cookie keeps them for the pages before signing in.
"""

from pathlib import Path

from flask import Blueprint, Flask, current_app, has_request_context, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale
from werkzeug.exceptions import BadRequest

from admin_views.identity import holder
from admin_views.links import way_back
from engine.accounts.own import set_preferences
from engine.acting import Actor, NobodyActingError, current_act, seeing_all
from engine.circumstances import zone_of
from engine.database import db
from engine.registry import registry
from models.accounts import Account

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
        app,
        default_locale=DEFAULT_LANGUAGE,
        default_timezone=DEFAULT_ZONE,
        locale_selector=language,
        timezone_selector=zone,
        default_translation_directories=";".join(folders),
    )
    app.register_blueprint(switches)


def language() -> str:
    """The reader's language: the account's, else the one chosen in this browser, else what the browser asks for."""
    actor = _actor()
    if actor is not None and actor.staff_id is not None and actor.language in LANGUAGES:
        return actor.language
    if not has_request_context():
        return DEFAULT_LANGUAGE
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else _asked_for()


def _asked_for() -> str:
    wanted = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans", "en"], default="zh")
    return "en" if wanted == "en" else DEFAULT_LANGUAGE


def zone() -> str:
    """The time zone of the reader's department."""
    actor = _actor()
    return zone_of(db.session(), actor.department_id) if actor and actor.department_id else DEFAULT_ZONE


def html_language() -> str:
    """The language of the page, as `<html lang>` wants it."""
    return "zh-CN" if str(get_locale()).startswith("zh") else "en"


def appearance() -> str:
    """`light`, `dark`, or `auto` for what the device prefers."""
    signed_in = holder()
    chosen = signed_in.theme if signed_in is not None else request.cookies.get(APPEARANCE_COOKIE, "auto")
    return chosen if chosen in APPEARANCES else "auto"


@switches.post("/language")
def choose_language() -> ResponseReturnValue:
    """Keep the language and go back."""
    return _remember(LANGUAGE_COOKIE, request.form.get("language", ""), tuple(LANGUAGES))


@switches.post("/appearance")
def choose_appearance() -> ResponseReturnValue:
    """Keep light or dark and go back."""
    return _remember(APPEARANCE_COOKIE, request.form.get("appearance", ""), APPEARANCES)


def _remember(cookie: str, value: str, allowed: tuple[str, ...]) -> ResponseReturnValue:
    if value not in allowed:
        raise BadRequest
    _keep(cookie, value)
    response = redirect(way_back(), 303)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(cookie, value, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


def _keep(cookie: str, value: str) -> None:
    """Write the choice to the account of whoever is signed in."""
    signed_in = holder()
    if signed_in is None:
        return
    with seeing_all():
        account = db.session.get_one(Account, signed_in.account_id)
    chosen = {LANGUAGE_COOKIE: signed_in.language, APPEARANCE_COOKIE: signed_in.theme} | {cookie: value}
    set_preferences(db.session(), account, chosen[LANGUAGE_COOKIE], chosen[APPEARANCE_COOKIE])
    db.session.commit()


def _actor() -> Actor | None:
    try:
        return current_act().actor
    except NobodyActingError:
        return None
