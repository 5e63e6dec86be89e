"""Texts as sets of numbers, one for each small piece: what stands in a text, its set holds.

Two characters make a piece, because Chinese words often have no more and no spaces between them; of plain Latin
letters and digits three do, since their pairs stand in nearly every text. Each column counts for itself: the same
piece in another column is another number, so that a search can leave a column out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zlib import crc32

PIECES = re.compile(r"(?=(\S[^\x00-\x7f]|[^\s\x00-\x7f][\x21-\x7e]|[\x21-\x7e]{3}))")
"""Wherever a piece begins: two characters of which one is not Latin, or three Latin ones."""
MASK = 0xFFFFFFF
"""28 bits: two pieces seldom share a number, and what is found is looked at once more."""
TABLE_BITS = 20
"""The lowest bits of an entry's id tell the table."""


def grams_of(place: str, text: str) -> set[int]:
    """The numbers of a text; `place` is `table.column`. Case is folded; blanks part words."""
    begin = crc32(place.encode())
    pieces = set(PIECES.findall(text.casefold()))
    return {crc32(piece.encode("utf-8", "surrogatepass"), begin) & MASK for piece in pieces}


def grams_of_values(table: str, values: Mapping[str, Any]) -> frozenset[int]:
    """The numbers of a record's searched columns, by column name; of a name in two languages, both."""
    return frozenset(_numbers(table, values))


def _numbers(table: str, values: Mapping[str, Any]) -> Iterator[int]:
    for name, value in values.items():
        for text in _texts(value):
            yield from grams_of(f"{table}.{name}", text)


def _texts(value: Any) -> Iterable[str]:  # noqa: ANN401 whatever a searched column holds
    if isinstance(value, Mapping):
        return [str(text) for text in value.values() if text]
    return [str(value)] if value else []


def mark_of(table: str) -> int:
    """The lowest bits of the ids of a table's entries."""
    return crc32(table.encode()) & ((1 << TABLE_BITS) - 1)


def entry_id(table: str, record_id: int) -> int:
    """The id of a record's entry; shifted back by TABLE_BITS it is the record's."""
    return record_id << TABLE_BITS | mark_of(table)
