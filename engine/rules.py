"""A rule is a small named predicate that states a clause; it gets everything it needs and touches nothing.

@rule("QA-4", QaFinding, field="deduction", says=_("... %(low)s to %(high)s ..."))
def deduction_is_within_the_band(finding: QaFinding, facts: Facts) -> Verdict:
    low, high = facts.parameter("severity_bands")[finding.severity]
    return low <= finding.deduction <= high or {"low": low, "high": high}
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from engine.acting import Actor, current_act
from engine.errors import Violation
from models.base import Record
from models.types import Labelled
from models.words import Words, _

Verdict = bool | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""True: kept. False: broken. A mapping: broken, with the values that the sentence names (`field` moves it to another
field). A list of mappings: broken at several places; an empty list is kept."""

CREATE, EDIT, DELETE = "create", "edit", "delete"
WRITE = frozenset({CREATE, EDIT})


class Workdays(Protocol):
    """The official working calendar as a rule sees it."""

    def is_workday(self, day: date) -> bool:
        """Whether `day` is worked, holidays and make-up days considered."""

    def add(self, day: date, workdays: int) -> date:
        """The day that many working days after (or before, when negative) `day`."""

    def between(self, first: date, last: date) -> int:
        """How many working days lie in the half-open range [first, last)."""


Loader = Callable[[Session, Sequence[Any]], Mapping[Any, Any]]


@dataclass(frozen=True, eq=False)
class Need:
    """Something that rules must look up, loaded once for a whole batch of records: answers by record."""

    name: str
    load: Loader
    default: Any = None


def need(default: Any = None) -> Callable[[Loader], Need]:  # noqa: ANN401 a need may answer anything
    """Turn a batch loader into a need; `default` is the answer for records it does not mention."""
    return lambda load: Need(f"{load.__module__}.{load.__name__}", load, default)


@dataclass(frozen=True)
class Facts:
    """The circumstances of one record's write, as a rule may know them."""

    actor: Actor
    now: datetime
    today: date
    calendar: Workdays
    zone: str = "UTC"
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    move: str | None = None
    parameters: Callable[[str], Any] = lambda _name: None
    answers: Mapping[str, Any] = field(default_factory=dict)

    def parameter(self, name: str) -> Any:  # noqa: ANN401 a parameter may be a number, a table, a list
        """The value in force on the date that the record is about."""
        return self.parameters(name)

    def changed(self, *fields: str) -> bool:
        """Whether any of the fields changes in this write."""
        return any(name in self.changes for name in fields)

    def before(self, name: str) -> Any:  # noqa: ANN401 any column
        """The field's value before this write; None when it did not change."""
        return self.changes[name][0] if name in self.changes else None

    def loaded(self, what: Need) -> Any:  # noqa: ANN401 a need may answer anything
        """The batch's answer for this record. The rule must have declared the need."""
        return self.answers.get(what.name, what.default)


Predicate = Callable[[Any, Facts], Verdict]


@dataclass(frozen=True)
class Rule:
    """A clause as a predicate: when it is asked, of which entity, and what is said when it is broken."""

    clause: str
    name: str
    entity: type[Record]
    predicate: Predicate
    says: Words
    field: str | None = None
    on: frozenset[str] = WRITE
    changed: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()

    def concerns(self, moment: str, facts: Facts) -> bool:
        """Whether the rule is asked at this moment: always on creation, else when one of its fields changes."""
        if moment not in self.on:
            return False
        return moment != EDIT or not self.changed or facts.changed(*self.changed)

    def ask(self, record: Record, facts: Facts) -> list[Violation]:
        """What is broken; nothing when the clause is kept."""
        verdict = self.predicate(record, facts)
        if isinstance(verdict, bool):
            verdict = [] if verdict else [{}]
        places = [verdict] if isinstance(verdict, Mapping) else verdict
        return [self._broken(record, values) for values in places]

    def _broken(self, record: Record, values: Mapping[str, Any]) -> Violation:
        return Violation(self.name, self.clause, self.says, values, values.get("field", self.field), record)


def rule(  # noqa: PLR0913 a declaration names its parts
    clause: str,
    entity: type[Record],
    *,
    says: Words,
    field: str | None = None,
    on: frozenset[str] = WRITE,
    changed: tuple[str, ...] = (),
    needs: tuple[Need, ...] = (),
) -> Callable[[Predicate], Rule]:
    """Declare a predicate as the rule of a clause.

    `field` is where a form shows the sentence; `changed` limits edits to those that touch these fields; a guard of a
    transition is a rule with `on=GUARD`.
    """

    def declare(predicate: Predicate) -> Rule:
        name = f"{entity.__tablename__}.{predicate.__name__}"
        return Rule(clause, name, entity, predicate, says, field, on, changed, needs)

    return declare


@dataclass(frozen=True)
class Fill:
    """Columns that follow from others (an agent's team), filled in for a batch before rules look at it."""

    entity: type[Record]
    fill: Callable[[Session, Sequence[Any]], None]


@dataclass(frozen=True)
class After(Fill):
    """What follows a record's creation, and an edit or move that changes one of the columns `changed`."""

    changed: tuple[str, ...] = ()


GUARD: frozenset[str] = frozenset()
"""For rules that only a transition asks."""


def four_eyes(clause: str, entity: type[Record], proposer: str) -> Rule:
    """The standard guard: whoever proposed (the staff id in column `proposer`) may not decide."""

    def somebody_else_decides(record: Record, facts: Facts) -> Verdict:
        return facts.actor.is_system or getattr(record, proposer) != facts.actor.staff_id

    says = _("Somebody else has to decide this: you may not decide on your own work.")
    return Rule(
        clause,
        f"{entity.__tablename__}.somebody_else_than_{proposer}_decides",
        entity,
        somebody_else_decides,
        says,
        on=GUARD,
    )


def first_writer(entity: type[Record], column: str) -> Fill:
    """The standard fill: `column` is the staff id of the person who wrote a record first."""

    def note(_session: Session, records: Sequence[Record]) -> None:
        for record in records:
            if getattr(record, column) is None:
                setattr(record, column, current_act().actor.staff_id)

    return Fill(entity, note)


def last_editor(entity: type[Record], column: str, drafts: frozenset[Labelled]) -> Fill:
    """The fill that belongs to `four_eyes`: whoever edits a record in one of the states `drafts` is its proposer."""

    def note(_session: Session, records: Sequence[Record]) -> None:
        actor = current_act().actor
        for record in records:
            if not actor.is_system and getattr(record, str(record.__entity__.state)) in drafts:
                setattr(record, column, actor.staff_id)

    return Fill(entity, note)
