from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.transitions.performing import perform
from models.scorecard import Scorecard, ScorecardItem, ScorecardState
from tests.factories.quality import House, house
from tests.factories.refusals import refused

BANDS = {"minor": ["1", "3"], "general": ["4", "6"], "severe": ["7", "10"]}


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


def draft(at: House, **values: object) -> Scorecard:
    given = {"department_id": at.department.id, "name": {"zh": "新版", "en": "Next"}, "edition": "2.0", "bands": BANDS}
    return Scorecard(**(given | values))


@pytest.mark.clause("QA-2")
def test_packs_scorecard_has_five_categories_and_nineteen_items(at: House) -> None:
    assert at.card.state is ScorecardState.IN_USE
    assert len({item.category for item in at.card.items}) == 5
    assert len(at.card.items) == 19


@pytest.mark.clause("QA-4")
@pytest.mark.parametrize(
    "bands",
    [
        BANDS | {"general": ["3", "6"]},
        BANDS | {"severe": ["10", "7"]},
        {"minor": ["1", "3"]},
        BANDS | {"minor": ["0", "3"]},
    ],
)
def test_bands_rise_without_overlap_broken(session: Session, at: House, bands: object) -> None:
    with refused(session, "scorecard.bands_rise_without_overlap"):
        session.add(draft(at, bands=bands))


@pytest.mark.clause("QA-4")
def test_floor_lies_below_the_base_above_it(session: Session, at: House) -> None:
    session.add(draft(at, edition="ok", floor=Decimal(60)))
    session.commit()
    with refused(session, "scorecard.floor_lies_below_the_base"):
        session.add(draft(at, floor=Decimal(100)))


@pytest.mark.clause("QA-2")
def test_items_stay_once_in_use(session: Session, at: House) -> None:
    with refused(session, "scorecard_item.items_stay_once_in_use"):
        at.item().name = {"zh": "改", "en": "Changed"}


@pytest.mark.clause("QA-2")
def test_next_edition_retires_the_former(session: Session, at: House) -> None:
    card = draft(at)
    card.items = [
        ScorecardItem(
            department_id=at.department.id,
            code="a",
            name={"zh": "甲", "en": "A"},
            category="c",
            category_name={"zh": "类", "en": "C"},
            position=1,
        )
    ]
    session.add(card)
    session.flush()
    perform(session, card, "publish")
    session.commit()
    states = dict(session.execute(select(Scorecard.edition, Scorecard.state)).all())
    assert states == {at.card.edition: ScorecardState.RETIRED, "2.0": ScorecardState.IN_USE}


@pytest.mark.clause("QA-2")
def test_standard_has_items_when_it_has_none(session: Session, at: House) -> None:
    card = draft(at)
    session.add(card)
    session.commit()
    with refused(session, "scorecard.standard_has_items"):
        perform(session, card, "publish")
