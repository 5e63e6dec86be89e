import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.transitions.performing import perform
from models.accounts import Account
from models.attachment import Attachment
from models.candidate import Candidate, ClosedCause, Stage
from models.interview import Round
from models.organisation import Staff
from tests.factories.browsing import token
from tests.factories.hiring import FIRST_DAY, Hiring, brought_to, candidate, hiring, interview
from tests.factories.pages import in_english, read
from tests.factories.quality import by
from tests.fixtures.crew import Browse
from tests.fixtures.rulebook import NOW

pytestmark = pytest.mark.sqlite


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def at(session: Session) -> Hiring:
    return hiring(session)


@pytest.fixture
def hr(at: Hiring, browse: Browse) -> FlaskClient:
    return in_english(browse(at.hr))


def drag(browser: FlaskClient, of: Candidate, to: str) -> tuple[int, dict[str, object]]:
    number, version = of.id, of.version
    data = {"csrf_token": token(browser), "version": str(version), "to": to}
    answer = browser.post(f"/hiring/{number}/stage", data=data)
    return answer.status_code, json.loads(answer.text)


@pytest.mark.clause("HIRE-2")
def test_card_is_dragged_to_the_next_stage_only(session: Session, at: Hiring, hr: FlaskClient) -> None:
    made = candidate(session, at)
    assert made.name in read(hr, "/hiring/")
    status, told = drag(hr, made, "second_interview")
    assert status == 422
    assert told["refused"] == [
        {
            "text": "No stage may be skipped: after “Screening” comes “First interview”.",
            "clause": "HIRE-2",
            "url": "/rulebook/#HIRE-2",
        }
    ]
    status, told = drag(hr, made, "first_interview")
    assert (status, told) == (200, {"said": "Moved to “First interview”."})
    session.refresh(made)
    assert made.stage is Stage.FIRST_INTERVIEW
    assert drag(hr, made, "screening")[0] == 422
    assert drag(hr, made, "nowhere")[0] == 422


@pytest.mark.clause("HIRE-3")
def test_refused_card_says_which_clause(session: Session, at: Hiring, hr: FlaskClient) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    status, told = drag(hr, made, "second_interview")
    assert status == 422
    assert [each["clause"] for each in told["refused"]] == ["HIRE-3"]  # type: ignore[index, union-attr]  # JSON
    assert drag(hr, made, "rejected") == (200, {"open": f"/candidate/move/reject/?id={made.id}"})


def test_old_card_does_not_move(session: Session, at: Hiring, hr: FlaskClient) -> None:
    made = candidate(session, at)
    session.commit()
    data = {"csrf_token": token(hr), "version": "0", "to": "first_interview"}
    assert hr.post(f"/hiring/{made.id}/stage", data=data).status_code == 409


@pytest.mark.clause("HIRE-2")
def test_interviewer_sees_their_candidates_and_moves_none(session: Session, at: Hiring, browse: Browse) -> None:
    mine = brought_to(session, at, Stage.FIRST_INTERVIEW, expected_pay="9000")
    other = candidate(session, at, name="钱多多", phone="13900005678")
    interview(session, at, mine, Round.FIRST)
    interview(session, at, mine, Round.FIRST, at.manager)
    lead = in_english(browse(at.lead))
    board = read(lead, "/hiring/")
    assert mine.name in board
    assert "0 of 2 scored" in board
    assert other.name not in board
    page = read(lead, f"/candidate/details/?id={mine.id}")
    assert "Fill in my sheet" in page
    assert mine.phone not in page
    assert "9000" not in page
    assert lead.get(f"/candidate/details/?id={other.id}").status_code == 404
    assert drag(lead, mine, "rejected")[0] == 403
    assert lead.get("/hiring-figures/").status_code == 403
    assert browse(at.agent).get("/hiring/").status_code == 403


