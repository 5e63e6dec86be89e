"""What is shown of a field that a role may not read in full, and who was shown the rest, with the reason."""

from typing import Any

from engine.acting import current_act
from engine.permissions import Sight, matrix

DOTS = "••••"
SHORT, TELLING = 2, 7


def sight(entity: str, field: str) -> Sight:
    """What whoever acts may do with a field."""
    return matrix.sight(current_act().actor, entity, field)


def readable(entity: str, field: str) -> bool:
    """Whether the field may be read in full: only then may one sort, filter or search by it."""
    return sight(entity, field) in {Sight.READ, Sight.WRITE}


def visible(entity: str, field: str) -> bool:
    """Whether anything at all is shown of the field."""
    return sight(entity, field) is not Sight.NONE


def masked(value: Any) -> str:
    """Enough to recognise a value by, never enough to use it; the dots do not tell its length."""
    text = "" if value is None else str(value)
    if not text:
        return ""
    if len(text) < SHORT:
        return DOTS
    return f"{text[:3]}{DOTS}{text[-2:]}" if len(text) >= TELLING else f"{text[0]}{DOTS}"
