"""What can be wrong with a write, said so that the person who tried it knows what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.base import Record
from models.words import Words, _


@dataclass(frozen=True)
class Violation:
    """One broken clause: the rule, the sentence with its values, and the field it concerns (None: the whole record)."""

    rule: str
    clause: str
    sentence: Words
    values: Mapping[str, Any] = field(default_factory=dict)
    field: str | None = None
    record: Record | None = None

    @property
    def text(self) -> str:
        """The sentence in the language of whoever reads it now, with its clause."""
        text = str(self.sentence) % dict(self.values) if self.values else str(self.sentence)
        return f"{text} ({self.clause})" if self.clause else text


class DutybookError(Exception):
    """Base of everything the engine refuses."""


class PolicyError(DutybookError):
    """A write broke clauses. All of them are here, so that they are shown together."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        """`violations` is never empty."""
        super().__init__("; ".join(v.rule for v in violations))
        self.violations = tuple(violations)


class ConflictError(DutybookError):
    """Somebody else changed the record first. `sentence` says who and when."""

    def __init__(self, sentence: Words, record: object | None = None) -> None:
        """`record` is what was contested, when known."""
        super().__init__(type(record).__name__)
        self.sentence = sentence
        self.record = record


class NotAllowedError(DutybookError):
    """The actor's roles do not grant this action on this row."""

    def __init__(self, entity: str, action: str) -> None:
        """`entity` is the table's name, `action` as in the permission matrix."""
        super().__init__(f"{action} {entity}")
        self.entity = entity
        self.action = action
        self.sentence = _("Your role does not allow this. Ask your administrator if you need it.")


class NotFoundError(DutybookError):
    """There is no such row, or none that this actor may see: the two look the same on purpose."""


class BypassError(DutybookError):
    """Code tried to write policy records round the gate."""
