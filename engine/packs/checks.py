"""What the pieces of a pack owe each other: clauses that exist, names used once, weights, bands that meet."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from engine.packs.document import Document
from engine.packs.reading import Node, Place, find
from engine.packs.schema import (
    SEVERITIES,
    Band,
    BonusRow,
    Channel,
    Clause,
    ConductRule,
    Cycle,
    Entry,
    Indicator,
    OnboardingCourse,
    Parameter,
    Reminder,
    ScorecardCategory,
)
from engine.packs.values import Limits, typed_scalar, value_problems
from models.words import _

FULL = Decimal(100)

_LISTS: Mapping[str, type[Entry]] = {
    "topics": Entry,
    "channels": Channel,
    "cycles": Cycle,
    "indicators": Indicator,
    "course_categories": Entry,
    "course_methods": Entry,
    "onboarding_courses": OnboardingCourse,
    "conduct_rules": ConductRule,
}


def check_pack(document: Document, clauses: Mapping[str, Clause]) -> None:
    """Note every fault between the pieces of the pack in `document`, under the rulebook's `clauses`."""
    check_clause_list(document, clauses)
    check_clauses_of_values(document, clauses)
    check_parameters(document)
    check_reminders(document)
    for name, model in _LISTS.items():
        located = document.pieces((name,), model).located
        check_unique(document, (((*place, "code"), entry.code) for place, entry in located))
    check_channels(document)
    check_indicators(document)
    check_onboarding(document)
    bonus = document.pieces(("bonus",), BonusRow).located
    check_unique(document, (((*place, "grade"), row.grade) for place, row in bonus))
    check_scorecard(document)


def check_unique(document: Document, named: Iterable[tuple[Place, str]]) -> None:
    """Every name stands once."""
    seen = set()
    for place, name in named:
        if name in seen:
            document.refuse(place, _("%(name)s stands here a second time.", name=name))
        seen.add(name)


def check_clause_list(document: Document, clauses: Mapping[str, Clause]) -> None:
    """The pack lists clauses of the rulebook, each once, and only those that name the pack as their source.

    A department's own pack, whose code no clause names, may hold any clause.
    """
    code = _text(document.root, ("code",))
    listed = list(_clause_list(document.root))
    check_unique(document, listed)
    built_in = any(code in clause.sources for clause in clauses.values())
    for place, clause_id in listed:
        clause = clauses.get(clause_id)
        if clause is None:
            document.refuse(place, _("There is no clause %(clause)s in the rulebook.", clause=clause_id))
        elif built_in and code not in clause.sources:
            reason = _("Clause %(clause)s does not come from policy %(pack)s.", clause=clause_id, pack=code)
            document.refuse(place, reason)


def check_clauses_of_values(document: Document, clauses: Mapping[str, Clause]) -> None:
    """Every value's clause exists and is one that the pack lists."""
    listed = {clause_id for _place, clause_id in _clause_list(document.root)}
    for place, clause_id in _clauses_below(document.root, ()):
        if clause_id not in clauses:
            document.refuse(place, _("There is no clause %(clause)s in the rulebook.", clause=clause_id))
        elif clause_id not in listed:
            document.refuse(place, _("Clause %(clause)s is not in this pack's list of clauses.", clause=clause_id))


def check_parameters(document: Document) -> None:
    """Names are used once; bounds are of the parameter's type, in order, and the value keeps them."""
    located = document.pieces(("parameters",), Parameter).located
    check_unique(document, (((*place, "name"), parameter.name) for place, parameter in located))
    for place, parameter in located:
        limits = _limits(document, place, parameter)
        if limits is None:
            continue
        for inside, reason in value_problems(limits, parameter.value):
            document.refuse((*place, "value", *inside), reason)


def _limits(document: Document, place: Place, parameter: Parameter) -> Limits | None:
    compound = parameter.type in {"table", "list"}
    if compound != (parameter.of is not None):
        document.refuse((*place, "type"), _("A table or a list, and nothing else, says with `of` what it holds."))
        return None
    sound = True
    for key, bound in (("min", parameter.min), ("max", parameter.max)):
        try:
            bound is None or typed_scalar(parameter.kind, bound)
        except ValueError:
            document.refuse((*place, key), _("The bound is not of the parameter's type."))
            sound = False
    return parameter.limits if sound else None


def check_reminders(document: Document) -> None:
    """An obligation stands once, and its steps follow each other in time."""
    located = document.pieces(("reminders",), Reminder).located
    check_unique(document, (((*place, "name"), f"{each.clause} {each.name}") for place, each in located))
    for place, each in located:
        for number, (before, after) in enumerate(pairwise(each.steps), 1):
            if before.offset.order >= after.offset.order:
                document.refuse((*place, "steps", number, "offset"), _("The steps should follow each other in time."))


