"""Who is acting on a web request. Deny by default: what is not listed as open needs a signed-in person.

In order: the session's key is looked up; a session that is over is written off; the rest of the request is done by
its holder through the form door, and pages that are only looked at take no write lock; whoever still owes a step
(second factor, first password) is led there.
"""

import ipaddress
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf import CSRFProtect
from sqlalchemy import exists, select

from admin_views import headers
from admin_views.redirects import safe_target
from engine import clock
from engine.accounts import sessions
from engine.accounts.login import Opened
from engine.accounts.sessions import Ended, Holder, Owes
from engine.accounts.throttle import Caller
from engine.acting import Actor, Door, acting
from engine.config import Settings
from engine.database import db, only_reading
from models.accounts import EndReason
from models.organisation import Department

View = TypeVar("View", bound=Callable[..., Any])

NOBODY = Actor(staff_id=None)
"""Somebody who has not signed in: no role, no rows."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
SWITCHES = frozenset({"switches.choose_language", "switches.choose_appearance"})
STEPS = {
    Owes.CODE: "identity.code",
    Owes.TWO_STEP: "identity.set_up_two_step",
    Owes.PASSWORD: "identity.first_password",
}
"""Where a person who owes something is led; beside it only signing out and the switches are open."""
ALWAYS = SWITCHES | {"identity.sign_out"}
WHY = "over"
"""Key in the browser's cookie: why the last session ended, until the person has read it."""
SELF_ANSWERING = "dutybook.self_answering"
"""Key in `app.extensions`: blueprints that find out by themselves who acts."""

csrf = CSRFProtect()


class User(UserMixin):
    """Whoever is signed in, as Flask-Login and templates know them (`current_user`)."""

    def __init__(self, holder: Holder, key: str) -> None:
        """`key` is the session's key, which Flask-Login keeps in the browser's cookie."""
        self.holder = holder
        self.key = key

    def get_id(self) -> str:
        """What the cookie holds: the session's key, not the person's number."""
        return self.key

    def __str__(self) -> str:
        return self.holder.name


def init_app(app: Flask) -> None:
    """Find out who acts before anything else, then check forms against forgery."""
    app.extensions.setdefault(SELF_ANSWERING, set())
    headers.init_app(app)
    app.before_request(_begin)
    app.teardown_request(_finish)
    manager = LoginManager()
    # Sessions are ours, in the database; a changed IP address alone is no theft on a phone.
    manager.session_protection = None
    manager.user_loader(_user_of)
    manager.init_app(app)
    csrf.init_app(app)


def open_to_all(view: View) -> View:
    """Mark a page that needs no signed-in person. Whoever opens it still acts as nobody and sees no rows."""
    view.open_to_all = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def answers_for_itself(app: Flask, blueprint: str) -> None:
    """Leave a blueprint's requests alone: it has its own way to tell who acts (tokens of the API)."""
    app.extensions.setdefault(SELF_ANSWERING, set()).add(blueprint)


def settings() -> Settings:
    """The installation's settings."""
    found: Settings = current_app.config["DUTYBOOK"]
    return found


def caller() -> Caller:
    """Where the request comes from."""
    return Caller(request.remote_addr or "", request.user_agent.string)


def is_from_this_machine() -> bool:
    """Whether the request comes straight from this machine, through no proxy."""
    if settings().proxies:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def holder() -> Holder | None:
    """Who is signed in, whatever they still owe."""
    return current_user.holder if isinstance(current_user._get_current_object(), User) else None  # noqa: SLF001 the documented way past the proxy


def let_in(opened: Opened) -> None:
    """Give the browser a session that has just been opened; nothing of the one before stays in its cookie."""
    session.clear()
    found = sessions.look_up(db.session(), opened.key, demo=settings().demo)
    if not isinstance(found, Holder):
        abort(401)
    login_user(User(found, opened.key))


def let_out(why: EndReason) -> None:
    """Empty the browser's cookie and keep only why, for the page where the person signs in again."""
    session.clear()
    session[WHY] = why.value
    g.pop("_login_user", None)


def is_empty() -> bool:
    """Whether nobody has set the installation up yet."""
    return not db.session.scalar(select(exists(select(Department.id))))


def _begin() -> ResponseReturnValue | None:
    if headers.is_static() or request.blueprint in current_app.extensions[SELF_ANSWERING]:
        return None
    g.who = _who()
    stack = g.identity = ExitStack()
    stack.enter_context(acting(g.who.holder.actor if g.who else NOBODY, Door.FORM))
    if request.method in READING:
        stack.enter_context(only_reading())
    return _led_elsewhere(g.who)


def _finish(error: BaseException | None) -> None:  # noqa: ARG001 Flask's signature
    stack: ExitStack | None = g.pop("identity", None)
    if stack is not None:
        stack.close()


def _who() -> User | None:
    """The signed-in person. Looks up the session, writes off one that is over, notes one that is in use."""
    key = session.get("_user_id")
    if not isinstance(key, str):
        return None
    with acting(NOBODY, Door.FORM), only_reading():
        # What was read before this page may be old: it begins with a fresh look.
        db.session.rollback()
        found = sessions.look_up(db.session(), key, demo=current_app.config["DUTYBOOK"].demo)
        is_current = isinstance(found, Holder) and clock.now() - found.seen_at < sessions.SEEN_EVERY
        if is_current and request.method in READING:
            # The page reads on in the same transaction; what was found by the engine's eyes is nobody else's to see.
            db.session.expunge_all()
        else:
            db.session.rollback()
    if isinstance(found, Holder):
        if not is_current:
            sessions.seen(db.session(), found.session_id)
        return User(found, key)
    let_out(_written_off(found) if found else EndReason.EXPIRED)
    return None


def _written_off(found: Ended) -> EndReason:
    if found.fresh:
        with acting(NOBODY, Door.FORM):
            sessions.end(db.session(), found.session_id, found.why)
            db.session.commit()
    return found.why


def _user_of(key: str) -> User | None:
    """Flask-Login asks for whoever the cookie names: we have looked already."""
    who: User | None = g.get("who")
    return who if who is not None and who.key == key else None


def _led_elsewhere(who: User | None) -> ResponseReturnValue | None:
    """Where the request has to go first; None when it may go on."""
    endpoint = request.endpoint
    if endpoint is None:
        return None
    if who is None:
        return _stranger_led(endpoint)
    owes = who.holder.owes
    if owes is None or endpoint in ALWAYS or endpoint == STEPS[owes]:
        return None
    return redirect(url_for(STEPS[owes]), 303)


def _stranger_led(endpoint: str) -> ResponseReturnValue | None:
    if endpoint in SWITCHES or endpoint == "identity.setup":
        return None
    if is_empty():
        return redirect(url_for("identity.setup"), 303)
    if getattr(current_app.view_functions[endpoint], "open_to_all", False):
        return None
    if _wants_data():
        abort(401)
    way_back = safe_target(request.full_path.rstrip("?")) if request.method == "GET" and request.path != "/" else None
    return redirect(url_for("identity.sign_in", next=way_back), 303)


def _wants_data() -> bool:
    """A script's request: a redirect to a page would only confuse it."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json" or request.headers.get("X-Requested-With") == "XMLHttpRequest"
