"""What the form of a value is made of: the template draws these, `entries` fills them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Pair = tuple[str, str]
"""A code and its words."""


@dataclass(frozen=True)
class Control:
    """What takes one value. `kind` tells which control; `units` is the second half of a length or a day of the year."""

    name: str
    id: str
    label: str
    kind: str
    value: Any
    faults: Sequence[str] = ()
    choices: Sequence[Pair] = ()
    units: Sequence[Pair] = ()
    unit: str = ""
    optional: bool = False
    least: int | None = None
    most: int | None = None
    long: bool = False


@dataclass(frozen=True)
class Pieces:
    """Named pieces of one thing; `hidden` are those that stay as they are."""

    parts: Sequence["Node"]
    hidden: Sequence[Control]
    faults: Sequence[str] = ()
    kind: str = "group"


@dataclass(frozen=True)
class Entry:
    """One entry of a list. `key` names its controls; it is `open` where there is something to do in it.

    `note` is what is read of a folded one beside its title.
    """

    key: str
    title: str
    body: "Node"
    note: str
    folded: bool
    open: bool


@dataclass(frozen=True)
class Entries:
    """A list of entries. `blank` is what a new one looks like; without it, entries neither come nor go.

    `depth` tells the place holders of nested lists apart; `weighed`: the entries' weights make up a whole.
    """

    name: str
    id: str
    label: str
    rows: Sequence[Entry]
    blank: Entry | None
    depth: int
    faults: Sequence[str] = ()
    weighed: bool = False
    kind: str = "rows"


Node = Control | Pieces | Entries


@dataclass(frozen=True)
class Fault:
    """What the top of the page says of a fault: the way to it in words, the control's id, the sentence."""

    way: str
    id: str
    sentence: str
