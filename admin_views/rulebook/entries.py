"""A value as the controls of a form, each fault at the control that it is about."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from babel.dates import get_month_names
from flask_babel import get_locale

from admin_views.rulebook.controls import Control, Entries, Entry, Fault, Node, Pair, Pieces
from admin_views.rulebook.given import ROOT
from admin_views.rulebook.words import choice_label, entry_title, piece_label
from admin_views.value_words import code_in_words
from engine.packs.declared import declaration, section_of
from engine.packs.offsets import OffsetUnit
from engine.packs.shape import Group, Leaf, Rows, Several, Shape, Words, known_codes, shape_of
from engine.packs.values import UNITS
from models.words import Words as Text
from models.words import _

Place = tuple[str | int, ...]
FOLDED_FROM = 5
"""Entries with this many pieces or more, or with entries of their own, are folded away until somebody opens them."""

LENGTHS: Mapping[str, Text] = {
    OffsetUnit.MINUTES: _("minutes"),
    OffsetUnit.HOURS: _("hours"),
    OffsetUnit.DAYS: _("days"),
    OffsetUnit.WORKING_DAYS: _("working days"),
}
DISTANCES: Mapping[str, Text] = {
    "-m": _("minutes before"),
    "-h": _("hours before"),
    "-d": _("days before"),
    "-wd": _("working days before"),
    "0": _("at the due time"),
    "+m": _("minutes after"),
    "+h": _("hours after"),
    "+d": _("days after"),
    "+wd": _("working days after"),
}
YES_NO: Mapping[str, Text] = {"true": _("Yes"), "false": _("No")}
_LENGTH = re.compile(r"([+-]?)([0-9]+)(m|h|d|wd)")


@dataclass(frozen=True)
class Spot:
    """Where a piece stands: in the value, in the names of the form, and in words for a person."""

    place: Place = ()
    path: str = ROOT
    way: tuple[str, ...] = ()

    def into(self, key: str | int, step: str, words: str = "") -> "Spot":
        """One step further in."""
        return Spot((*self.place, key), f"{self.path}.{step}", (*self.way, words) if words else self.way)

    @property
    def id(self) -> str:
        """The id of the control that stands here."""
        return self.path.replace(".", "-")


@dataclass
class Drawing:
    """The form of one value. `faults` are sentences by their place in the value; `told` is what was said of them."""

    name: str
    faults: Mapping[Place, Sequence[str]] = field(default_factory=dict)
    told: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Look up what the value is."""
        declared = declaration(self.name)
        self.is_parameter = declared is not None and declared.parameter is not None
        self.unsaid = dict(self.faults)

    def draw(self, value: Any) -> Node:
        """The controls, filled with the value."""
        shape = shape_of(self.name, value)
        drawn = self._any(shape, value, Spot(), str(_("Entries") if isinstance(shape, Rows) else _("Value")))
        self.told += [Fault("", "", str(said)) for sentences in self.unsaid.values() for said in sentences]
        return drawn

    def _any(self, shape: Shape, value: Any, spot: Spot, label: str) -> Node:
        match shape:
            case Rows():
                return self._rows(shape, value, spot, label)
            case Group():
                return self._group(shape, value, spot)
            case Words():
                faults = self._faults(spot, label, deep=True)
                return Control(
                    spot.path, spot.id, label, "words", value or {}, faults, long=spot.place[-1:] != ("title",)
                )
            case Several():
                faults, chosen = self._faults(spot, label, deep=True), value or ()
                choices = self._choices(shape.of, spot, chosen)
                return Control(spot.path, spot.id, label, "several", chosen, faults, choices)
            case Leaf():
                return self._leaf(shape, value, spot, label)

    def _rows(self, shape: Rows, value: Any, spot: Spot, label: str) -> Entries:
        faults, depth = self._faults(spot, label), spot.path.count("__") // 2
        rows = [
            self._entry(shape.of, each, spot.into(number, f"r{number}", _title(each, number)))
            for number, each in enumerate(value or ())
        ]
        new = spot.into("new", f"__{depth}__", str(_("New entry")))
        blank = self._entry(shape.of, None, new) if shape.each is None else None
        weighed = isinstance(shape.of, Group) and "weight" in shape.of.parts
        return Entries(spot.path, spot.id, label, rows, blank, depth, faults, weighed)

    def _entry(self, shape: Shape, value: Any, spot: Spot) -> Entry:
        told = len(self.told)
        body = self._any(shape, value, spot, "" if isinstance(shape, Group) else spot.way[-1])
        return Entry(
            spot.path.rpartition(".")[2],
            spot.way[-1],
            body,
            f"{value['weight']}%" if isinstance(value, Mapping) and value.get("weight") else "",
            isinstance(body, Pieces) and _is_long(body),
            value is None or len(self.told) > told,
        )

    def _group(self, shape: Group, value: Any, spot: Spot) -> Pieces:
        held, faults = value if isinstance(value, Mapping) else {}, self._faults(spot)
        parts: list[Node] = []
        hidden: list[Control] = []
        for key, part in shape.parts.items():
            inner = spot.into(key, key)
            kept = part.kind if isinstance(part, Leaf) else ""
            if kept in {"code", "each"}:
                faults = [*faults, *self._faults(inner)]
                hidden.append(Control(inner.path, inner.id, "", kept, held.get(key) or ""))
            elif kept != "clause":
                label = code_in_words(key) if self.is_parameter else piece_label(key)
                parts.append(self._any(part, held.get(key), inner, label))
        return Pieces(parts, hidden, faults)

    def _leaf(self, leaf: Leaf, value: Any, spot: Spot, label: str) -> Control:
        kind, shown, units = _written(leaf, value)
        return Control(
            spot.path,
            spot.id,
            label,
            kind,
            shown,
            self._faults(spot, label),
            self._choices(leaf, spot, [value] if value else []),
            units,
            str(UNITS[leaf.unit]) if leaf.unit else "",
            leaf.optional,
            leaf.least,
            leaf.most,
        )

    def _choices(self, leaf: Leaf, spot: Spot, present: Sequence[Any]) -> list[Pair]:
        if leaf.kind == "boolean":
            return [(code, str(words)) for code, words in YES_NO.items()]
        key, codes = str(spot.place[-1]) if spot.place else "", leaf.choices
        if leaf.kind == "known":
            codes = known_codes(leaf.section or section_of(self.name), "code" if leaf.section else key)
        return (
            [(code, choice_label(key, code)) for code in dict.fromkeys([*codes, *map(str, present)])] if codes else []
        )

    def _faults(self, spot: Spot, label: str = "", *, deep: bool = False) -> list[str]:
        """What is wrong at a spot (`deep`: and inside it), kept for the top of the page too."""
        size = len(spot.place)
        places = [place for place in self.unsaid if place == spot.place or (deep and place[:size] == spot.place)]
        found = [str(sentence) for place in places for sentence in self.unsaid.pop(place)]
        way = " › ".join(filter(None, (*spot.way, label)))
        self.told += [Fault(way, spot.id, sentence) for sentence in found]
        return found


