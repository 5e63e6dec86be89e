"""Problem documents (RFC 9457): whatever goes wrong is said in one shape and in the reader's language."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, json, request
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from engine import audit
from engine.acting import NobodyActingError, current_act
from engine.constraints import constraint_columns, is_unique
from engine.database import db
from engine.errors import ConflictError, DutybookError, NotAllowedError, NotFoundError, PolicyError, Violation
from engine.permissions import Sight, matrix
from models.words import Words, _

log = logging.getLogger(__name__)

TYPE = "application/problem+json"
BAD, UNKNOWN_CALLER, DENIED, MISSING, METHOD, CONFLICT = 400, 401, 403, 404, 405, 409
PRECONDITION, LARGE, UNSUPPORTED, UNPROCESSABLE, UNCONDITIONAL, OFTEN, OURS, BUSY = (
    *(412, 413, 415, 422, 428, 429, 500, 503),
)
TITLES: dict[int, Words] = {
    BAD: _("This request could not be understood"),
    UNKNOWN_CALLER: _("A valid token is needed"),
    DENIED: _("You may not do this"),
    MISSING: _("There is nothing here"),
    METHOD: _("This cannot be done in this way"),
    CONFLICT: _("Somebody else was faster"),
    PRECONDITION: _("Somebody else changed this in the meantime"),
    LARGE: _("This is too large"),
    UNSUPPORTED: _("This kind of content is not read here"),
    UNPROCESSABLE: _("The rulebook speaks against this"),
    UNCONDITIONAL: _("Say which version you read"),
    OFTEN: _("Too many requests"),
    OURS: _("Something went wrong on our side"),
    BUSY: _("Not available just now"),
}
DETAILS: dict[int, Words] = {
    BAD: _("Compare the request with the OpenAPI document."),
    UNKNOWN_CALLER: _("Send a token that is made under “My account”: Authorization: Bearer dtb_…"),
    DENIED: _("Your role does not allow this. Ask your administrator if you need it."),
    MISSING: _("There is no such address, or no such record among those that you may see."),
    METHOD: _("The Allow header names what can be done here."),
    CONFLICT: _("Read the record again, then decide anew. Nothing was changed."),
    PRECONDITION: _("Compare both versions, then send the change again with the newer one. Nothing was changed."),
    LARGE: _("Send less at once."),
    UNSUPPORTED: _("Send JSON, and say so: Content-Type: application/json."),
    UNPROCESSABLE: _("Nothing was saved. The violations say why."),
    UNCONDITIONAL: _("Send the ETag that you read in If-Match, so that nobody's change is lost."),
    OFTEN: _("Wait as long as Retry-After says."),
    OURS: _("Nothing was saved. Try again; if it happens again, tell your administrator the number."),
    BUSY: _("Try again in a moment."),
}
SCOPING = frozenset({"department_id", "id", "version"})


@dataclass(frozen=True)
class Said:
    """One thing that is wrong: the clause that says so, the field, and the sentence."""

    clause: str
    field: str | None
    message: str
    rule: str | None = None

    def plain(self) -> dict[str, Any]:
        """As the document holds it."""
        found = {"clause": self.clause or None, "field": self.field, "message": self.message}
        return found | ({"rule": self.rule} if self.rule else {})


class ProblemError(DutybookError):
    """Something that is answered with a problem document."""

    def __init__(
        self,
        status: int,
        detail: Words | None = None,
        violations: Sequence[Said] = (),
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """`more` are further members of the document."""
        super().__init__(str(status))
        self.status, self.detail, self.violations = status, detail, tuple(violations)
        self.headers, self.more = dict(headers or {}), dict(more or {})


@dataclass(frozen=True)
class Problem:
    """A problem document."""

    status: int
    detail: Words | None = None
    violations: Sequence[Said] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def response(self) -> Response:
        """The answer."""
        known = self.status if self.status in TITLES else (OURS if self.status >= OURS else BAD)
        body = {
            "type": "about:blank",
            "title": str(TITLES[known]),
            "status": self.status,
            "detail": str(self.detail or DETAILS[known]),
            "instance": f"urn:dutybook:request:{request_id()}",
            "violations": [said.plain() for said in self.violations],
            **self.more,
        }
        response = Response(json.dumps(body), self.status, content_type=TYPE)
        response.headers.update(dict(self.headers))
        return response


def init_app(pages: Blueprint) -> None:
    """Answer everything that goes wrong in this blueprint with a problem document."""
    pages.register_error_handler(Exception, on_error)
    pages.register_error_handler(HTTPException, on_http)


def on_http(error: HTTPException) -> Response:
    """An error of HTTP itself."""
    db.session.rollback()
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return Problem(error.code or BAD, headers=headers).response()


def on_error(error: Exception) -> Response:
    """Whatever was raised: rolled back, then said."""
    db.session.rollback()
    problem = problem_of(error)
    if isinstance(error, NotAllowedError):
        note_denied(error.entity, error.action)
    if problem.status >= OURS:
        log.error("request failed", exc_info=error, extra={"request_id": request_id(), "path": request.path})
    return problem.response()


def problem_of(error: Exception) -> Problem:  # noqa: PLR0911 one line a kind
    """What is told of an error: the rulebook's sentences, never SQL, a stack or anybody's data."""
    if isinstance(error, ProblemError):
        return Problem(error.status, error.detail, error.violations, error.headers, error.more)
    if isinstance(error, PolicyError):
        return _of_policy(error.violations)
    if isinstance(error, ConflictError):
        return Problem(CONFLICT, error.sentence)
    if isinstance(error, StaleDataError):
        return Problem(PRECONDITION)
    if isinstance(error, NotAllowedError):
        return Problem(DENIED, error.sentence)
    if isinstance(error, NotFoundError):
        return Problem(MISSING)
    if isinstance(error, IntegrityError):
        return _of_constraint(error)
    if isinstance(error, DataError):
        return Problem(UNPROCESSABLE, _("A value does not fit its field."))
    if isinstance(error, OperationalError):
        return Problem(BUSY, headers={"Retry-After": "1"})
    return Problem(OURS)


def _of_policy(violations: Sequence[Violation]) -> Problem:
    status = DENIED if all(violation.rule == "gate.granted" for violation in violations) else UNPROCESSABLE
    return Problem(status, violations=[said(violation) for violation in violations])


def _of_constraint(error: IntegrityError) -> Problem:
    fields = [name for name in constraint_columns(error) if name not in SCOPING] or [None]  # type: ignore[list-item]  # no field in particular
    if is_unique(error):
        sentence = _("This already exists. Please choose another one.")
        return Problem(CONFLICT, sentence, [Said("", name, str(sentence)) for name in fields])
    sentence = _("A value is missing, or points to something that is no longer there.")
    return Problem(UNPROCESSABLE, violations=[Said("", name, str(sentence)) for name in fields])


def said(violation: Violation) -> Said:
    """A broken clause in the reader's words, its clause apart."""
    text = violation.text.removesuffix(f" ({violation.clause})")
    entity = violation.record.__tablename__ if violation.record is not None else ""
    seen = matrix.sight(current_act().actor, entity, violation.field or "")
    return Said(violation.clause, violation.field if seen is not Sight.NONE else None, text, violation.rule)


def wrong(name: str | None, sentence: Words) -> Said:
    """Something wrong with a field that no clause is about."""
    return Said("", name, str(sentence))


def note_denied(entity: str, action: str, record_id: int | None = None) -> None:
    """Put the attempt into the audit, and nothing else that was under way."""
    db.session.rollback()
    audit.note(db.session(), "denied", entity, record_id, changes={"action": [None, action]})
    db.session.commit()


def request_id() -> str:
    """The number by which log and audit know this request."""
    try:
        return current_act().request_id
    except NobodyActingError:
        return ""
