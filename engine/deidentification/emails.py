"""E-mail addresses, also spelt out to dodge a search."""

import re
from collections.abc import Iterator

from engine.deidentification.finding import Found, Identifying, matches

_AT = r"(?:\s?@\s?|\s?[\(\[]\s?at\s?[\)\]]\s?|\s?艾特\s?)"
_DOT = r"(?:\s?\.\s?|\s?[\(\[]\s?dot\s?[\)\]]\s?)"
_WRITTEN = re.compile(
    rf"[A-Za-z0-9][A-Za-z0-9._%+\-]*{_AT}[A-Za-z0-9\-]+(?:{_DOT}[A-Za-z0-9\-]+)*{_DOT}[A-Za-z]{{2,}}", re.IGNORECASE
)
_PLAIN = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\u4e00-\u9fff.\-]+\.[A-Za-z\u4e00-\u9fff]{2,}")
_SAID = re.compile(r"\b[a-z0-9]+(?:\s(?:dot|underscore)\s[a-z0-9]+)*\sat\s[a-z0-9]+(?:\sdot\s[a-z]+)+\b", re.IGNORECASE)


def find(text: str) -> Iterator[Found]:
    """`a@b.cn`, `a ＠ b.cn`, `a(at)b(dot)cn`, `a at b dot cn`."""
    for pattern in (_PLAIN, _WRITTEN, _SAID):
        yield from matches(pattern, text, Identifying.EMAIL)