@pytest.mark.clause("HIRE-4")
def test_hire_in_one_press_shows_the_link_once(session: Session, at: Hiring, hr: FlaskClient) -> None:
    made = brought_to(session, at, Stage.DECISION)
    with by(at.hr):
        perform(session, made, "propose", offered_pay="7000", starts_on=FIRST_DAY)
    with by(at.manager):
        perform(session, made, "approve")
    session.commit()
    address = f"/candidate/move/hire/?id={made.id}"
    form = hr.get(address).text
    assert 'value="S' in form
    data = {"csrf_token": token(hr), "version": str(made.version), "ask_number": "S9001", "ask_login": "s9001"}
    taken = hr.post(address, data=data | {"ask_number": at.lead.number}).text
    assert re.search(r'id="ask_number"[^>]*>.*?This already exists', taken, re.DOTALL)
    page = hr.post(address, data=data).text
    account = session.scalars(select(Account).where(Account.login == "s9001")).one()
    assert "/welcome#" in page
    assert session.scalars(select(Staff.status).where(Staff.id == account.staff_id)).one() == "trainee"
    assert "/welcome#" not in hr.get(f"/candidate/details/?id={made.id}").text
    again = f"/candidate/move/invite_to_account/?id={made.id}"
    assert "/welcome#" in hr.post(again, data={"csrf_token": token(hr), "version": str(made.version)}).text
    assert "Issue the invitation again" in hr.get(f"/candidate/details/?id={made.id}").text
    account.roles = [Role.TRAINER]
    session.commit()
    assert ">Issue the invitation again</" not in hr.get(f"/candidate/details/?id={made.id}").text


@pytest.mark.clause("HIRE-2")
def test_application_is_of_today_unless_said(at: Hiring, hr: FlaskClient) -> None:
    page = hr.get("/candidate/new/").text
    assert 'value="2026-' in page
    assert '<textarea id="about"' in page


def test_resume_gets_a_neutral_name_and_is_for_few(
    session: Session, at: Hiring, hr: FlaskClient, browse: Browse
) -> None:
    made = candidate(session, at)
    data = {"csrf_token": token(hr), "file": (BytesIO(b"%PDF-1.7 resume"), "赵小川简历.PDF")}
    assert hr.post(f"/candidate/attach/?id={made.id}", data=data).status_code == 303
    file = session.scalars(select(Attachment)).one()
    assert file.name == f"candidate-{made.id}.pdf"
    opened = f"/candidate/attachment/?id={made.id}&file={file.id}"
    with closing(hr.get(opened)) as answer:
        assert answer.status_code == 200
    auditor = browse(at.manager, Role.AUDITOR)
    page = auditor.get(f"/candidate/details/?id={made.id}")
    assert (page.status_code, file.name in page.text, made.name in page.text) == (200, False, False)
    assert auditor.get(opened).status_code == 404


@pytest.mark.clause("HIRE-2")
def test_figures_outlive_the_data(session: Session, at: Hiring, hr: FlaskClient) -> None:
    made = brought_to(session, at, Stage.SECOND_INTERVIEW)
    perform(session, made, "reject", closed_cause=ClosedCause.INTERVIEW, closed_reason="未到场")
    perform(session, made, "erase")
    candidate(session, at, phone="13900005678")
    page = read(hr, "/hiring-figures/")
    assert "Interview not passed" in page
    assert "Erased" in read(hr, "/hiring/")
    with closing(hr.get("/hiring-figures/export/")) as rows:
        assert rows.mimetype.endswith("spreadsheetml.sheet")
    day = (NOW - timedelta(days=800)).date().isoformat()
    assert "Nobody applied" in read(hr, f"/hiring-figures/?from={day}&until={day}")
    assert "Nobody applied" not in read(hr, "/hiring-figures/?from=nonsense&until=2026-13-01")


@pytest.mark.clause("HIRE-1")
def test_published_opening_leads_to_who_applies(at: Hiring, hr: FlaskClient, browse: Browse) -> None:
    address = f"/job_opening/details/?id={at.opening.id}"
    assert f"/candidate/new/?opening_id={at.opening.id}" in hr.get(address).text
    assert "Add a candidate" not in read(in_english(browse(at.manager)), address)
