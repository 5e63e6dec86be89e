"""Values of the packs on a page, written for reading."""

from collections.abc import Mapping
from typing import Any

from admin_views.formats import listed, offset
from admin_views.value_words import code_in_words
from engine.packs.declared import declaration
from engine.packs.schema import Parameter
from engine.packs.values import UNITS
from models.words import Words, _

YES_NO: Mapping[str, Words] = {"true": _("Yes"), "false": _("No")}


def shown_value(name: str, value: Any) -> str:
    """A value in one line of words; structured ones say how many entries they have."""
    parameter = _parameter(name)
    if name.startswith("reminders."):
        return listed(offset(step["offset"]) for step in value)
    if parameter is None:
        return str(_("%(count)s entries", count=_size(value)))
    if isinstance(value, Mapping):
        return listed(f"{code_in_words(key)} {_counted(parameter, entry)}" for key, entry in value.items())
    if isinstance(value, list):
        return listed(_scalar(entry) for entry in value)
    return _counted(parameter, value)


def _scalar(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return str(YES_NO.get(text) or code_in_words(text))


def _counted(parameter: Parameter, value: Any) -> str:
    text = _scalar(value)
    return str(_("%(number)s %(unit)s", number=text, unit=str(UNITS[parameter.unit]))) if parameter.unit else text


def _parameter(name: str) -> Parameter | None:
    declared = declaration(name)
    return declared.parameter if declared is not None else None


def _size(value: Any) -> int:
    return len(value["categories"]) if isinstance(value, Mapping) and "categories" in value else len(value)
