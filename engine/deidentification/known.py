"""What a real record says of its customer, found again: a name however spaced, a number however grouped."""

import re
from collections.abc import Iterable, Iterator, Mapping

from engine.deidentification.finding import Found, Identifying, plain

_SHORTEST = 2
_DIGITS = 7


def find(text: str, known: Mapping[str, Identifying]) -> Iterator[Found]:
    """Every place of each known text; a number also when only its digits are the same."""
    for told, kind in known.items():
        for pattern in _patterns(plain(told).strip()):
            yield from (Found(m.start(), m.end(), kind) for m in re.finditer(pattern, text, re.IGNORECASE))


def _patterns(told: str) -> Iterable[str]:
    if len(told) < _SHORTEST:
        return
    yield r"\s*".join(re.escape(char) for char in told if not char.isspace())
    digits = re.sub(r"\D", "", told)
    if len(digits) >= _DIGITS:
        yield r"[\s\-.()]*".join(digits)
