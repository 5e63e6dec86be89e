"""What a finder answers, and the plain form of a text that all finders read."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from models.types import Labelled
from models.words import _


class Identifying(Labelled):
    """What tells who somebody is; the codes are those of the parameter `identifying_details`."""

    NAME = "name", _("Name")
    PHONE = "phone", _("Phone number or messenger account")
    EMAIL = "email", _("E-mail address")
    ID_NUMBER = "id_number", _("Identity document")
    CARD_NUMBER = "card_number", _("Bank card")
    ADDRESS = "address", _("Address")
    PLATE = "plate", _("Number plate")
    ORDER_NUMBER = "order_number", _("Order or record number")


@dataclass(frozen=True, order=True)
class Found:
    """A piece of a text that identifies somebody: from `start` up to `end`, as Python counts characters."""

    start: int
    end: int
    kind: Identifying

    def overlaps(self, other: "Found") -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


Finder = Callable[[str], Iterable[Found]]

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣"), "-")
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), " ")


def plain(text: str) -> str:
    """The text with full-width characters, dashes and unseen ones in their plain form, each in its old place."""
    return text.translate(_WIDE).translate(_DASHES).translate(_UNSEEN)


def matches(pattern: re.Pattern[str], text: str, kind: Identifying, group: int | str = 0) -> Iterator[Found]:
    """Every match of a pattern (or of one of its groups) as a find."""
    for match in pattern.finditer(text):
        if match.group(group):
            yield Found(match.start(group), match.end(group), kind)
