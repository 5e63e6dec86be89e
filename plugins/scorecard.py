"""QA-2 and QA-4: the scoring standard, edition by edition."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.packs.schema import Pack
from engine.rules import GUARD, Facts, Verdict, rule
from engine.transitions.kinds import Transition
from engine.transitions.performing import perform
from models.organisation import Department
from models.scorecard import Scorecard, ScorecardItem, ScorecardState
from models.words import _

SEVERITIES = ("minor", "general", "severe")


@rule(
    "QA-4",
    Scorecard,
    field="bands",
    changed=("bands",),
    says=_("Each severity needs its band of points: minor below general below severe, without overlap."),
)
def bands_rise_without_overlap(card: Scorecard, facts: Facts) -> Verdict:
    """A deduction must tell its severity."""
    if not isinstance(card.bands, dict) or set(card.bands) != set(SEVERITIES):
        return False
    edges = [Decimal(str(point)) for severity in SEVERITIES for point in card.bands[severity]]
    lows, highs = edges[0::2], edges[1::2]
    fits = all(low <= high for low, high in zip(lows, highs, strict=True))
    return fits and all(high < low for high, low in zip(highs, lows[1:], strict=False)) and lows[0] > 0


@rule(
    "QA-4",
    Scorecard,
    field="floor",
    changed=("floor", "base_score"),
    says=_("The floor lies below the base score and not below 0."),
)
def floor_lies_below_the_base(card: Scorecard, facts: Facts) -> Verdict:
    """Otherwise nothing could be deducted."""
    return Decimal(0) <= card.floor < card.base_score


@rule("QA-2", Scorecard, on=GUARD, says=_("A scorecard in use has at least one item."))
def standard_has_items(card: Scorecard, facts: Facts) -> Verdict:
    """Nobody can score by an empty standard."""
    return bool(card.items)


@rule("QA-2", ScorecardItem, says=_("Items change only while the scorecard is a draft. Make the next edition instead."))
def items_stay_once_in_use(item: ScorecardItem, facts: Facts) -> Verdict:
    """Records keep the edition they were scored with."""
    return item.scorecard is None or item.scorecard.state is ScorecardState.DRAFT


def _retire_former(session: Session, card: Scorecard, facts: Facts) -> None:
    for former in session.scalars(
        select(Scorecard).where(
            Scorecard.department_id == card.department_id,
            Scorecard.state == ScorecardState.IN_USE,
            Scorecard.id != card.id,
        )
    ).all():
        perform(session, former, "retire")


@hookimpl
def adopted(session: Session, department: Department, pack: Pack) -> None:
    """The pack's scorecard becomes an edition in use, unless this edition is known (QA-2)."""
    given = pack.scorecard
    if given is None:
        return
    edition = f"{pack.code} {given.version}"
    if session.scalar(
        select(Scorecard.id).where(Scorecard.department_id == department.id, Scorecard.edition == edition)
    ):
        return
    card = Scorecard(
        department_id=department.id,
        name=given.title.words,
        edition=edition,
        base_score=given.base_score,
        floor=given.floor,
        bands={band.severity: [str(band.min), str(band.max)] for band in given.bands},
        pack=pack.code,
    )
    pairs = [(category, item) for category in given.categories for item in category.items]
    card.items = [
        ScorecardItem(
            department_id=department.id,
            code=item.code,
            name=item.title.words,
            category=category.code,
            category_name=category.title.words,
            weight=category.weight,
            position=position,
        )
        for position, (category, item) in enumerate(pairs, start=1)
    ]
    session.add(card)
    session.flush()
    perform(session, card, "publish")


def next_edition(session: Session, card: Scorecard) -> Scorecard:
    """A draft with the same items, to be changed and put into use: what was scored keeps its own edition (QA-2)."""
    taken = set(session.scalars(select(Scorecard.edition).where(Scorecard.department_id == card.department_id)))
    number = next(n for n in range(2, len(taken) + 3) if f"{card.edition} / {n}" not in taken)
    made = Scorecard(
        department_id=card.department_id,
        name=dict(card.name),
        edition=f"{card.edition} / {number}",
        base_score=card.base_score,
        floor=card.floor,
        bands=dict(card.bands),
        pack=card.pack,
    )
    made.items = [
        ScorecardItem(
            department_id=card.department_id,
            code=item.code,
            name=dict(item.name),
            category=item.category,
            category_name=dict(item.category_name),
            weight=item.weight,
            position=item.position,
        )
        for item in card.items
    ]
    session.add(made)
    return made


MOVES = (
    Transition(
        "publish",
        Scorecard,
        frozenset({ScorecardState.DRAFT}),
        ScorecardState.IN_USE,
        _("Put into use"),
        "QA-2",
        guards=(standard_has_items,),
        effect=_retire_former,
        tone="good",
    ),
    Transition(
        "retire",
        Scorecard,
        frozenset({ScorecardState.IN_USE}),
        ScorecardState.RETIRED,
        _("Retire"),
        "QA-2",
        tone="warn",
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="scorecard",
        label=_("Quality inspection"),
        built=("QA-2",),
        entities=(Scorecard, ScorecardItem),
        rules=(bands_rise_without_overlap, floor_lies_below_the_base, items_stay_once_in_use),
        transitions=MOVES,
    )
