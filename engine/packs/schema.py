"""What a policy pack is made of. Every value carries the clause it comes from and both languages of its words.

The models check the shape of one piece; what pieces owe each other stands in `engine.packs.checks`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cached_property, partial
from types import MappingProxyType
from typing import Annotated, Any, Literal, LiteralString

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, StringConstraints
from pydantic_core import PydanticCustomError

from engine.packs.offsets import Offset, parse_duration, parse_offset
from engine.packs.values import (
    UNITS,
    Limits,
    ParameterType,
    ScalarType,
    Value,
    Weekday,
    typed_scalar,
    typed_value,
)
from models.organisation import Post

RECIPIENTS = frozenset({"owner", "superior", "all", *(post.value for post in Post)})
"""Who a reminder can go to: the obligation's owner, the owner's direct superior, the whole department, or whoever holds
a post."""

SEVERITIES = ("minor", "general", "severe")


@dataclass(frozen=True, slots=True)
class Written:
    """How a person writes a piece: what `engine.packs.shape` reads where the type alone does not tell.

    `kind` is one of `engine.packs.shape.KINDS`; `choices` closes the list of what may be written; `section` names the
    section whose entries' codes may be.
    """

    kind: str
    choices: tuple[str, ...] = ()
    section: str = ""


def _written(code: LiteralString, read: Callable[[str], object]) -> BeforeValidator:
    """Reads a value that a file writes as text; what `read` refuses is an error of the kind `code`."""

    def validate(raw: object) -> object:
        try:
            return read(str(raw))
        except ValueError as error:
            raise PydanticCustomError(code, "not accepted") from error

    return BeforeValidator(validate)


def _recipient(text: str) -> str:
    if text not in RECIPIENTS:
        msg = f"unknown recipient: {text[:20]!r}"
        raise ValueError(msg)
    return text


def _unit(text: str) -> str:
    if text not in UNITS:
        msg = f"unknown unit: {text[:20]!r}"
        raise ValueError(msg)
    return text


def _number(raw: object) -> object:
    return Decimal(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw


def _for_json(raw: Any) -> Any:  # noqa: ANN401 - any value that a parameter may have
    """Decimals as text, so that a value goes into a JSON column as it stands, exact."""
    if isinstance(raw, Decimal):
        return str(raw)
    if isinstance(raw, dict):
        return {key: _for_json(entry) for key, entry in raw.items()}
    return [_for_json(entry) for entry in raw] if isinstance(raw, tuple) else raw


Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$"), Written("code")]
Known = Annotated[Code, Written("known")]
"""A code that means something elsewhere: one of those that the packs use at this place."""
ClauseId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,6}-[0-9]{1,3}$"), Written("clause")]
PackCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,11}$")]
Version = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=24)]
Number = Annotated[Decimal, BeforeValidator(_number), Written("decimal")]
Percentage = Annotated[Number, Field(gt=0, le=100)]
Day = Annotated[date, _written("day", date.fromisoformat)]
TimeOfDay = Annotated[time, _written("time", partial(typed_scalar, "time")), Written("time")]
DayOfWeek = Annotated[
    Weekday,
    _written("weekday", partial(typed_scalar, "weekday")),
    Written("choice", tuple(day.name.lower() for day in Weekday)),
]
SignedOffset = Annotated[Offset, _written("offset", parse_offset), Written("offset")]
Duration = Annotated[Offset, _written("duration", parse_duration), Written("duration")]
Recipient = Annotated[
    str,
    _written("recipient", _recipient),
    Written("choice", ("owner", "superior", *(post.value for post in Post), "all")),
]
Unit = Annotated[str, _written("unit", _unit), Written("choice", tuple(UNITS))]
Raw = Annotated[Any, BeforeValidator(_for_json)]


class Piece(BaseModel):
    """Something read from a file: unknown keys are refused, nothing is coerced, and it never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)


class Bilingual(Piece):
    """The same words in Chinese and in English."""

    zh: Sentence
    en: Sentence

    @property
    def words(self) -> dict[str, str]:
        """As a bilingual column holds it."""
        return {"zh": self.zh, "en": self.en}


class Chapter(Piece):
    """A chapter of the rulebook, such as ROS."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,6}$")]
    title: Bilingual


class Clause(Piece):
    """One clause: its chapter, the packs it comes from, whether it has a deadline, and its words."""

    id: ClauseId
    chapter: str
    sources: tuple[PackCode, ...] = Field(min_length=1)
    reminds: bool
    title: Bilingual
    sentence: Bilingual


class FromClause(Piece):
    """A value of a pack, with the clause that it comes from."""

    clause: ClauseId


class Entry(FromClause):
    """A row of one of a pack's lists, with its code and its name."""

    code: Code
    title: Bilingual


class Parameter(FromClause):
    """A value that a department may change from a date on.

    `value`, `min` and `max` are kept as JSON holds them (a decimal as text); `typed` is what a rule works with.
    """

    name: Code
    type: ParameterType
    of: ScalarType | None = None
    unit: Unit | None = None
    value: Raw
    label: Bilingual
    help: Bilingual
    min: Raw = None
    max: Raw = None
    choices: tuple[str, ...] = ()

    @property
    def kind(self) -> ScalarType:
        """The type of the value itself, or of each entry of a table or list."""
        return self.of or "text" if self.type == "table" or self.type == "list" else self.type  # noqa: PLR1714 - mypy narrows by ==

    @property
    def limits(self) -> Limits:
        """What any value of this parameter must keep. Raises ValueError when its own bounds are not of its type."""
        least = None if self.min is None else typed_scalar(self.kind, self.min)
        most = None if self.max is None else typed_scalar(self.kind, self.max)
        return Limits(self.type, self.of, least, most, self.choices)

    @property
    def typed(self) -> Value:
        """The pack's value as a rule works with it."""
        return typed_value(self.limits, self.value)


