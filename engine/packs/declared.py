"""What the packs declare, as rows of values: each with its name, its clause, and what any later value of it must keep.

Names of values: a parameter has its own (`pass_mark`); the reminders of a clause's only obligation are
`reminders.<clause>` (`reminders.ROS-5`), and where a clause has several obligations, `reminders.<name>` each
(`reminders.hand_in`), the name being that of the obligation's declaration. Structured data stands under the name of its
section: `scorecard`, `topics`, `channels`, `cycles`, `indicators`, `bonus`, `course_categories`, `course_methods`,
`onboarding_courses`, `conduct_rules`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel, Field, create_model

from engine.packs import checks
from engine.packs.document import Document
from engine.packs.loader import load_packs
from engine.packs.offsets import Offset
from engine.packs.reading import Node, Place
from engine.packs.schema import (
    BonusRow,
    Channel,
    ConductRule,
    Cycle,
    Entry,
    Indicator,
    OnboardingCourse,
    Pack,
    Parameter,
    Piece,
    ReminderStep,
    Scorecard,
)
from engine.packs.values import Weekday, value_problems
from models.words import Words

REMINDERS = "reminders."

SECTIONS: Mapping[str, Any] = {
    "scorecard": Scorecard,
    "topics": tuple[Entry, ...],
    "channels": tuple[Channel, ...],
    "cycles": tuple[Cycle, ...],
    "indicators": tuple[Indicator, ...],
    "bonus": tuple[BonusRow, ...],
    "course_categories": tuple[Entry, ...],
    "course_methods": tuple[Entry, ...],
    "onboarding_courses": tuple[OnboardingCourse, ...],
    "conduct_rules": tuple[ConductRule, ...],
}
"""The structured sections of a pack that are kept as one value each."""

CHECKS: Mapping[str, Callable[[Document], None]] = {
    "scorecard": checks.check_scorecard,
    "channels": checks.check_channels,
    "indicators": checks.check_indicators,
}

NUMBERS = frozenset(
    {"answer_rate", "base_score", "floor", "full_at", "hours", "max", "min", "rate", "step", "weight", "zero_at"}
)
"""Keys of structured data whose values are decimals, kept as text in JSON."""
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


@dataclass(frozen=True)
class Declared:
    """A value as a pack declares it: `value` as a JSON column holds it."""

    name: str
    clause: str
    value: Any
    parameter: Parameter | None = None


def values_of(pack: Pack) -> Iterator[Declared]:
    """Every value that a pack sets: parameters, reminder steps, structured data."""
    for each in pack.parameters:
        yield Declared(each.name, each.clause, each.value, each)
    for reminder in pack.reminders:
        steps = [step.row for step in reminder.steps]
        yield Declared(reminders_name(reminder.clause, reminder.name), reminder.clause, steps)
    for section in SECTIONS:
        content = getattr(pack, section)
        if content:
            first = content.categories[0] if isinstance(content, Scorecard) else content[0]
            yield Declared(section, first.clause, as_json(content))


def reminders_name(clause: str, obligation: str) -> str:
    """Under which name the reminder steps of a clause's obligation are kept."""
    return f"{REMINDERS}{obligation if len(_obligations().get(clause, ())) > 1 else clause}"


@cache
def declarations(code: str) -> Mapping[str, Declared]:
    """The values of the pack `code` by name. Raises KeyError for an unknown pack, PackRefused for a faulty one."""
    return {each.name: each for each in values_of(load_packs()[code])}


def declaration(name: str) -> Declared | None:
    """How the packs declare `name`; None when none does. Where several do, they mean the same by it."""
    return next((found for code in load_packs() if (found := declarations(code).get(name))), None)


def is_known(name: str) -> bool:
    """Whether a value of this name means anything: some pack declares it, or it holds the steps of an obligation."""
    return name.startswith(REMINDERS) or declaration(name) is not None


def problems(name: str, value: Any) -> Iterator[Words]:  # noqa: ANN401 whatever somebody wants to store
    """What speaks against `value` for the declared name: type, bounds, or how its pieces fit each other."""
    yield from (reason for _place, reason in placed_problems(name, value))


def placed_problems(name: str, value: Any) -> Iterator[tuple[Place, Words]]:  # noqa: ANN401 whatever somebody wants to store
    """The same with the way to each fault inside the value: keys of groups, numbers of entries."""
    declared = declaration(name)
    if declared is not None and declared.parameter is not None:
        yield from value_problems(declared.parameter.limits, value)
    elif is_known(name):
        yield from _shape_problems(name, value)


def as_json(value: Any) -> Any:  # noqa: ANN401 any piece of a pack
    """The piece as a JSON column holds it, so that reading it back gives the same piece."""
    if isinstance(value, BaseModel):
        return {name: as_json(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple | list):
        return [as_json(each) for each in value]
    if isinstance(value, Weekday):
        return value.name.lower()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Offset):
        return str(value).removeprefix("+")
    return str(value) if isinstance(value, Decimal | date) else value


def _shape_problems(name: str, value: Any) -> Iterator[tuple[Place, Words]]:  # noqa: ANN401 whatever somebody wants to store
    section = section_of(name)
    document = Document(name, _node({section: value}))
    document.read(_shape(section))
    yield from ((error.place[1:], error.reason) for error in document.errors)
    if section == "reminders":
        dressed = Document(name, _node({section: [_reminder(value)]}))
        checks.check_reminders(dressed)
        yield from ((error.place[3:], error.reason) for error in dressed.errors)
    elif section in CHECKS:
        checked = Document(name, document.root)
        CHECKS[section](checked)
        yield from ((error.place[1:], error.reason) for error in checked.errors)


def section_of(name: str) -> str:
    """Under which section a structured value's content is declared; reminder steps share one."""
    return "reminders" if name.startswith(REMINDERS) else name


def content_of(section: str) -> Any:  # noqa: ANN401 a type with its annotations
    """What the schema says a structured section holds. Raises KeyError when it is none."""
    return tuple[ReminderStep, ...] if section == "reminders" else SECTIONS[section]


def _reminder(steps: Any) -> dict[str, Any]:  # noqa: ANN401 whatever somebody wants to store
    """Steps dressed as the file has them, so that the file's own check can judge them."""
    words = {"zh": "—", "en": "—"}
    return {"clause": "ORG-1", "name": "steps", "title": words, "steps": steps}


@cache
def _shape(section: str) -> type[Piece]:
    fields: Any = {section: (content_of(section), ... if section == "scorecard" else Field(min_length=1))}
    return create_model(f"Section_{section}", __base__=Piece, **fields)


def _node(value: Any, key: str = "") -> Node:  # noqa: ANN401 JSON of any shape
    """The tree that a file with this content would give. Numbers kept as text become numbers again."""
    if isinstance(value, Mapping):
        children = {str(name): _node(each, str(name)) for name, each in value.items()}
        return Node(children, 1, dict.fromkeys(children, 1))
    if isinstance(value, list | tuple):
        return Node([_node(each) for each in value], 1, {})
    if key in NUMBERS and isinstance(value, str) and _NUMBER.fullmatch(value):
        return Node(Decimal(value), 1, {})
    return Node(value, 1, {})


@cache
def _obligations() -> Mapping[str, frozenset[str]]:
    """The names of each clause's reminded obligations, over all packs."""
    found: dict[str, frozenset[str]] = {}
    for pack in load_packs().values():
        for reminder in pack.reminders:
            found[reminder.clause] = found.get(reminder.clause, frozenset()) | {reminder.name}
    return found
