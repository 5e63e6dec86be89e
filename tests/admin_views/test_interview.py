from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from engine import clock
from models.candidate import Stage
from models.interview import Interview, InterviewState, Round
from tests.factories.browsing import token
from tests.factories.hiring import brought_to, candidate, hiring, interview
from tests.factories.pages import in_english, read
from tests.fixtures.crew import Browse
from tests.fixtures.rulebook import NOW

pytestmark = [pytest.mark.sqlite, pytest.mark.clause("HIRE-3")]


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


def test_interviewer_fills_in_their_sheet(session: Session, browse: Browse) -> None:
    at = hiring(session)
    made = brought_to(session, at, Stage.FIRST_INTERVIEW, about="航空公司客服四年")
    sheet = interview(session, at, made, Round.FIRST)
    other = brought_to(session, at, Stage.FIRST_INTERVIEW, name="钱多多", phone="13900005678")
    interview(session, at, other, Round.FIRST, at.manager)
    lead = in_english(browse(at.lead))
    listed = read(lead, "/interview/")
    assert made.name in listed
    assert other.name not in listed
    address = f"/interview/move/hand_in/?id={sheet.id}"
    page = read(lead, address)
    assert "航空公司客服四年" in page
    assert "Service awareness" in page
    sent = {"csrf_token": token(lead), "version": str(sheet.version), "ask_advice": "take"}
    given = {f"ask_scores-{place}": points for place, points in enumerate(("80", "7O", "90"))}
    assert "whole number" in lead.post(address, data=sent | given).text
    assert lead.post(address, data=sent | given | {"ask_scores-1": "101"}).status_code == 422
    assert lead.post(address, data=sent | given | {"ask_scores-1": "70"}).status_code == 303
    session.refresh(sheet)
    assert (sheet.state, sheet.scores) == (
        InterviewState.SCORED,
        {"professional_knowledge": 80, "communication": 70, "service_awareness": 90},
    )
    assert "Communication skills 70" in read(lead, f"/interview/details/?id={sheet.id}")


def test_hr_plans_a_sheet_for_each_interviewer(session: Session, browse: Browse) -> None:
    at = hiring(session)
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    candidate(session, at, phone="13900005678")
    hr = in_english(browse(at.hr))
    page = hr.get(f"/candidate/details/?id={made.id}").text
    assert f"/interview/new/?candidate_id={made.id}&amp;round=first" in page
    for person in (at.lead, at.manager):
        data = {
            "candidate_id": made.id,
            "round": "first",
            "interviewer_id": person.id,
            "planned_at": "2026-05-05T09:00",
        }
        assert hr.post("/interview/new/", data={"csrf_token": token(hr), "version": "", **data}).status_code == 303
    assert session.query(Interview).count() == 2
    assert "林涛" in read(hr, f"/candidate/details/?id={made.id}")
    assert read(hr, "/candidate/")


def test_candidate_is_looked_up_by_name(session: Session, browse: Browse) -> None:
    at = hiring(session)
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    candidate(session, at, name="钱多多", phone="13900005678")
    session.commit()
    lookup = "/interview/ajax/lookup/?name=candidate_id&query="
    hr = browse(at.hr)
    assert [one["id"] for one in hr.get(lookup + "小川").json] == [made.id]
    assert len(hr.get(lookup + at.opening.name).json) == 2
    assert hr.get(lookup + "小川 多多").json == []
