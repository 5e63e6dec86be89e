"""Who calls. A request carries a token and nothing else counts: no cookie, no session, no other origin's page.

In order: the address's allowance, the token, the token's allowance; then the rest of the request is done by the token's
holder through this door, in the language that the request asks for.
"""

from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import BaseConverter, Rule

from api import limits, problems
from api.problems import DENIED, METHOD, MISSING, UNKNOWN_CALLER, ProblemError
from engine.accounts import tokens
from engine.accounts.throttle import Caller
from engine.accounts.tokens import Bearer, Dead
from engine.acting import Actor, Door, acting
from engine.config import MEGABYTE, Settings
from engine.database import db, only_reading
from models.words import _

PREFIX = "/api/v1"
NOBODY = Actor(staff_id=None)
READING = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_TOKEN = 200
MOST_SENT, MOST_SENT_AT_ONCE = MEGABYTE, 10 * MEGABYTE
LANGUAGES = {"en": "en", "zh": "zh_Hans_CN"}
CHALLENGE = 'Bearer realm="Dutybook"'
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
OPEN = frozenset({"api.openapi", "api.docs"})
"""What is also answered without a token: how to get one."""


class RowConverter(BaseConverter):
    """The place of a record's id in an address: digits, as many as any key has."""

    regex = "[0-9]{1,19}"


class RestConverter(BaseConverter):
    """Whatever is left of an address, an escaped line break too."""

    regex = r"[\s\S]+"
    part_isolating = False


pages = Blueprint("api", __name__, url_prefix=PREFIX)


def init_app(app: Flask) -> None:
    """Serve the blueprint beside the screens: nothing of their sessions and form tokens holds here."""
    app.url_map.converters |= {"row": RowConverter, "rest": RestConverter}
    app.register_blueprint(pages)
    # Whatever else is under the prefix, by whatever method, is answered here and not with a page of the screens.
    for path in (PREFIX, f"{PREFIX}/", f"{PREFIX}/<rest:rest>"):
        app.url_map.add(Rule(path, endpoint="api.nothing", methods=None))
    app.view_functions["api.nothing"] = nothing
    app.extensions["csrf"].exempt(pages)
    app.extensions["dutybook.self_answering"].add(pages.name)
    app.before_request(_misnamed)
    app.teardown_request(_end)


def _misnamed() -> ResponseReturnValue | None:
    """Whoever calls this machine by a name that is not ours reaches no route, and so nothing of this blueprint."""
    error = request.routing_exception
    if isinstance(error, BadRequest) and f"{request.path}/".startswith(f"{PREFIX}/"):
        return _finish(problems.on_http(error))
    return None


def nothing(rest: str = "") -> ResponseReturnValue:  # noqa: ARG001 the address is looked at as a whole
    """404, or 405 with what can be done at this address."""
    adapter = current_app.url_map.bind(request.host or "localhost")
    allowed = [method for method in METHODS if _leads(adapter, method)]
    if allowed:
        raise ProblemError(METHOD, headers={"Allow": ", ".join([*allowed, *(["HEAD"] if "GET" in allowed else [])])})
    raise ProblemError(MISSING)


def _leads(adapter: Any, method: str) -> bool:
    try:
        endpoint, _values = adapter.match(request.path, method=method)
    except HTTPException:
        return False
    return bool(endpoint != "api.nothing")


def _begin() -> ResponseReturnValue | None:
    stack = g.api = ExitStack()
    asked = _asked_language()
    if asked:
        stack.enter_context(force_locale(asked))
    stack.enter_context(acting(NOBODY, Door.API))
    request.max_content_length = MOST_SENT_AT_ONCE if request.path.endswith("/bulk") else MOST_SENT
    bearer = _bearer()
    if bearer is None and request.endpoint in OPEN:
        stack.enter_context(only_reading())
        return None
    if bearer is None:
        raise ProblemError(UNKNOWN_CALLER, headers={"WWW-Authenticate": CHALLENGE})
    g.bearer = bearer
    if not asked:
        stack.enter_context(force_locale(bearer.language))
    g.allowance = limits.spend(limits.of_token(bearer.digest))
    actor = replace(bearer.actor, language=asked or bearer.language)
    stack.enter_context(acting(actor, Door.API))
    if request.method in READING:
        stack.enter_context(only_reading())
    return None


def _bearer() -> Bearer | None:
    """Who the token says calls; None without one. Raises ProblemError for one that opens nothing."""
    kind, _blank, key = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return None
    address = limits.of_address(caller())
    limits.spend(address)
    found = _looked_up(key.strip()) if kind.casefold() == "bearer" and len(key) <= LONGEST_TOKEN else None
    if isinstance(found, Bearer):
        return found
    # Guessing costs as much as twenty requests.
    limits.spend(address, limits.PRICE_OF_A_WRONG_TOKEN)
    detail = found.why.label if isinstance(found, Dead) else _("This token is not known.")
    headers = {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}
    raise ProblemError(UNKNOWN_CALLER, detail, headers=headers)


def _looked_up(key: str) -> Bearer | Dead | None:
    with only_reading():
        found = tokens.look_up(db.session(), key, demo=settings().demo)
        db.session.rollback()
    if isinstance(found, Dead):
        tokens.write_off(db.session(), found)
    elif found is not None and found.stale:
        tokens.seen(db.session(), found.token_id, caller())
    return found


def bearer() -> Bearer:
    """Who calls. Raises ProblemError (401) for nobody."""
    found: Bearer | None = g.get("bearer")
    if found is None:
        raise ProblemError(UNKNOWN_CALLER, headers={"WWW-Authenticate": CHALLENGE})
    return found


def demand(entity: str, *, writing: bool) -> None:
    """Raise ProblemError (403) unless the token's scopes reach the entity."""
    if not bearer().scopes.allow(entity, writing=writing):
        scope = f"{'write' if writing else 'read'}:{entity}"
        headers = {"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'}
        raise ProblemError(
            DENIED, _("This token was not made for that: it lacks %(scope)s.", scope=scope), headers=headers
        )


def caller() -> Caller:
    """Where the request comes from."""
    return Caller(request.remote_addr or "", request.user_agent.string)


def settings() -> Settings:
    """The installation's settings."""
    found: Settings = current_app.config["DUTYBOOK"]
    return found


def _asked_language() -> str | None:
    """The language that the request names; None when it leaves it to the account."""
    found = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans", "zh-Hans-CN", "en"])
    return LANGUAGES[found.partition("-")[0]] if found else None


def _finish(response: Response) -> Response:
    allowance: limits.Allowance | None = g.get("allowance")
    if allowance is not None:
        response.headers.update(allowance.headers())
    response.headers["Vary"] = "Authorization, Accept-Language"
    return response


def _end(error: BaseException | None) -> None:  # noqa: ARG001 Flask's signature
    stack: ExitStack | None = g.pop("api", None)
    if stack is not None:
        stack.close()


# Once, as the module is read: a process may build several applications.
problems.init_app(pages)
pages.before_request(_begin)
pages.after_request(_finish)
