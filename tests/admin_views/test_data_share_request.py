from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from engine import clock
from engine.transitions.performing import perform
from models.audit import AuditEntry
from models.data_share_request import DataShareRequest, ShareState
from tests.factories.browsing import post
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs

pytestmark = pytest.mark.clause("CNF-4")


@pytest.fixture
def supervisor(qa: Inspected, client_as: ClientAs) -> FlaskClient:
    qa.tell()
    return in_english(client_as(qa.supervisor))


@pytest.fixture
def request_id(qa: Inspected, supervisor: FlaskClient) -> int:
    until = (clock.now() + timedelta(days=5)).date().isoformat()
    asked = {"recipient": "集团审计部", "purpose": "年度审计", "expires_on": until}
    boxes = {"contents-shown": "1", "contents": ["qa_inspection", "qa_report"]}
    answer = post(supervisor, "/data_share_request/new/", asked | boxes)
    assert answer.status_code == 303, answer.text
    return int(answer.location.rpartition("=")[2])


def approve(qa: Inspected, request_id: int) -> None:
    with qa.session() as session:
        perform(session, session.get_one(DataShareRequest, request_id), "approve")


def test_file_under_a_request_is_marked_counted_and_noted(
    qa: Inspected, supervisor: FlaskClient, request_id: int
) -> None:
    approve(qa, request_id)
    assert "集团审计部" in read(supervisor, "/qa_inspection/")
    with supervisor.get(f"/qa_inspection/export/xlsx/?share=data_share_request:{request_id}") as answer:
        book = load_workbook(BytesIO(answer.data))
    mark = book.active[1][-1].value
    for part in ("※ ", "集团审计部", f"request {request_id}", qa.supervisor.label):
        assert part in mark
    assert (book.properties.creator, book.properties.description) == (qa.supervisor.label, mark.removeprefix("※ "))
    assert "集团审计部" in book.active.oddFooter.left.text
    with qa.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
        assert entry.changes["clearance"] == [None, f"data_share_request:{request_id}"]
        assert book.properties.keywords == entry.request_id
        assert session.get_one(DataShareRequest, request_id).exports == 1


def test_file_without_a_request_says_that_it_stays_inside(qa: Inspected, supervisor: FlaskClient) -> None:
    with supervisor.get("/qa_inspection/export/csv/") as answer:
        assert "Internal data, not to leave the department" in answer.text.splitlines()[0]


def test_request_that_is_not_approved_or_names_other_data_gives_no_file(
    qa: Inspected, supervisor: FlaskClient, client_as: ClientAs, request_id: int
) -> None:
    key = f"data_share_request:{request_id}"
    assert supervisor.get(f"/qa_inspection/export/xlsx/?share={key}").status_code == 403
    approve(qa, request_id)
    assert supervisor.get(f"/qa_finding/export/xlsx/?share={key}").status_code == 403
    assert client_as(qa.manager).get(f"/qa_inspection/export/xlsx/?share={key}").status_code == 403
    with qa.session() as session:
        denied = session.scalars(select(AuditEntry.entity).where(AuditEntry.action == "denied")).all()
        assert sorted(denied) == ["qa_finding", "qa_inspection", "qa_inspection"]


def test_request_page_leads_to_the_data(qa: Inspected, supervisor: FlaskClient, request_id: int) -> None:
    assert "Take the data" not in read(supervisor, f"/data_share_request/details/?id={request_id}")
    approve(qa, request_id)
    page = supervisor.get(f"/data_share_request/details/?id={request_id}").text
    assert "Take the data" in page
    assert 'href="/qa_inspection/"' in page


def test_link_under_export_begins_a_request_for_that_data(supervisor: FlaskClient) -> None:
    form = supervisor.get("/data_share_request/new/?contents=qa_finding&contents-shown=1").text
    assert 'value="qa_finding" checked' in form


def test_manager_decides_on_the_page(qa: Inspected, client_as: ClientAs, request_id: int) -> None:
    manager = client_as(qa.manager)
    address = f"/data_share_request/move/approve/?id={request_id}"
    assert post(manager, address, {"version": "1", "ask_verdict": "仅汇总"}).status_code == 303
    assert qa.again(DataShareRequest, request_id).state is ShareState.APPROVED
