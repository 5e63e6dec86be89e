"""The shape of a value: what a form asks for and in which order, read from the schema that judges what comes back.

A new key of a pack's section is a new line of `engine.packs.schema` and appears on the form by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from engine.packs.declared import content_of, declaration, section_of
from engine.packs.loader import load_packs
from engine.packs.schema import Bilingual, Parameter, Piece, Written
from engine.packs.values import Weekday

KINDS = frozenset(
    {
        *("text", "integer", "decimal", "boolean", "time", "month_day", "duration", "offset"),
        *("choice", "code", "known", "clause", "each"),
    }
)
"""What a single value may be. `code` names an entry and stays; `known` is one of the codes that the packs use there;
`clause` is the clause an entry comes from; `each` is the choice by which a list has one entry for every choice."""


@dataclass(frozen=True)
class Leaf:
    """A single value. `unit` is a code of `engine.packs.values.UNITS`; `optional` may be left empty.

    A `known` one of a `section` is the code of one of that section's entries.
    """

    kind: str
    choices: tuple[str, ...] = ()
    section: str = ""
    unit: str = ""
    optional: bool = False
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Words:
    """The same words in Chinese and in English."""


@dataclass(frozen=True)
class Several:
    """Any of a closed list, in the list's order."""

    of: Leaf


@dataclass(frozen=True)
class Group:
    """Named pieces in the order in which they are asked for."""

    parts: Mapping[str, "Shape"]


@dataclass(frozen=True)
class Rows:
    """Entries of one shape, in an order of their own."""

    of: "Shape"

    @property
    def each(self) -> str | None:
        """The key by which there is exactly one entry for every choice; None when entries come and go."""
        parts = self.of.parts if isinstance(self.of, Group) else {}
        return next((key for key, part in parts.items() if isinstance(part, Leaf) and part.kind == "each"), None)


_KIND = {"weekday": "choice"}
_CHOICES = {"weekday": tuple(day.name.lower() for day in Weekday)}

Shape = Leaf | Words | Several | Group | Rows


def shape_of(name: str, value: Any) -> Shape:  # noqa: ANN401 JSON of any shape
    """The shape of the named value; a table has the rows of `value`. Raises KeyError for a name nothing declares."""
    declared = declaration(name)
    if declared is not None and declared.parameter is not None:
        return _of_parameter(declared.parameter, value)
    return section_shape(section_of(name))


@cache
def section_shape(section: str) -> Shape:
    """The shape of a structured section, or of `reminders`. Raises KeyError when there is no such section."""
    return _of_hint(content_of(section))


@cache
def known_codes(section: str, key: str) -> tuple[str, ...]:
    """Every code that the packs write under `key` anywhere in a section, in the order of the packs."""
    contents = (getattr(pack, section) for pack in load_packs().values())
    return tuple(dict.fromkeys(code for content in contents for code in _codes(content, key)))


def _codes(content: Any, key: str) -> list[str]:  # noqa: ANN401 any piece of a pack
    if isinstance(content, tuple):
        return [code for each in content for code in _codes(each, key)]
    if not isinstance(content, Piece):
        return []
    found = getattr(content, key, ())
    own = [found] if isinstance(found, str) else [code for code in found if isinstance(code, str)]
    return own + [code for name in type(content).model_fields for code in _codes(getattr(content, name), key)]


def _of_parameter(parameter: Parameter, value: Any) -> Shape:  # noqa: ANN401 JSON of any shape
    kind = "choice" if parameter.choices else _KIND.get(parameter.kind, parameter.kind)
    leaf = Leaf(kind, parameter.choices or _CHOICES.get(parameter.kind, ()), unit=parameter.unit or "")
    if parameter.type == "table":
        return Group(dict.fromkeys(value, leaf))
    if parameter.type == "list":
        return Several(leaf) if leaf.choices else Rows(leaf)
    return leaf


def _of_hint(hint: Any) -> Shape:  # noqa: ANN401 a type with its annotations
    written: dict[str, Any] = {}
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        written = _written(notes)
    if get_origin(hint) in {Union, UnionType}:
        (inner,) = (each for each in get_args(hint) if each is not NoneType)
        leaf = _of_hint(inner)
        return Leaf(**{**_fields(leaf), "optional": True}) if isinstance(leaf, Leaf) else leaf
    if get_origin(hint) is tuple:
        of = _of_hint(get_args(hint)[0])
        return Several(of) if isinstance(of, Leaf) and of.kind in {"choice", "known"} else Rows(of)
    if get_origin(hint) is Literal:
        return Leaf(**{"kind": "choice", **written, "choices": get_args(hint)})
    if hint is Bilingual:
        return Words()
    if isinstance(hint, type) and issubclass(hint, Piece):
        return Group({key: _of_hint(each) for key, each in _in_order(hint).items()})
    return Leaf(**{"kind": {bool: "boolean", int: "integer"}.get(hint, "text"), **written})


def _in_order(piece: type[Piece]) -> Mapping[str, Any]:
    """The keys of a piece with their types, as its class writes them, those that it shares with others first."""
    hints = get_type_hints(piece, include_extras=True)
    return {key: hints[key] for key in piece.model_fields}


def _written(notes: list[Any]) -> dict[str, Any]:
    """What the notes beside a type say of writing it: the last word counts."""
    found: dict[str, Any] = {}
    for note in (single for each in notes for single in (each.metadata if isinstance(each, FieldInfo) else [each])):
        if isinstance(note, Written):
            found |= {"kind": note.kind, "choices": note.choices, "section": note.section}
        bounds = {"least": getattr(note, "ge", None), "most": getattr(note, "le", None)}
        found |= {key: bound for key, bound in bounds.items() if bound is not None}
    return found


def _fields(leaf: Leaf) -> dict[str, Any]:
    return {name: getattr(leaf, name) for name in Leaf.__dataclass_fields__}
