"""E-mail addresses, also spelt out to dodge a search."""

import re
from collections.abc import Iterator

from engine.deidentification.finding import Found, Identifying, matches

_AT = r"(?:\s?@\s?|\s?[\(\[]\s?at\s?[\)\]]\s?|\s?艾特\s?)"
_DOT = r"(?:\.|\s\.\s|\s?点\s?|\s?[\(\[]\s?dot\s?[\)\]]\s?)"
_CHINESE_ENDS = "中国|公司|网络|网址|在线|中文网|商城|集团|我爱你|香港|台湾"
_BEGIN = r"(?<![A-Za-z0-9._%+\-])"
_WRITTEN = re.compile(
    rf"{_BEGIN}[A-Za-z0-9][A-Za-z0-9._%+\-]{{0,63}}{_AT}[A-Za-z0-9\-]{{1,63}}(?:{_DOT}[A-Za-z0-9\-]{{1,63}}){{0,5}}{_DOT}[A-Za-z]{{2,24}}",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    rf"{_BEGIN}[A-Za-z0-9._%+\-]{{1,64}}@[A-Za-z0-9\u4e00-\u9fff.\-]{{1,120}}\.(?:[A-Za-z]{{2,24}}|{_CHINESE_ENDS})"
)
_SAID = re.compile(
    r"\b[a-z0-9][a-z0-9._]{0,63}(?:\s(?:dot|underscore)\s[a-z0-9]{1,64}){0,5}\sat\s[a-z0-9]{1,64}(?:\sdot\s[a-z]{1,24}){1,5}\b",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Found]:
    """`a@b.cn`, `a ＠ b.cn`, `a(at)b(dot)cn`, `a at b dot cn`."""
    for pattern in (_PLAIN, _WRITTEN, _SAID):
        yield from matches(pattern, text, Identifying.EMAIL)