def _is_long(pieces: Pieces) -> bool:
    return len(pieces.parts) >= FOLDED_FROM or any(isinstance(part, Entries) for part in pieces.parts)


def _title(entry: Any, number: int) -> str:
    return entry_title(entry) or str(_("Entry %(number)s", number=number + 1))


def _written(leaf: Leaf, value: Any) -> tuple[str, Any, Sequence[Pair]]:
    """Which control takes the value, what stands in it, and the second half of a value in two parts."""
    text = "" if value is None else str(value)
    match leaf.kind:
        case "boolean":
            return "choice", text.lower(), ()
        case "duration":
            return "parted", _parted(text, ""), _pairs(LENGTHS)
        case "offset":
            return "parted", _parted(text, "+"), _pairs(DISTANCES)
        case "month_day":
            month, _dash, day = text.rpartition("-")
            return "month_day", (day, month), [(f"{n:02}", name) for n, name in _months().items()]
        case "text":
            return "text", code_in_words(text), ()
    return ("choice" if leaf.kind == "known" else leaf.kind), text, ()


def _parted(text: str, sign: str) -> tuple[str, str]:
    """A length as its amount and its unit; an offset without a sign lies after its moment."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        return ("", "0") if text == "0" else (text, "")
    return found[2], f"{found[1] or sign}{found[3]}"


def _pairs(words: Mapping[str, Text]) -> list[Pair]:
    return [(code, str(text)) for code, text in words.items()]


def _months() -> Mapping[int, str]:
    return get_month_names("wide", locale=get_locale())
