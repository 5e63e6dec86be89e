"""Before and after as the audit keeps them, as far as whoever calls may see the fields."""

from collections.abc import Mapping
from typing import Any

from api.entities import Offered, entities
from engine.masking import masked

PAIR = 2


def seen(offered: Offered, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of which the caller sees anything, masked ones masked; what no column holds (a reason) as it is."""
    shown, hidden = offered.shown, offered.masked
    columns = offered.resource.model.__mapper__.attrs
    found = {}
    for name, pair in changes.items():
        if isinstance(pair, list) and len(pair) == PAIR and (name in shown or name not in columns):
            before, after = (masked(value) or None for value in pair) if name in hidden else pair
            found[name] = {"before": before, "after": after}
    return found


def of_entry(changes: Mapping[str, Any], entity: str) -> dict[str, Any]:
    """The changes of an audit entry about any entity; of one that is not offered here nothing is told."""
    known = entities().get(entity)
    return seen(known.offered(), changes) if known is not None else {}
