"""Mobile and landline numbers in China and abroad, service numbers, and messenger accounts that stand for a phone."""

import re
from collections.abc import Iterator

from engine.deidentification.finding import Found, Identifying, matches

_GAP = r"[\s\-.·_/,、…~]{0,3}"
"""What people put between the digits of a number, as `finding.plain` leaves it."""
_EDGE = r"(?<![\dA-Za-z])"
_END = r"(?!\d)"
_COUNTRY = r"(?:(?:\+|00)?\s?86|\(\+?86\))[\s\-]?"
_MOBILE = re.compile(rf"(?<!\d)(?:{_COUNTRY})?1{_GAP}[3-9]{_GAP}(?:\d{_GAP}){{8}}\d{_END}")
_LANDLINE = re.compile(
    rf"{_EDGE}(?:{_COUNTRY})?\(?0[1-9]\d{{1,2}}\)?[\s\-/]{{0,3}}\d{{3,4}}[\s\-]?\d{{4}}(?:\s?(?:-|转|"
    rf"ext\.?)\s?\d{{1,6}})?{_END}",
    re.IGNORECASE,
)
_SERVICE = re.compile(rf"{_EDGE}[48]00[\s\-]?\d{{3,4}}[\s\-]?\d{{3,4}}{_END}")
_ABROAD = re.compile(rf"{_EDGE}(?:\+|00)\s?[1-9]\d{{0,2}}(?:[\s\-.]?\(?\d{{1,5}}\)?){{2,6}}{_END}")
_AMERICAN = re.compile(
    rf"{_EDGE}(?:\+?1[\s\-.])?(?:\(\d{{3}}\)\s?|\d{{3}}[\s\-.])\d{{3}}[\s\-.]\d{{4}}(?:\s?(?:x|"
    rf"ext\.?)\s?\d{{1,6}})?{_END}",
    re.IGNORECASE,
)
_BRITISH = re.compile(rf"{_EDGE}(?:0\d{{2,5}}[\s\-]|\(0\d{{2,5}}\)\s?)\d{{3,4}}[\s\-]?\d{{3,4}}{_END}")
_NAMED = re.compile(
    r"(?:电话|座机|固话|手机|号码|传真|联系方式|拨打|致电|回电|回拨|来电|phone"
    r"|mobile|cell|tel(?:ephone)?|fax|call(?:ed)?(?: me| him|"
    r" her| us| back)?(?: (?:on|at))?|number|extension|ext\.)"
    r"[^\d\n+()，。；,;]{0,8}(?P<number>[+(]?\d(?:[\s\-()]?\d){5,14})(?!\d)",
    re.IGNORECASE,
)
_MESSENGER = re.compile(
    r"(?:(?:微信号?|加微|V信|vx|wx|wechat|weixin|QQ号?|旺旺|抖音号|支付宝账?号?|whatsapp|skype|telegram|line id)"
    r"\s?(?:号|账号|帐号|id|no\.?|number)?\s?(?:是|为|is|:|：|=|\s)\s?|(?:微信|加微|V信|旺旺|抖音)号?\s?(?=[A-Za-z]*[0-9_\-]))(?P<account>[A-Za-z0-9][A-Za-z0-9_\-.]{3,}[A-Za-z0-9])",
    re.IGNORECASE,
)
_DIGIT = "[零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖0-9]"
_WORDS = re.compile(rf"{_DIGIT}(?:[\s\-,、…/.]{{0,2}}{_DIGIT}){{6,15}}")
_SHORTEST_SPOKEN = 7


def find(text: str) -> Iterator[Found]:
    """Numbers by their shape, numbers after a word that says so, numbers spelt in Chinese characters."""
    for pattern in (_MOBILE, _LANDLINE, _SERVICE, _ABROAD, _AMERICAN, _BRITISH):
        yield from matches(pattern, text, Identifying.PHONE)
    yield from matches(_NAMED, text, Identifying.PHONE, "number")
    yield from matches(_MESSENGER, text, Identifying.PHONE, "account")
    yield from _spoken(text)


def _spoken(text: str) -> Iterator[Found]:
    """`一三八零零幺…`: characters read out one by one."""
    for match in _WORDS.finditer(text):
        if not match[0].isascii() and sum(not char.isascii() for char in match[0]) >= _SHORTEST_SPOKEN:
            yield Found(match.start(), match.end(), Identifying.PHONE)
