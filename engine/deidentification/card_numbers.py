"""Numbers of bank cards, by their check digit or by the word before."""

import re
from collections.abc import Iterator

from engine.deidentification.finding import Found, Identifying

_NUMBER = re.compile(r"(?<![\dA-Za-z])\d(?:[\s\-]{0,2}\d){12,18}(?!\d)")
_NAMED = re.compile(
    r"(?:银行卡|信用卡|储蓄卡|借记卡|卡号|账号|帐号|户号|账户|card|account|iban|a/c)(?:号码?|\s?(?:number|no\.?|num\.?|#))*"
    r"[^\dA-Za-z\n，。；,;]{0,6}(?:is |was |为|是|:|：)?\s?(?P<number>\d(?:[\s\-]{0,2}\d){7,22})(?!\d)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:尾号|末四位|后四位|ending(?: in| with)?|last four(?: digits)?)[^\d\n]{0,6}(?P<number>\d{3,4})(?!\d)",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_TEN = 10


def find(text: str) -> Iterator[Found]:
    """Thirteen to nineteen digits that pass Luhn's check, accounts, and the last digits that people name."""
    for match in _NUMBER.finditer(text):
        if passes_luhn(re.sub(r"\D", "", match[0])):
            yield Found(match.start(), match.end(), Identifying.CARD_NUMBER)
    for pattern in (_NAMED, _TAIL):
        for match in pattern.finditer(text):
            yield Found(match.start("number"), match.end("number"), Identifying.CARD_NUMBER)
    for match in _IBAN.finditer(text):
        yield Found(match.start(), match.end(), Identifying.CARD_NUMBER)


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled >= _TEN else doubled
    return total % _TEN == 0
