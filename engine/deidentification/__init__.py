"""Finds what tells who somebody is in a Chinese or English text, and puts neutral words there (TRN-12).

One finder a file, pure: text in, places out; what overlaps becomes one place. Missing something is worse than asking
once too often: finders lean to the side of finding.

- `names`, `phones`, `emails`, `id_numbers`, `card_numbers`, `addresses`, `plates`, `order_numbers`: one kind each
- `known`: what a real record itself says of its customer
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from engine.deidentification import (
    addresses,
    card_numbers,
    emails,
    id_numbers,
    known,
    names,
    order_numbers,
    phones,
    plates,
)
from engine.deidentification.finding import Finder, Found, Identifying, plain

FINDERS: Mapping[Identifying, Finder] = {
    Identifying.EMAIL: emails.find,
    Identifying.ID_NUMBER: id_numbers.find,
    Identifying.CARD_NUMBER: card_numbers.find,
    Identifying.PHONE: phones.find,
    Identifying.PLATE: plates.find,
    Identifying.ADDRESS: addresses.find,
    Identifying.ORDER_NUMBER: order_numbers.find,
    Identifying.NAME: names.find,
}
"""In the order in which they have a say: of two finds of the same place the earlier kind is told."""

WORDS: Mapping[Identifying, tuple[str, str]] = {
    Identifying.NAME: ("【姓名】", "[name]"),
    Identifying.PHONE: ("【联系电话】", "[phone]"),
    Identifying.EMAIL: ("【邮箱】", "[e-mail]"),
    Identifying.ID_NUMBER: ("【证件号】", "[document]"),
    Identifying.CARD_NUMBER: ("【卡号】", "[card]"),
    Identifying.ADDRESS: ("【地址】", "[address]"),
    Identifying.PLATE: ("【车牌】", "[plate]"),
    Identifying.ORDER_NUMBER: ("【订单号】", "[order]"),
}
"""What stands in place of each kind, in a Chinese and in an English text."""

__all__ = ["Found", "Identifying", "find", "mask", "pieces"]


def find(
    text: str,
    kinds: Collection[Identifying] = tuple(Identifying),
    told: Mapping[str, Identifying] | None = None,
) -> list[Found]:
    """Where the text identifies somebody, in its order and without overlaps.

    `told` are exact texts to look for beside, such as the customer's own name, whatever `kinds` says.
    """
    readable = plain(text)
    found = list(known.find(readable, told or {}))
    for kind, finder in FINDERS.items():
        if kind in kinds:
            found += finder(readable)
    return _apart(found)


def mask(text: str, found: Iterable[Found]) -> str:
    """The text with neutral words in place of what was found."""
    language = 0 if any("\u4e00" <= char <= "\u9fff" for char in text) else 1
    for each in sorted(found, reverse=True):
        text = text[: each.start] + WORDS[each.kind][language] + text[each.end :]
    return text


def pieces(text: str, found: Iterable[Found]) -> list[tuple[str, Identifying | None]]:
    """The text cut at what was found: each piece with its kind, None for what tells nobody."""
    cut, place = [], 0
    for each in sorted(found):
        cut += [(text[place : each.start], None), (text[each.start : each.end], each.kind)]
        place = each.end
    return [(piece, kind) for piece, kind in [*cut, (text[place:], None)] if piece]


def _apart(found: Sequence[Found]) -> list[Found]:
    """Join what overlaps into one place, told as the kind that came first; nothing of it stays behind."""
    rank = {id(each): number for number, each in enumerate(found)}
    joined: list[tuple[Found, int]] = []
    for each in sorted(found):
        if joined and joined[-1][0].overlaps(each):
            last, before = joined.pop()
            first = min(before, rank[id(each)])
            kind = last.kind if first == before else each.kind
            joined.append((Found(last.start, max(last.end, each.end), kind), first))
        else:
            joined.append((each, rank[id(each)]))
    return [each for each, _rank in joined]