def check_channels(document: Document) -> None:
    """A channel closes after it opens."""
    for place, channel in document.pieces(("channels",), Channel).located:
        for number, hours in enumerate(channel.hours):
            if hours.close <= hours.open:
                document.refuse((*place, "hours", number, "close"), _("The channel should close after it opens."))


def check_indicators(document: Document) -> None:
    """Weights sum to 100, and full marks lie elsewhere than none (APR-2)."""
    indicators = document.pieces(("indicators",), Indicator)
    for place, each in indicators.located:
        if each.full_at == each.zero_at:
            document.refuse((*place, "full_at"), _("Full marks and no marks should lie at different figures."))
    if indicators.whole and indicators.located:
        _check_sum(document, ("indicators",), [each.weight for _place, each in indicators.located])


def check_onboarding(document: Document) -> None:
    """A course belongs to a category that the pack knows, where the pack has categories."""
    known = {each.code for _place, each in document.pieces(("course_categories",), Entry).located}
    for place, course in document.pieces(("onboarding_courses",), OnboardingCourse).located:
        if known and course.category not in known:
            reason = _("There is no course category %(category)s.", category=course.category)
            document.refuse((*place, "category"), reason)


def check_scorecard(document: Document) -> None:
    """Categories sum to 100, items stand once, and the severities' bands meet without gap or overlap (QA-2, QA-4)."""
    categories = document.pieces(("scorecard", "categories"), ScorecardCategory)
    codes = [((*place, "code"), category.code) for place, category in categories.located]
    items = [
        ((*place, "items", number, "code"), item.code)
        for place, category in categories.located
        for number, item in enumerate(category.items)
    ]
    check_unique(document, codes)
    check_unique(document, items)
    if categories.whole and categories.located:
        _check_sum(document, ("scorecard", "categories"), [each.weight for _place, each in categories.located])
    _check_bands(document)


def _check_bands(document: Document) -> None:
    bands = document.pieces(("scorecard", "bands"), Band)
    step = _number(document.root, ("scorecard", "step"))
    for place, band in bands.located:
        if band.min > band.max:
            document.refuse((*place, "max"), _("The band ends before it begins."))
    if not bands.whole or not bands.located:
        return
    if tuple(band.severity for _place, band in bands.located) != SEVERITIES:
        document.refuse(("scorecard", "bands"), _("The bands should be minor, general and severe, in this order."))
        return
    for (_place, lower), (place, upper) in pairwise(bands.located):
        if upper.min <= lower.max:
            document.refuse((*place, "min"), _("The band overlaps the one below it."))
        elif step is not None and upper.min != lower.max + step:
            document.refuse((*place, "min"), _("There is a gap between this band and the one below it."))
    _check_room(document, bands.located[-1])


def _check_room(document: Document, highest: tuple[Place, Band]) -> None:
    base, floor = _number(document.root, ("scorecard", "base_score")), _number(document.root, ("scorecard", "floor"))
    if base is None or floor is None:
        return
    place, band = highest
    if floor >= base:
        document.refuse(("scorecard", "floor"), _("The least score should lie below the score that all begin with."))
    elif band.max > base - floor:
        document.refuse((*place, "max"), _("The band deducts more than a score can lose."))


def _check_sum(document: Document, place: Place, weights: list[Decimal]) -> None:
    total = sum(weights, Decimal(0))
    if total != FULL:
        document.refuse(place, _("The weights sum to %(total)s; they should sum to 100.", total=total))


def _text(root: Node, place: Place) -> str:
    node, _line = find(root, place)
    return node.value if node is not None and isinstance(node.value, str) else ""


def _number(root: Node, place: Place) -> Decimal | None:
    node, _line = find(root, place)
    if node is None or isinstance(node.value, bool) or not isinstance(node.value, (int, Decimal)):
        return None
    return Decimal(node.value)


def _clause_list(root: Node) -> Iterator[tuple[Place, str]]:
    node, _line = find(root, ("clauses",))
    if node is not None and isinstance(node.value, list):
        for index, child in enumerate(node.value):
            if isinstance(child.value, str):
                yield ("clauses", index), child.value


def _clauses_below(node: Node, place: Place) -> Iterator[tuple[Place, str]]:
    """Every `clause:` of the file, wherever it stands."""
    if isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from _clauses_below(child, (*place, index))
    elif isinstance(node.value, dict):
        for key, child in node.value.items():
            if key == "clause" and isinstance(child.value, str):
                yield (*place, key), child.value
            else:
                yield from _clauses_below(child, (*place, key))
