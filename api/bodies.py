"""What was sent, read strictly: one JSON object, no key twice, no number that only some programs understand."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from flask import request

from api.problems import BAD, UNPROCESSABLE, UNSUPPORTED, ProblemError, Said
from models.words import _

DEEPEST = 12
MOST_DIGITS = 40
JSON_TYPES = frozenset({"application/json", "application/merge-patch+json"})


class _RefusedError(ValueError):
    """A part of the text that strict JSON does not know."""


def json_object(*, may_be_empty: bool = False) -> dict[str, Any]:
    """The request's body. Raises ProblemError: 400 for what is no JSON, 413, 415, 422 for what is no object."""
    raw = request.get_data(cache=True)
    if not raw and may_be_empty:
        return {}
    if request.mimetype not in JSON_TYPES - {"application/merge-patch+json"}:
        raise ProblemError(UNSUPPORTED, _("Send JSON, and say so: Content-Type: application/json."))
    found = _parsed(raw)
    if not isinstance(found, dict):
        raise ProblemError(UNPROCESSABLE, _("A JSON object is expected."))
    _check(found)
    return found


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_refuse,
            parse_float=_exact,
            parse_int=_whole,
        )
    except (ValueError, RecursionError) as error:
        says = _("This is not JSON as RFC 8259 describes it: check commas, quotes, repeated names and the encoding.")
        raise ProblemError(BAD, says) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RefusedError
    return found


def _refuse(constant: str) -> NoReturn:
    raise _RefusedError(constant)


def _exact(text: str) -> Decimal:
    if len(text) > MOST_DIGITS:
        raise _RefusedError
    return Decimal(text)


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise _RefusedError
    return int(text)


def _check(found: Any) -> None:
    """Depth, and text that no database stores. Walks without recursion: nobody's nesting breaks it."""
    waiting = [(found, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise ProblemError(UNPROCESSABLE, _("This is nested more than %(most)s deep.", most=DEEPEST))
        if isinstance(value, dict):
            waiting += [(each, depth + 1) for pair in value.items() for each in pair]
        elif isinstance(value, list):
            waiting += [(each, depth + 1) for each in value]
        elif isinstance(value, str) and not is_storable(value):
            says = _("A text holds a character that cannot be stored: U+0000, or half of a pair.")
            raise ProblemError(UNPROCESSABLE, says, [Said("", None, str(says))])


def is_storable(text: str) -> bool:
    """Whether a database can keep the text."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
