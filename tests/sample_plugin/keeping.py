"""What must be: found things are kept for a while, and given back."""

from datetime import datetime, timedelta

from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.rules import Facts, Verdict, rule
from engine.transitions.kinds import Transition
from models.words import _

from .found_item import FoundItem, FoundItemState

SHORTEST = timedelta(days=7)


@rule("", FoundItem, field="kept_until", says=_("What was found is kept for at least a week."))
def kept_for_a_while(item: FoundItem, facts: Facts) -> Verdict:
    """Whoever lost it needs time to come back."""
    return item.kept_until >= item.found_on + SHORTEST


def _due(item: FoundItem, facts: Facts) -> datetime:
    return end_of(item.kept_until, "Asia/Shanghai")


RETURN = Kind(
    name="found_item_return",
    clause="",
    entity=FoundItem,
    label=_("Give back what was found"),
    owed=lambda item: item.state is FoundItemState.KEPT,
    met=lambda item: item.state is FoundItemState.RETURNED,
    due=_due,
    owner=lambda item: item.found_by_id,
)

MOVES = (
    Transition(
        "give_back",
        FoundItem,
        frozenset({FoundItemState.KEPT}),
        FoundItemState.RETURNED,
        _("Give back"),
        "",
        tone="good",
    ),
)
