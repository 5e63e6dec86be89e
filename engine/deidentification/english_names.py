"""Names of people in Latin letters: English ones, those of other languages, Chinese ones in pinyin."""

import re
from collections.abc import Iterator

from engine.deidentification.finding import Found, Identifying, matches
from engine.deidentification.vocabulary import ENGLISH_GIVEN, ENGLISH_WORDS, PINYIN_SYLLABLE

_WORD = r"[A-ZÀ-ÖØ-ÞĀ-Ž](?:['’])?[^\W\d_]{1,40}(?:['’\-](?!s\b)[^\W\d_]{1,40}){0,3}"
_ANY = r"[^\W\d_]{1,40}(?:['’\-][^\W\d_]{1,40}){0,3}"
_LINK = r"[ \t](?:[A-Z]\.?[ \t]){0,2}(?:(?:van|von|der|den|de|la|le|du|di|da|dos|bin|al|el)[ \t]){0,2}"
_NAME = rf"(?:[A-Z]\.[ \t]?){{0,3}}{_WORD}(?:{_LINK}{_WORD}){{0,3}}"
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam|Mister)\.?\s(?P<name>{_NAME})")
_INTRODUCED = re.compile(
    r"\b(?i:my name is|my name's|name(?: is| was)?:?|surname:?|caller:?|signed(?: for)? by:?|regards,?|"
    r"sincerely,?|on behalf of|"
    rf"account holder:?|cardholder:?|recipient:?|attn:?|contact:)\s+(?P<name>{_NAME})"
)
_SMALL = re.compile(rf"\bmy (?:full )?name(?: is|'s|’s)\s(?P<name>{_ANY}(?:\s{_ANY})?)", re.IGNORECASE)
_SPOKEN_OF = re.compile(
    r"\b(?i:i am|i'm|this is|speak(?:ing)? (?:to|with)|spoke (?:to|with)|called|named|thanks,?|dear|hi,?|hello,?|"
    r"tell|told|ask(?:ed)?(?: for)?|"
    r"customer|client|agent|colleague|engineer|driver|neighbour|neighbor|husband|wife|son|daughter|mother|father|"
    r"brother|sister|passenger|patient"
    rf")\s(?P<name>{_NAME})"
)
_RUN = re.compile(rf"(?<![^\W\d_])(?:[A-Z]\.[ \t]?){{0,3}}{_WORD}(?:{_LINK}{_WORD}){{0,5}}")
_ONE = re.compile(rf"(?<![^\W\d_]){_WORD}")
_SYLLABLES = re.compile(rf"{PINYIN_SYLLABLE}(?:['’\-]?{PINYIN_SYLLABLE}){{0,2}}", re.IGNORECASE)
_LONGEST_SHORT_FORM = 5


def find(text: str) -> Iterator[Found]:
    """Capitalised words that are no everyday ones: after what announces a name, in a row, or usual names alone."""
    yield from matches(_TITLED, text, Identifying.NAME, "name")
    yield from matches(_INTRODUCED, text, Identifying.NAME, "name")
    for match in _SMALL.finditer(text):
        first, *last = match["name"].split()
        end = match.end("name") if last and not _is_everyday(last[0]) else match.start("name") + len(first)
        yield Found(match.start("name"), end, Identifying.NAME)
    for match in _SPOKEN_OF.finditer(text):
        if not all(_is_everyday(word) for word in _ONE.findall(match["name"])):
            yield Found(match.start("name"), match.end("name"), Identifying.NAME)
    for match in _RUN.finditer(text):
        yield from _in_a_row(match)


def _in_a_row(run: re.Match[str]) -> Iterator[Found]:
    """From the first word that is no everyday one, when another follows; usual given names also by themselves."""
    words = [(word.start(), word[0]) for word in _ONE.finditer(run[0])]
    while words and _is_everyday(words[0][1]) and words[0][1].lower() not in ENGLISH_GIVEN:
        words.pop(0)
    if len(words) == 1 < len(run[0].split()) and all(map(_SYLLABLES.fullmatch, run[0].split())):
        yield Found(run.start(), run.end(), Identifying.NAME)
    elif len(words) > 1 or any(word.lower() in ENGLISH_GIVEN for _place, word in words):
        yield Found(run.start() + words[0][0], run.end(), Identifying.NAME)


def _is_everyday(word: str) -> bool:
    """Whether it says something beside a name; short forms do, too."""
    return ENGLISH_WORDS.issuperset(re.split(r"['’\-]", word.lower())) or (
        word.isupper() and len(word) <= _LONGEST_SHORT_FORM
    )
