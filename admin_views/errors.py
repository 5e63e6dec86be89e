"""What a person sees when something did not go through: plain sentences, what to do next, and never a stack."""

import logging
from collections.abc import Sequence

from flask import Flask, Response, has_request_context, render_template
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from admin_views.base.access import note_denied
from engine.acting import NobodyActingError, current_act, tie
from engine.database import db
from engine.errors import ConflictError, NotAllowedError, NotFoundError, PolicyError
from models.words import Words, _

log = logging.getLogger(__name__)

HEADINGS: dict[int, Words] = {
    400: _("This request could not be understood"),
    401: _("Please sign in"),
    403: _("You may not open this"),
    404: _("There is nothing here"),
    405: _("This cannot be done in this way"),
    409: _("Somebody else was faster"),
    413: _("This file is too large"),
    422: _("The rulebook speaks against this"),
    429: _("Too many attempts"),
    500: _("Something went wrong on our side"),
    503: _("Not available just now"),
}
SENTENCES: dict[int, Words] = {
    400: _("The page may have been open for too long, or its address is incomplete. Go back, reload and try again."),
    401: _("Your session has ended. Sign in again; what was saved is still there."),
    403: _("Your role does not allow this. Ask your administrator if you need it."),
    404: _("The page does not exist, or it is not among the records that you may see."),
    405: _("Go back and use the button on the page."),
    409: _("Reload the page to see what has changed, then try again."),
    413: _("Choose a smaller file, at most 20 MB."),
    422: _("Nothing was saved."),
    429: _("Wait a while and try again."),
    500: _("Nothing was saved. Try again; if it happens again, tell your administrator the number below."),
    503: _("Try again in a moment."),
}
OTHER = 400
"""Codes without words of their own read like this one; from 500 on, like 500."""


def init_app(app: Flask) -> None:
    """Answer refusals and errors with a page."""
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(PolicyError, on_policy)
    app.register_error_handler(ConflictError, on_conflict)
    app.register_error_handler(StaleDataError, on_stale)
    app.register_error_handler(NotAllowedError, on_not_allowed)
    app.register_error_handler(NotFoundError, on_not_found)
    app.register_error_handler(Exception, on_crash)


def on_http(error: HTTPException) -> ResponseReturnValue:
    """An error of HTTP; what carries its own response (a redirect) is let through."""
    if error.response is not None or error.code is None:
        return error
    return page(error.code)


def on_policy(error: PolicyError) -> ResponseReturnValue:
    """A write broke clauses: all of them are said."""
    db.session.rollback()
    return page(422, [violation.text for violation in error.violations])


def on_conflict(error: ConflictError) -> ResponseReturnValue:
    """Somebody else moved the record first."""
    db.session.rollback()
    return page(409, [str(error.sentence)])


def on_stale(error: StaleDataError) -> ResponseReturnValue:  # noqa: ARG001 the database's own words say nothing to a person
    """Somebody else wrote the record first."""
    db.session.rollback()
    return page(409)


def on_not_allowed(error: NotAllowedError) -> ResponseReturnValue:
    """The actor's roles do not grant it; the attempt stands in the audit, whichever layer stopped it."""
    note_denied(error.entity, error.action)
    return page(403, [str(error.sentence)])


def on_not_found(error: NotFoundError) -> ResponseReturnValue:  # noqa: ARG001 whether it exists is not told
    """No such row, or none that this person may see."""
    db.session.rollback()
    return page(404)


def on_crash(error: Exception) -> ResponseReturnValue:
    """A fault of ours: logged with its stack and a number, which is all that the page shows."""
    db.session.rollback()
    log.error("request failed", exc_info=error, extra={"request_id": _request_id()})
    return page(InternalServerError.code)


def page(code: int, sentences: Sequence[str] = ()) -> ResponseReturnValue:
    """The page for a status code, with its usual sentence unless others are given.

    A fault of ours is told without the frame: what broke the page may break the frame as well.
    """
    known = code if code in HEADINGS else (500 if code >= InternalServerError.code else OTHER)
    if not _can_link():
        return Response(f"{code} {HEADINGS[known]}", code, content_type="text/plain; charset=utf-8")
    said = list(sentences) or [str(SENTENCES[known])]
    html = render_template(
        "errors/error.html",
        code=code,
        heading=HEADINGS[known],
        sentences=said,
        request_id=_request_id(),
        framed=_is_signed_in() and code < InternalServerError.code,
    )
    return html, code


def _can_link() -> bool:
    """Whether addresses can be made: not for a request that calls us by a name that is not ours."""
    return not has_request_context() or request_ctx.url_adapter is not None


def _request_id() -> str:
    """The number by which the log and the audit know the request."""
    try:
        return current_act().request_id
    except NobodyActingError:
        return tie()


def _is_signed_in() -> bool:
    try:
        return current_act().actor.staff_id is not None
    except NobodyActingError:
        return False
