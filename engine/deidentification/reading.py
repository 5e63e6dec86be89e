"""Reads Chinese text as words and names in the likeliest way: a name is where words explain the characters worse."""

import re
from collections.abc import Iterator, Mapping
from math import inf
from typing import NamedTuple

from engine.deidentification.vocabulary import LONGEST_WORD, USUAL_SURNAMES, given, other_peoples, surname, word

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_NAME = 6.0
"""How rare names are among words; the less, the more is taken for one."""
_SHAPES = ((1, 1, 2.0), (1, 2, 0.0), (2, 1, 1.0), (2, 2, 0.0))
"""How many characters of family name and of given name there are, and how much rarer than others such names are."""
_LONGEST_NAME = 6
_FAMILIAR, _CALLED_SO = "小老阿大", 3.0
"""How people who know each other are called (小王, 老李)."""


class Signs(NamedTuple):
    """How much likelier a name is at a place for what stands around it."""

    begins: Mapping[int, float]
    ends: Mapping[int, float]
    titles: Mapping[int, float]
    """Where a title follows: there a family name alone is a name, too."""

    def end(self, place: int) -> float:
        """How much likelier a full name ends here."""
        return max(self.ends.get(place, 0), self.titles.get(place, 0))


def names(text: str, signs: Signs) -> Iterator[tuple[int, int]]:
    """Where names stand."""
    for run in _HAN.finditer(text):
        yield from _read(text, run.start(), run.end(), signs)


def _read(text: str, first: int, last: int, signs: Signs) -> Iterator[tuple[int, int]]:
    """The cheapest way through one run of characters: for each place what it cost to come there, and from where."""
    cheapest = [0.0] + [inf] * (last - first)
    came = [(0, False)] * (last - first + 1)
    for start in range(first, last):
        for end, cost, is_name in _steps(text, start, last, signs):
            if (total := cheapest[start - first] + cost) < cheapest[end - first]:
                cheapest[end - first], came[end - first] = total, (start, is_name)
    place = last
    while place > first:
        start, is_name = came[place - first]
        if is_name:
            yield start, place
        place = start


def _steps(text: str, start: int, last: int, signs: Signs) -> Iterator[tuple[int, float, bool]]:
    """Every word and every name that may begin at `start`: where it ends, what it costs, whether it is a name."""
    for end in range(start + 1, min(start + LONGEST_WORD, last) + 1):
        if (rarity := word(text[start:end])) is not None:
            yield end, rarity, False
    before = _NAME - signs.begins.get(start, 0)
    for family, own, rarer in _SHAPES:
        middle, end = start + family, start + family + own
        if end <= last:
            yield end, before + rarer + surname(text[start:middle]) + given(text[middle:end]) - signs.end(end), True
    for end in range(start + 3, min(start + _LONGEST_NAME, last) + 1):
        yield end, before + other_peoples(text[start:end]) - signs.end(end), True
    for end in (start + 1, start + 2):
        if end in signs.titles and end <= last:
            yield end, before + surname(text[start:end]) - signs.titles[end], True
    if text[start] in _FAMILIAR and start + 1 < last and text[start + 1] in USUAL_SURNAMES:
        yield start + 2, before + _CALLED_SO + surname(text[start + 1]) - signs.end(start + 2), True
