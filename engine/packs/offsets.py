"""How far from a moment: `-3d`, `+4h`, `30m`, `-2wd`, or `0` for the moment itself."""

import re
from dataclasses import dataclass
from enum import StrEnum


class OffsetUnit(StrEnum):
    """Units of an offset, by the letters a pack file writes."""

    MINUTES = "m"
    HOURS = "h"
    DAYS = "d"
    WORKING_DAYS = "wd"


_MINUTES = {
    OffsetUnit.MINUTES: 1,
    OffsetUnit.HOURS: 60,
    OffsetUnit.DAYS: 24 * 60,
    OffsetUnit.WORKING_DAYS: 24 * 60,
}
_PATTERN = re.compile(r"([+-]?)([0-9]{1,4})(m|h|d|wd)")


@dataclass(frozen=True, slots=True)
class Offset:
    """A signed whole number of units: negative before the moment, positive after it."""

    amount: int
    unit: OffsetUnit

    @property
    def order(self) -> int:
        """Minutes, with a working day taken as one day: good for ordering steps, not for reckoning a time."""
        return self.amount * _MINUTES[self.unit]

    def __str__(self) -> str:
        return f"{self.amount:+d}{self.unit}" if self.amount else "0"


def parse_offset(text: str) -> Offset:
    """The offset that `text` writes: a sign, up to four digits and `m`, `h`, `d` or `wd`; or `0`.

    Raises ValueError when it is written otherwise. Without a sign it lies after the moment.
    """
    if text == "0":
        return Offset(0, OffsetUnit.MINUTES)
    found = _PATTERN.fullmatch(text)
    if found is None:
        msg = f"not an offset: {text[:20]!r}"
        raise ValueError(msg)
    sign, digits, unit = found.groups()
    return Offset(-int(digits) if sign == "-" else int(digits), OffsetUnit(unit))


def parse_duration(text: str) -> Offset:
    """The length of time that `text` writes: an offset without a sign, such as `30m` or `1wd`.

    Raises ValueError when it is written otherwise.
    """
    if text.startswith(("+", "-")):
        msg = f"a duration has no sign: {text[:20]!r}"
        raise ValueError(msg)
    return parse_offset(text)
