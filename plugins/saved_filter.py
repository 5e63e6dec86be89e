"""Filters that people keep for their lists: their own, with a name."""

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.rules import Facts, Verdict, rule
from models.saved_filter import SavedFilter
from models.words import _


@rule("", SavedFilter, field="name", says=_("Give the filter a name."))
def filter_has_a_name(kept: SavedFilter, facts: Facts) -> Verdict:
    """A filter without a name could not be found again."""
    return bool(kept.name and kept.name.strip())


@rule("", SavedFilter, field="staff_id", says=_("A filter is kept for oneself."))
def filter_is_ones_own(kept: SavedFilter, facts: Facts) -> Verdict:
    """Nobody fills other people's lists."""
    return facts.actor.is_system or kept.staff_id == facts.actor.staff_id


@hookimpl
def domain() -> Domain:
    """What this part brings."""
    return Domain(
        name="saved_filter",
        label=_("Saved filters"),
        entities=(SavedFilter,),
        rules=(filter_has_a_name, filter_is_ones_own),
    )
