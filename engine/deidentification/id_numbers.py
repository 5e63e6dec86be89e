"""Numbers of identity documents: resident identity cards with their check digit, passports and permits."""

import re
from collections.abc import Iterator
from datetime import date

from engine.deidentification.finding import Found, Identifying, matches

_GAP = r"[\s\-]{0,2}"
_CARD = re.compile(rf"(?<![\dA-Za-z])(?:\d{_GAP}){{17}}[\dXx](?!\d)")
_OLD_CARD = re.compile(rf"(?<![\dA-Za-z])(?:\d{_GAP}){{14}}\d(?![\dA-Za-z])")
_NAMED = re.compile(
    r"(?:身份证|证件|护照|通行证|驾驶证|驾照|社保|医保|港澳|台胞|居留|ID(?:\s?card)?"
    r"|identity(?: card)?|passport|permit|licen[cs]e|"
    r"SSN|social security|national insurance)"
    r"(?:号码?|编号|卡号?|\s?(?:number|no\.?|num\.?|#))*[^\dA-Za-z\n，。；,;]{0,6}(?:is |was |为|是|:|：)?\s?"
    r"(?P<number>(?=[A-Za-z\-\s]{0,4}\d)[A-Za-z0-9](?:[\s\-]?[A-Za-z0-9]){5,18}(?<=[0-9XxA-Z]))(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_PASSPORT = re.compile(r"(?<![\dA-Za-z])(?:[EGDSPHM]\d{8}|E[A-HJ-NP-Z]\d{7}|[HM]\d{10})(?![\dA-Za-z])")
_SSN = re.compile(r"(?<![\d\-])\d{3}-\d{2}-\d{4}(?![\d\-])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_REGIONS = frozenset(
    {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83}
)
_DIGITS_NEEDED = 5
FIRST_YEAR = 1900
"""Nobody alive was born before."""


def find(text: str) -> Iterator[Found]:
    """By check digit or birthday, by shape, or by the word before."""
    for match in _CARD.finditer(text):
        digits = _bare(match[0])
        if check_digit(digits[:17]) == digits[17] or (_is_region(digits) and _is_day(digits[6:14])):
            yield Found(match.start(), match.end(), Identifying.ID_NUMBER)
    for match in _OLD_CARD.finditer(text):
        digits = _bare(match[0])
        if _is_region(digits) and _is_day(f"19{digits[6:12]}"):
            yield Found(match.start(), match.end(), Identifying.ID_NUMBER)
    for match in _NAMED.finditer(text):
        if sum(char.isdigit() for char in match["number"]) >= _DIGITS_NEEDED:
            yield Found(match.start("number"), match.end("number"), Identifying.ID_NUMBER)
    yield from matches(_PASSPORT, text, Identifying.ID_NUMBER)
    yield from matches(_SSN, text, Identifying.ID_NUMBER)


def check_digit(first: str) -> str:
    """The eighteenth character of a resident identity card, from its first seventeen digits (GB 11643)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def _bare(text: str) -> str:
    return re.sub(r"[\s\-]", "", text).upper()


def _is_region(digits: str) -> bool:
    return int(digits[:2]) in _REGIONS


def _is_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year >= FIRST_YEAR
    except ValueError:
        return False
