"""What an event is called: the entity and what happened to it, as in `qa_finding.publish`."""

from collections.abc import Iterable, Iterator

from engine.registry import registry
from engine.rules import CREATE, EDIT

EVERYTHING = "*"
OVERDUE = "obligation.overdue"


def names() -> Iterator[str]:
    """Every event that can happen: records written, moved from state to state, obligations overdue."""
    yield OVERDUE
    for table, model in sorted(registry.entities.items()):
        for action in (CREATE, EDIT, *(move.name for move in registry.transitions_for(model))):
            yield f"{table}.{action}"


def patterns() -> Iterator[str]:
    """What a subscription can ask for: everything, all of an entity, or one event."""
    yield EVERYTHING
    yield from sorted({f"{name.partition('.')[0]}.*" for name in names()} | set(names()))


def is_wanted(name: str, wanted: Iterable[str]) -> bool:
    """Whether one of the patterns covers the event."""
    return not {EVERYTHING, name, f"{name.partition('.')[0]}.*"}.isdisjoint(wanted)
