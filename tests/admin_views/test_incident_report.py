import pytest
from sqlalchemy.orm import Session

from models.incident_report import IncidentReport
from tests.factories.browsing import token
from tests.factories.hiring import hiring
from tests.factories.pages import in_english, read
from tests.fixtures.crew import Browse

pytestmark = pytest.mark.sqlite
URGENT = {"name": "热线中断", "what": "来电无法接入。", "emergency": "1", "emergency-shown": "1"}


@pytest.mark.clause("ORG-4")
def test_report_begins_with_the_direct_superior(session: Session, browse: Browse) -> None:
    at = hiring(session)
    agent = in_english(browse(at.agent))
    page = agent.get("/incident_report/new/").text
    assert at.lead.label in page
    assert at.hr.label not in page
    data = {"csrf_token": token(agent), "version": "", **URGENT, "occurred_at": "2026-01-05T09:40"}
    refused = agent.post("/incident_report/new/", data={**data, "addressee_id": str(at.manager.id)})
    assert refused.status_code == 422
    assert "say that it is one, and why it could not wait" in refused.text
    sent = data | {"addressee_id": str(at.manager.id), "why_emergency": "班长不在"}
    assert agent.post("/incident_report/new/", data=sent).status_code == 303
    report = session.query(IncidentReport).one()
    page = read(agent, f"/incident_report/details/?id={report.id}")
    assert "Report to my direct superior" in page
    assert read(in_english(browse(at.lead)), f"/incident_report/details/?id={report.id}")
    # Who sent it is not told why they cannot answer it.
    assert "Pass up one level" not in page
    assert "Pass up one level" in read(in_english(browse(at.manager)), f"/incident_report/details/?id={report.id}")
