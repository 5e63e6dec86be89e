"""Values of the packs on a page: written for reading, and as fields that take the next value."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale

from admin_views.formats import listed, offset
from admin_views.value_words import code_in_words
from engine.packs.declared import declaration
from engine.packs.schema import Parameter
from engine.packs.values import UNITS
from models.words import Words, _, in_language

WEEKDAYS: Mapping[str, Words] = {
    "monday": _("Monday"),
    "tuesday": _("Tuesday"),
    "wednesday": _("Wednesday"),
    "thursday": _("Thursday"),
    "friday": _("Friday"),
    "saturday": _("Saturday"),
    "sunday": _("Sunday"),
}
YES_NO: Mapping[str, Words] = {"true": _("Yes"), "false": _("No")}
INPUTS = {"time": "time", "integer": "number"}


KEYS: Mapping[str, Words] = {
    "answer_rate": _("Share answered (%%)"),
    "bands": _("Severities"),
    "base_score": _("Full score"),
    "categories": _("Categories"),
    "category": _("Category"),
    "checks": _("What is looked at"),
    "close": _("Until"),
    "days": _("Weekdays"),
    "due": _("Due"),
    "exam": _("With exam"),
    "first_response": _("First response within"),
    "floor": _("Least score"),
    "formula": _("How it is reckoned"),
    "full_at": _("100 points at"),
    "grade": _("Grade"),
    "hours": _("Hours"),
    "items": _("Items"),
    "max": _("At most"),
    "mean_wait": _("Mean wait (seconds)"),
    "media": _("Media"),
    "min": _("At least"),
    "open": _("From"),
    "opens": _("Opens"),
    "outside_hours": _("Outside hours"),
    "outside_words": _("Words outside hours"),
    "period": _("Period"),
    "rate": _("Share of the base (%%)"),
    "sentence": _("Rule"),
    "severity": _("Severity"),
    "source": _("Source"),
    "step": _("Points in steps of"),
    "tier": _("Support tier"),
    "title": _("Name"),
    "unit": _("Unit"),
    "version": _("Version"),
    "weight": _("Weight (%%)"),
    "working_time": _("Counted in working time"),
    "zero_at": _("0 points at"),
}
"""What the keys of structured sections are called."""


@dataclass(frozen=True)
class Input:
    """One control: its name, label, type, value, and choices when it is a select."""

    name: str
    label: str
    type: str
    value: str
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Field:
    """What takes a value: one control, one for each entry of a table, or a text of lines or JSON."""

    inputs: Sequence[Input]
    unit: str = ""
    help: str = ""


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
        return listed(_scalar(parameter, entry) for entry in value)
    return _counted(parameter, value)


def key_label(key: str) -> str:
    """What a key of a structured section is called."""
    return str(KEYS.get(key, key)).replace("%%", "%")


def field_of(name: str, value: Any, given: Mapping[str, str]) -> Field:
    """The controls for a value, filled with what was just given, else with the value in force."""
    parameter = _parameter(name)
    if parameter is None:
        text = given.get("value") or json.dumps(value, ensure_ascii=False, indent=2)
        return Field([Input("value", str(_("Value (JSON)")), "json", text)])
    unit, help_ = _unit(parameter), in_language(parameter.help.words, str(get_locale()))
    if parameter.type == "table":
        return Field(
            [_input(parameter, f"value.{key}", code_in_words(key), entry, given) for key, entry in value.items()],
            unit,
            help_,
        )
    if parameter.type == "list":
        text = given.get("value") or "\n".join(_plain(entry) for entry in value)
        return Field([Input("value", str(_("Values, one a line")), "lines", text)], unit, help_)
    return Field([_input(parameter, "value", str(_("Value")), value, given)], unit, help_)


def given_value(name: str, given: Mapping[str, str]) -> Any:
    """The value that a form gave, as JSON holds it. What is not of the type stays text: the rule says what is wrong.

    Raises ValueError, with a sentence, for JSON that cannot be read.
    """
    parameter = _parameter(name)
    if parameter is None:
        try:
            return json.loads(given.get("value", ""))
        except ValueError as error:
            raise ValueError(str(_("This is not JSON that can be read. Nothing was changed."))) from error
    if parameter.type == "table":
        return {
            key.removeprefix("value."): _typed(parameter, text)
            for key, text in given.items()
            if key.startswith("value.")
        }
    if parameter.type == "list":
        return [_typed(parameter, line) for line in given.get("value", "").splitlines() if line.strip()]
    return _typed(parameter, given.get("value", ""))


def _input(parameter: Parameter, name: str, label: str, value: Any, given: Mapping[str, str]) -> Input:
    return Input(name, label, INPUTS.get(parameter.kind, "text"), given.get(name, _plain(value)), _choices(parameter))


def _choices(parameter: Parameter) -> list[tuple[str, str]]:
    named: Mapping[str, Words] = {"weekday": WEEKDAYS, "boolean": YES_NO}.get(parameter.kind, {})
    return [(code, str(label)) for code, label in named.items()] or [
        (code, code_in_words(code)) for code in parameter.choices
    ]


def _typed(parameter: Parameter, text: str) -> Any:
    text = text.strip()
    if parameter.kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if parameter.kind == "integer":
        return int(text) if text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() else text
    return text


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scalar(parameter: Parameter, value: Any) -> str:
    text = _plain(value)
    return dict(_choices(parameter)).get(text) or code_in_words(text)


def _counted(parameter: Parameter, value: Any) -> str:
    text = _scalar(parameter, value)
    return str(_("%(number)s %(unit)s", number=text, unit=_unit(parameter))) if parameter.unit else text


def _unit(parameter: Parameter) -> str:
    return str(UNITS[parameter.unit]) if parameter.unit else ""


def _parameter(name: str) -> Parameter | None:
    declared = declaration(name)
    return declared.parameter if declared is not None else None


def _size(value: Any) -> int:
    return len(value["categories"]) if isinstance(value, Mapping) and "categories" in value else len(value)