class ReminderStep(Piece):
    """One reminder: how far from the due moment, and to whom."""

    offset: SignedOffset
    to: tuple[Recipient, ...] = Field(min_length=1)

    @property
    def row(self) -> dict[str, str | list[str]]:
        """As a JSON column holds it."""
        return {"offset": str(self.offset), "to": list(self.to)}


class Reminder(FromClause):
    """The reminders of one obligation of a clause, in the order of time, each step a level higher."""

    name: Code
    title: Bilingual
    steps: tuple[ReminderStep, ...] = Field(min_length=1)


class ScorecardItem(Piece):
    """One of the nineteen items: its name and what the inspector looks at."""

    code: Code
    title: Bilingual
    checks: Bilingual


class ScorecardCategory(FromClause):
    """A category of the scorecard with its full marks."""

    code: Code
    title: Bilingual
    weight: Percentage
    items: tuple[ScorecardItem, ...] = Field(min_length=1)


class Band(FromClause):
    """The deductions that a severity allows, both ends included (QA-4)."""

    severity: Annotated[Literal["minor", "general", "severe"], Written("each")]
    title: Bilingual
    min: Annotated[Number, Field(gt=0)]
    max: Annotated[Number, Field(gt=0)]


class Scorecard(FromClause):
    """A version of the standard (QA-2, QA-4): scores begin at `base_score` and never fall below `floor`.

    Deductions move in steps of `step`, which is also the distance from one band to the next.
    """

    version: Version
    title: Bilingual
    base_score: Number
    floor: Number
    step: Annotated[Number, Field(gt=0)]
    bands: tuple[Band, ...] = Field(min_length=1)
    categories: tuple[ScorecardCategory, ...] = Field(min_length=1)


class ServiceHours(Piece):
    """On these days a channel is served from `open` to `close`, in the department's time zone."""

    days: tuple[DayOfWeek, ...] = Field(min_length=1)
    open: TimeOfDay
    close: TimeOfDay


class Channel(Entry):
    """A channel (SVC-10) with its response standard; no `hours` means around the clock.

    `first_response` counts working time when `working_time` is set. `answer_rate` is a percentage, `mean_wait` seconds.
    """

    media: tuple[Known, ...] = Field(min_length=1)
    tier: Annotated[int, Field(ge=1, le=3)]
    first_response: Duration | None = None
    working_time: bool
    answer_rate: Percentage | None = None
    mean_wait: PositiveInt | None = None
    hours: tuple[ServiceHours, ...] = ()
    outside_hours: Literal["auto_reply", "voicemail", "queue", "open"]
    outside_words: Bilingual


class Cycle(Entry):
    """An appraisal cycle: when it opens and is due, counted from the last day of its period (APR-1)."""

    period: Literal["month", "quarter", "year"]
    opens: SignedOffset
    due: SignedOffset


class Indicator(Entry):
    """An appraisal indicator (APR-2): a figure of the records turned into 0 to 100 between two values.

    The score is 0 at `zero_at` and 100 at `full_at`, linear between; a lower `full_at` means that less is better.
    """

    weight: Percentage
    source: Literal["system", "customer", "superior"]
    measure: Known
    unit: Unit
    zero_at: Number
    full_at: Number
    formula: Bilingual


class BonusRow(FromClause):
    """What a grade earns, as a percentage of the bonus base (INC-2)."""

    grade: Annotated[Literal["excellent", "good", "qualified", "unqualified"], Written("each")]
    title: Bilingual
    rate: Annotated[Number, Field(ge=0, le=500)]


class OnboardingCourse(Entry):
    """A course that a new hire completes before going on post (TRN-3)."""

    category: Annotated[Known, Written("known", section="course_categories")]
    hours: Annotated[Number, Field(gt=0, le=200)]
    exam: bool


class ConductRule(Entry):
    """A rule of the floor (ATT-7)."""

    sentence: Bilingual


class Pack(Piece):
    """One policy as data: the clauses that it holds, and a value for whatever they leave to be set."""

    code: PackCode
    title: Bilingual
    version: Version
    effective: Day
    clauses: tuple[ClauseId, ...] = Field(min_length=1)
    parameters: tuple[Parameter, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    scorecard: Scorecard | None = None
    topics: tuple[Entry, ...] = ()
    channels: tuple[Channel, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    bonus: tuple[BonusRow, ...] = ()
    course_categories: tuple[Entry, ...] = ()
    course_methods: tuple[Entry, ...] = ()
    onboarding_courses: tuple[OnboardingCourse, ...] = ()
    conduct_rules: tuple[ConductRule, ...] = ()

    @cached_property
    def parameter(self) -> Mapping[str, Parameter]:
        """The parameters by name."""
        return MappingProxyType({each.name: each for each in self.parameters})

    def reminder(self, clause: str, name: str) -> Reminder | None:
        """The reminders of the obligation `name` of `clause`, or None where this pack has none."""
        return next((each for each in self.reminders if (each.clause, each.name) == (clause, name)), None)

    def reminders_of(self, clause: str) -> tuple[Reminder, ...]:
        """The reminders of every obligation of `clause`."""
        return tuple(each for each in self.reminders if each.clause == clause)
