from datetime import date

import pytest
from sqlalchemy import select

from engine.packs.adoption import adopt
from models.breach_incident import BreachIncident, BreachState
from models.organisation import Department
from tests.factories.browsing import post
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs

pytestmark = pytest.mark.clause("CNF-5")
LEAK = {
    "title_text": "截图外传",
    "occurred_at": "2026-05-04T08:00",
    "severity": "severe",
    "breaks_law-shown": "1",
    "description": "群里出现后台截图",
}


def test_anybody_reports_and_the_manager_sees_what_is_still_to_be_done(qa: Inspected, client_as: ClientAs) -> None:
    with qa.session() as session:
        home = session.scalars(select(Department)).one()
        adopt(session, home, "C", rank=9, valid_from=date(2026, 1, 1))
    agent = in_english(client_as(qa.agent))
    answer = post(agent, "/breach_incident/new/", LEAK)
    assert answer.status_code == 303, answer.text
    assert "截图外传" in read(agent, answer.location)
    assert "截图外传" not in read(client_as(qa.other_agent), "/breach_incident/")
    manager = in_english(client_as(qa.manager))
    page = manager.get(answer.location)
    assert "Dismissal proposed" in page.text
    assert ">Propose dismissal</button>" in page.text
    assert "Record the hand-over" not in page.text
    number = int(answer.location.rpartition("=")[2])
    closing = {"version": "1", "ask_evidence": "日志", "ask_measures": "停用账号"}
    refused = post(manager, f"/breach_incident/move/close/?id={number}", closing)
    assert refused.status_code == 422
    assert "A severe breach is closed once dismissal has been proposed." in refused.text
    with qa.session() as session:
        assert session.scalars(select(BreachIncident.state)).one() is BreachState.REPORTED
