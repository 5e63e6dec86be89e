"""Filters that people keep for their lists: their own, with a name."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.rules import CREATE, Facts, Verdict, need, rule
from models.saved_filter import SavedFilter
from models.words import _

MOST = 100
"""Filters that one person may keep: nobody finds their way through more, and nobody fills the table."""


@need(default=0)
def filters_kept(session: Session, kept: Sequence[SavedFilter]) -> Mapping[SavedFilter, int]:
    """How many filters a person keeps, those that are being written included."""
    per_person = select(SavedFilter.staff_id, func.count()).where(SavedFilter.staff_id.in_({k.staff_id for k in kept}))
    counts = Counter(dict(session.execute(per_person.group_by(SavedFilter.staff_id)).all()))
    counts.update(each.staff_id for each in kept)
    return {each: counts[each.staff_id] for each in kept}


@rule("", SavedFilter, field="name", says=_("Give the filter a name."))
def filter_has_a_name(kept: SavedFilter, facts: Facts) -> Verdict:
    """A filter without a name could not be found again."""
    return bool(kept.name and kept.name.strip())


@rule("", SavedFilter, field="staff_id", says=_("A filter is kept for oneself."))
def filter_is_ones_own(kept: SavedFilter, facts: Facts) -> Verdict:
    """Nobody fills other people's lists."""
    return facts.actor.is_system or kept.staff_id == facts.actor.staff_id


@rule(
    "",
    SavedFilter,
    field="name",
    on=frozenset({CREATE}),
    needs=(filters_kept,),
    says=_("You keep %(most)s filters already: drop one that you no longer use first."),
)
def filters_are_not_too_many(kept: SavedFilter, facts: Facts) -> Verdict:
    """Nobody fills the table with filters."""
    return facts.loaded(filters_kept) <= MOST or {"most": MOST}


@hookimpl
def domain() -> Domain:
    """What this part brings."""
    return Domain(
        name="saved_filter",
        label=_("Saved filters"),
        entities=(SavedFilter,),
        rules=(filter_has_a_name, filter_is_ones_own, filters_are_not_too_many),
    )
