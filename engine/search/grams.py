"""Texts as sets of numbers, one for each pair of neighbouring characters: what a text holds, its set holds.

Pairs, because Chinese words often have two characters and no spaces stand between them. Each column counts for
itself: the same pair in another column is another number, so that a search can leave a column out.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

SIZE = 2
MASK = 0xFFFFFFF
"""28 bits: two pairs seldom share a number, and what is found is looked at once more."""


def grams_of(place: str, text: str) -> set[int]:
    """The numbers of a text; `place` is `table.column`. Case is folded; blanks part words."""
    begin = crc32(place.encode())
    pairs = {part[at : at + SIZE] for part in text.casefold().split() for at in range(len(part) - 1)}
    return {crc32(pair.encode("utf-8", "surrogatepass"), begin) & MASK for pair in pairs}


def grams_of_values(table: str, values: Mapping[str, Any]) -> frozenset[int]:
    """The numbers of a record's searched columns, by column name; of a name in two languages, both."""
    return frozenset(
        number
        for name, value in values.items()
        for text in texts(value)
        for number in grams_of(f"{table}.{name}", text)
    )


def texts(value: Any) -> Iterable[str]:  # noqa: ANN401 whatever a searched column holds
    """The texts in a column's value."""
    if isinstance(value, Mapping):
        return [str(text) for text in value.values() if text]
    return [str(value)] if value else []
