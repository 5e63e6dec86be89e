"""When database or disk cannot do their work: one clear sentence, nothing saved, and nothing typed is lost."""

import logging

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from admin_views import errors
from engine.database import db
from engine.database_trouble import Trouble, trouble_of

UNAVAILABLE = 503
SECONDS = "5"
"""When to come back, for browsers and programs."""
SECRET = ("password", "code", "key", "token")
"""A field with such a name is not put on a page again."""

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Answer these faults with 503 and a way to send the same again."""
    for kind in (DBAPIError, NoConnectionError, OSError):
        app.register_error_handler(kind, on_fault)


def on_fault(error: Exception) -> ResponseReturnValue:
    """Say what is the matter; what is none of these is a fault of ours."""
    trouble = trouble_of(error)
    if trouble is None:
        return errors.on_crash(error)
    log.error("%s: %s", trouble.value, type(getattr(error, "orig", None) or error).__name__)
    _let_go()
    answer = make_response(_said(trouble), UNAVAILABLE)
    answer.headers["Retry-After"] = SECONDS
    return answer


def _let_go() -> None:
    """Roll back; a connection that is lost needs no word from us."""
    try:
        db.session.rollback()
    except SQLAlchemyError:
        db.session.remove()


def _said(trouble: Trouble) -> Response | str:
    if request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html") == "application/json":
        return jsonify(errors=[str(trouble.sentence)])
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return jsonify(errors=[str(trouble.sentence)])
    return render_template(
        "errors/trouble.html",
        heading=errors.HEADINGS[UNAVAILABLE],
        sentence=trouble.sentence,
        again=request.full_path.rstrip("?"),
        typed=_typed(),
        has_files=any(file.filename for file in request.files.values()),
    )


def _typed() -> list[tuple[str, str]]:
    """What was sent, to be sent again by a button; secrets are typed anew."""
    pairs = request.form.items(multi=True) if request.method == "POST" else ()
    return [(name, text) for name, text in pairs if name != "csrf_token" and not _is_secret(name)]


def _is_secret(name: str) -> bool:
    return any(part in name.lower() for part in SECRET)
