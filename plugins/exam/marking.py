"""What an answer is worth. Pure: the same answer to the same item brings the same points, whenever it is asked."""

import unicodedata
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from models.question import QuestionKind
from plugins.exam.items import Item

CENT = Decimal("0.01")
HALF = Decimal("0.5")
IGNORED_AT_THE_ENDS = " .。,，;；!！?？\"'“”‘’、"


def points_for(item: Item, answer: Sequence[str], *, partial: bool) -> Decimal | None:
    """The points that an answer brings by itself; None when the trainer has to mark it.

    `partial` gives half the points for a multiple choice that misses a right option and takes no wrong one. Nothing
    brings more than `item.points`, nothing less than 0.
    """
    match item.kind:
        case QuestionKind.SINGLE | QuestionKind.TRUE_FALSE:
            share = Decimal(list(answer) == list(item.key))
        case QuestionKind.MULTIPLE:
            share = _chosen(set(item.key), set(answer), partial=partial)
        case QuestionKind.FILL_IN:
            share = _filled(item.key, answer)
        case _:
            return None
    return (item.points * share).quantize(CENT, ROUND_HALF_UP)


def score(points: Iterable[Decimal], full: Decimal) -> Decimal:
    """Points as a score out of 100; a paper without points scores 0."""
    got = sum(points, Decimal(0))
    return (got * 100 / full).quantize(CENT, ROUND_HALF_UP) if full > 0 else Decimal(0)


def _chosen(right: set[str], chosen: set[str], *, partial: bool) -> Decimal:
    if chosen == right:
        return Decimal(1)
    return HALF if partial and chosen and chosen < right else Decimal(0)


def _filled(key: Sequence[str], answer: Sequence[str]) -> Decimal:
    """Every blank is worth the same."""
    given = [*answer, *[""] * len(key)]
    right = sum(_accepts(accepted, text) for accepted, text in zip(key, given, strict=False))
    return Decimal(right) / len(key) if key else Decimal(0)


def _accepts(accepted: str, text: str) -> bool:
    said = alike(text)
    return bool(said) and any(_same(alike(each), said) for each in accepted.split("|"))


def _same(wanted: str, said: str) -> bool:
    if wanted == said:
        return True
    try:
        return Decimal(wanted) == Decimal(said)
    except InvalidOperation:
        return False


def alike(text: str) -> str:
    """A text without what makes no difference to a reader: width, case, blanks, punctuation at its ends."""
    # What stood apart may combine once the blanks between are gone.
    while (plainer := _plainer(text)) != text:
        text = plainer
    return text


def _plainer(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(IGNORED_AT_THE_ENDS)
