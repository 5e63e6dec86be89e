import pytest
from sqlalchemy import select

from models.scorecard import Scorecard, ScorecardState
from tests.factories.browsing import post
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs


def card(qa: Inspected) -> Scorecard:
    with qa.session() as session:
        number = session.scalars(select(Scorecard.id).order_by(Scorecard.id.desc())).first()
    return qa.again(Scorecard, number)  # type: ignore[arg-type, no-any-return]  # there is one


def fields(given: Scorecard, **bands: str) -> dict[str, str]:
    typed = {"bands-minor-low": "1", "bands-minor-high": "2", "bands-general-low": "3", "bands-general-high": "6"}
    typed |= {"bands-severe-low": "7", "bands-severe-high": "10"}
    return {
        "version": str(given.version),
        "edition": given.edition,
        "name-zh": "评分表",
        "name-en": "Scorecard",
        "base_score": "100",
        "floor": "0",
        **typed,
        **bands,
    }


@pytest.mark.clause("QA-2")
def test_next_edition_is_a_draft_with_the_same_items(qa: Inspected, client_as: ClientAs) -> None:
    used = card(qa)
    supervisor = client_as(qa.supervisor)
    answer = post(supervisor, "/scorecard/next-edition/", {"id": str(used.id)})
    made = card(qa)
    assert (answer.status_code, answer.location) == (303, f"/scorecard/edit/?id={made.id}")
    assert (made.state, made.edition) == (ScorecardState.DRAFT, f"{used.edition} / 2")
    with qa.session() as session:
        items = [[i.code for i in session.get_one(Scorecard, number).items] for number in (used.id, made.id)]
    assert items[0] == items[1]
    assert len(items[0]) == len(qa.items)


def test_inspector_makes_no_edition(qa: Inspected, client_as: ClientAs) -> None:
    assert post(client_as(qa.inspector), "/scorecard/next-edition/", {"id": str(card(qa).id)}).status_code == 403


@pytest.mark.clause("QA-4")
def test_bands_are_six_boxes(qa: Inspected, client_as: ClientAs) -> None:
    supervisor = in_english(client_as(qa.supervisor))
    post(supervisor, "/scorecard/next-edition/", {"id": str(card(qa).id)})
    draft = card(qa)
    answer = post(supervisor, f"/scorecard/edit/?id={draft.id}", fields(draft))
    assert answer.status_code == 303, answer.text
    assert card(qa).bands == {"minor": ["1", "2"], "general": ["3", "6"], "severe": ["7", "10"]}
    assert "Minor 1–2 · General 3–6 · Severe 7–10" in read(supervisor, f"/scorecard/details/?id={draft.id}")


@pytest.mark.clause("QA-4")
@pytest.mark.parametrize(
    ("box", "typed"), [("bands-general-low", "2"), ("bands-minor-low", "few"), ("bands-severe-high", "6")]
)
def test_bands_that_overlap_or_are_no_numbers_are_refused(
    qa: Inspected, client_as: ClientAs, box: str, typed: str
) -> None:
    supervisor = client_as(qa.supervisor)
    post(supervisor, "/scorecard/next-edition/", {"id": str(card(qa).id)})
    draft = card(qa)
    answer = post(supervisor, f"/scorecard/edit/?id={draft.id}", fields(draft, **{box: typed}))
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert card(qa).bands == draft.bands
