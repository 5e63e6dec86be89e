"""The scorecard as a component: what a page gives it, what it sends back. Inspections and calibrations share it."""

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from admin_views.base.page import clause_address, said
from admin_views.base.saving import Refused
from admin_views.formats import words
from engine.errors import Violation
from models.qa_inspection import Severity
from models.scorecard import Scorecard, ScorecardItem
from models.words import Words, _

KEYS = string.ascii_lowercase
"""One letter an item; a scorecard with more items than letters leaves the last ones to the mouse and the Tab key."""
LONGEST = {"problem": 1000, "cause": 400}
BAD_REQUEST, CONFLICT = 400, 409


@dataclass(frozen=True)
class Line:
    """One item of the scorecard on the page."""

    id: int
    key: str
    name: str
    earlier: Sequence[Any] = ()


@dataclass(frozen=True)
class Group:
    """The items of one category."""

    name: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """A finding as the page sends it: typed, not yet judged."""

    id: Any
    item_id: int
    severity: Severity
    deduction: Decimal
    problem: str
    cause: str | None
    version: int | None
    sent_before: bool = False
    """Sent again because no answer came: the server may have it already."""


def groups_of(card: Scorecard, earlier: Mapping[str, Sequence[Any]] | None = None) -> list[Group]:
    """The scorecard by category; `earlier` are findings of the same agent by the item's code."""
    groups: dict[str, Group] = {}
    for place, item in enumerate(card.items):
        group = groups.setdefault(item.category, Group(words(item.category_name)))
        key = KEYS[place] if place < len(KEYS) else ""
        group.lines.append(Line(item.id, key, words(item.name), (earlier or {}).get(item.code, ())))
    return list(groups.values())


def setup_of(card: Scorecard, findings: Sequence[Mapping[str, Any]], **urls: str) -> dict[str, Any]:
    """What the page's script begins with. `urls`: `save`, `remove`, `hand_in`, `state`, perhaps `remark`."""
    return {
        "base": plain(card.base_score),
        "floor": plain(card.floor),
        "bands": card.bands,
        "findings": list(findings),
        "urls": urls,
        "severities": [{"code": s.value, "label": str(s.label), "tone": s.tone} for s in Severity],
        "token": generate_csrf(),
        "words": {name: str(sentence) for name, sentence in WORDS.items()},
        "signIn": url_for("identity.sign_in"),
    }


def finding_data(finding: Any) -> dict[str, Any]:
    """A stored finding as the script knows it."""
    return {
        "id": finding.id,
        "item_id": finding.item_id,
        "severity": finding.severity.value,
        "deduction": plain(finding.deduction),
        "problem": finding.problem,
        "cause": finding.cause or "",
        "version": finding.version,
    }


def plain(points: Decimal) -> str:
    """Points without useless zeros."""
    return f"{points.normalize():f}"


def entry_sent(keyed: Callable[[Any], Any] = int) -> Entry:
    """The finding in the request's JSON. What is no finding at all answers 400: our own script does not send it.

    `keyed` reads the key of a stored finding: a row's number, or what a blind score calls its findings.
    """
    given = sent()
    try:
        return Entry(
            None if given.get("id") is None else keyed(given["id"]),
            int(given["item_id"]),
            Severity(given["severity"]),
            _points(given.get("deduction")),
            _text(given, "problem"),
            _text(given, "cause") or None,
            _number(given.get("version")),
            given.get("sent_before") is True,
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        abort(BAD_REQUEST)


def sent() -> Mapping[str, Any]:
    """The request's JSON object, or 400."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        abort(BAD_REQUEST)
    return given


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def _points(value: Any) -> Decimal:
    try:
        points = Decimal(str(value))
    except InvalidOperation:
        raise ValueError from None
    if not points.is_finite() or abs(points) >= Decimal(10_000) or points != round(points, 2):
        raise ValueError
    return points


def _text(given: Mapping[str, Any], name: str) -> str:
    text = given.get(name) or ""
    if not isinstance(text, str) or len(text) > LONGEST[name] or "\x00" in text:
        raise ValueError
    return text.strip()


def refusal(refused: Refused) -> ResponseReturnValue:
    """Why nothing was saved: each objection with its clause and the field that it concerns."""
    problems = [_problem(violation) for violation in refused.violations]
    if refused.sentence:
        problems.append({"field": None, "text": str(refused.sentence), "clause": "", "url": None})
    return jsonify(problems=problems), refused.status


def _problem(violation: Violation) -> dict[str, Any]:
    sentence = said(violation)
    return {
        "field": violation.field,
        "text": sentence.text,
        "clause": sentence.clause,
        "url": clause_address(sentence.clause),
    }


def item_of(card: Scorecard, item_id: int) -> ScorecardItem:
    """The item, or 400 when it is on another scorecard."""
    found = next((item for item in card.items if item.id == item_id), None)
    if found is None:
        abort(BAD_REQUEST)
    return found


WORDS: Mapping[str, Words] = {
    "saved": _("Everything is saved."),
    "saving": _("Saving…"),
    "writing": _("Write the problem: then it is saved by itself."),
    "offline": _("No connection: not saved yet. It is tried again by itself; keep this page open."),
    "refused": _("Not saved: please look at the marked finding."),
    "signed_out": _("You are signed out. Sign in again in another tab and come back: nothing of this page is lost."),
    "sign_in": _("Sign in"),
    "changed": _("This was changed in another window. Load the page again to see it."),
    "removed": _("Removed."),
    "undo": _("Undo"),
    "no_points": _("Give the points as a number within the band."),
    "restored": _("What was not saved last time is here again."),
    "leaving": _("Some findings are not saved yet."),
    "handing_in": _("Handing in…"),
    "keys_on": _("Letter keys on"),
    "keys_off": _("Letter keys off"),
}
