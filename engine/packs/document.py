"""A file under reading: pieces are taken out of it by path, and every fault is noted with its line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.packs.errors import PackError
from engine.packs.reading import Node, Place, find, plain
from models.words import Words, _

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Pieces(Generic[M]):
    """The sound pieces of a list, each with its place. Sums are worth checking only when the list is `whole`."""

    located: tuple[tuple[Place, M], ...]
    whole: bool


@dataclass(slots=True)
class Document:
    """The tree of a file, with the faults found in it so far."""

    file: str
    root: Node
    errors: list[PackError] = field(default_factory=list)

    def refuse(self, place: Place, reason: Words) -> None:
        """Note a fault at `place`."""
        self.errors.append(PackError(self.file, find(self.root, place)[1], reason, place))

    def read(self, model: type[M]) -> M | None:
        """The whole file as `model`; None when its shape is wrong, with every fault of shape noted."""
        try:
            return model.model_validate(plain(self.root))
        except ValidationError as invalid:
            for error in invalid.errors(include_url=False):
                if error["type"] == "too_short" and error["input"]:
                    continue  # not empty in the file: its entries were refused, and are told of by themselves
                self.refuse(error["loc"], _reason(error))
            return None

    def pieces(self, place: Place, model: type[M]) -> Pieces[M]:
        """The entries of the list at `place` that are sound by themselves; `read` tells of the others."""
        node, _line = find(self.root, place)
        if node is None or not isinstance(node.value, list):
            return Pieces((), whole=node is None)
        located, whole = [], True
        for index, child in enumerate(node.value):
            try:
                located.append(((*place, index), model.model_validate(plain(child))))
            except ValidationError:
                whole = False
        return Pieces(tuple(located), whole)


_FIXED: Mapping[str, Words] = {
    "string_type": _("This should be text."),
    "int_type": _("This should be a whole number."),
    "bool_type": _("This should be true or false."),
    "is_instance_of": _("This should be a number."),
    "tuple_type": _("This should be a list."),
    "model_type": _("This should be a group of keys."),
    "string_pattern_mismatch": _("This is not written as such a code should be."),
    "string_too_short": _("This should not be empty."),
    "too_short": _("This list should not be empty."),
    "recipient": _("Nobody is known by this name as a recipient."),
    "unit": _("This is not a unit that is known here."),
    "offset": _("This is not an offset such as -3d, +4h, -2wd or 0."),
    "duration": _("This should be a length of time such as 30m, 4h, 5d or 2wd."),
    "day": _("This should be a date such as 2026-01-31."),
    "time": _("This should be a time of day such as 09:00."),
    "weekday": _("This should be a weekday such as friday."),
}

_BUILT: Mapping[str, Callable[[ErrorDetails], Words]] = {
    "literal_error": lambda error: _("This should be one of: %(choices)s.", choices=error["ctx"]["expected"]),
    "string_too_long": lambda error: _("This is longer than %(most)s characters.", most=error["ctx"]["max_length"]),
    "greater_than": lambda error: _("This should be more than %(bound)s.", bound=error["ctx"]["gt"]),
    "greater_than_equal": lambda error: _("This should be at least %(bound)s.", bound=error["ctx"]["ge"]),
    "less_than_equal": lambda error: _("This should be at most %(bound)s.", bound=error["ctx"]["le"]),
}

_LANGUAGES: Mapping[str | int, Words] = {
    "zh": _("The Chinese text is missing."),
    "en": _("The English text is missing."),
}


def _reason(error: ErrorDetails) -> Words:
    kind, key = error["type"], error["loc"][-1] if error["loc"] else ""
    if key in _LANGUAGES and (kind in {"missing", "string_too_short"} or error["input"] is None):
        return _LANGUAGES[key]
    if kind == "missing":
        return _("The key %(key)s is missing.", key=key)
    if kind == "extra_forbidden":
        return _("The key %(key)s is not known here.", key=key)
    if kind in _BUILT:
        return _BUILT[kind](error)
    return _FIXED.get(kind) or _("This is not accepted: %(problem)s.", problem=error["msg"])
