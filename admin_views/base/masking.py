"""What is shown of a field that a role may not read in full, and who was shown the rest, with the reason."""

from engine.acting import current_act
from engine.masking import masked
from engine.permissions import Sight, matrix

__all__ = ["masked", "readable", "sight", "visible"]


def sight(entity: str, field: str) -> Sight:
    """What whoever acts may do with a field."""
    return matrix.sight(current_act().actor, entity, field)


def readable(entity: str, field: str) -> bool:
    """Whether the field may be read in full: only then may one sort, filter or search by it."""
    return sight(entity, field) in {Sight.READ, Sight.WRITE}


def visible(entity: str, field: str) -> bool:
    """Whether anything at all is shown of the field."""
    return sight(entity, field) is not Sight.NONE
