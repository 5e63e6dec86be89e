import io
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from admin_views import paper
from admin_views.qa_report.charts import trend_of
from models.audit import AuditEntry
from models.qa_inspection import Severity
from models.qa_report import QaReport
from tests.factories.browsing import post
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read
from tests.factories.working import prepared
from tests.fixtures.client import ClientAs

MONTH = "2026-05"


@pytest.fixture
def supervisor(qa: Inspected, client_as: ClientAs) -> FlaskClient:
    qa.tell(Severity.GENERAL, "5")
    return in_english(client_as(qa.supervisor))


@pytest.fixture
def report(qa: Inspected, supervisor: FlaskClient) -> int:
    answer = post(supervisor, "/qa_report/new/", {"month": MONTH, "causes": "", "measures": ""})
    assert answer.status_code == 303, answer.text
    with qa.session() as session:
        return session.scalars(select(QaReport.id)).one()


@pytest.mark.clause("QA-9")
def test_report_shows_its_figures_with_the_rows_behind_them(supervisor: FlaskClient, report: int) -> None:
    page = supervisor.get(f"/qa_report/details/?id={report}")
    days = "flt_occurred_at_from=2026-05-01&amp;flt_occurred_at_to=2026-05-31"
    behind = f"/qa_finding/?flt_state=told&amp;{days}&amp;flt_item_code="
    assert behind in page.text
    text = read(supervisor, f"/qa_report/details/?id={report}")
    assert "95 Mean score 1 Records" in text
    assert "1 finding, 5 points" in text


@pytest.mark.clause("QA-9")
def test_proposal_is_taken_over_once(qa: Inspected, supervisor: FlaskClient, report: int) -> None:
    page = read(supervisor, f"/qa_report/details/?id={report}")
    proposal = next(p for p in ("Train and practise: Courtesy.",) if p in page)
    answer = post(supervisor, "/qa_report/take/", {"id": str(report), "into": "measures", "text": proposal})
    assert answer.status_code == 303
    assert qa.again(QaReport, report).measures == proposal
    assert "taken over" in read(supervisor, f"/qa_report/details/?id={report}")


@pytest.mark.parametrize("data", [{"into": "state", "text": "x"}, {"into": "causes", "text": "nobody proposed this"}])
def test_only_what_is_proposed_is_taken_over(supervisor: FlaskClient, report: int, data: dict[str, str]) -> None:
    assert post(supervisor, "/qa_report/take/", {"id": str(report), **data}).status_code == 400


def test_manager_reads_but_takes_nothing_over(qa: Inspected, client_as: ClientAs, report: int) -> None:
    manager = client_as(qa.manager)
    assert "/qa_report/take/" not in manager.get(f"/qa_report/details/?id={report}").text
    assert post(manager, "/qa_report/take/", {"id": str(report), "into": "causes", "text": "x"}).status_code == 403


@pytest.mark.clause("QA-9")
def test_report_is_a_pdf_with_its_figures(qa: Inspected, supervisor: FlaskClient, report: int) -> None:
    answer = prepared(supervisor, f"/qa_report/download/pdf/?id={report}")
    assert answer.headers["Content-Disposition"] == "attachment; filename=qa_report_2026-05_1.pdf"
    text = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert "QA report 2026-05" in text
    assert "Mean score" in text
    with qa.session() as session:
        taken = session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
        assert (taken.record_id, taken.changes["format"][1]) == (report, "pdf")


def test_pdf_reads_nothing_from_this_machine_or_the_network(
    qa: Inspected, supervisor: FlaskClient, report: int
) -> None:
    text = '<img src="file:///etc/passwd"><img src="http://127.0.0.1:9/x">'
    post(supervisor, f"/qa_report/edit/?id={report}", {"version": "1", "month": MONTH, "causes": text, "measures": "x"})
    answer = prepared(supervisor, f"/qa_report/download/pdf/?id={report}")
    assert text in "".join(p.extract_text() for p in PdfReader(io.BytesIO(answer.data)).pages).replace("\n", "")


def test_missing_library_is_said_in_a_sentence(
    supervisor: FlaskClient, report: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(_template: str, **_data: object) -> bytes:
        raise paper.PaperError(paper.LACKING)

    monkeypatch.setattr(paper, "pdf_of", lacking)
    answer = prepared(supervisor, f"/qa_report/download/pdf/?id={report}")
    assert answer.status_code == 404
    assert "the library Pango is not installed" in read(supervisor, answer.request.path.removesuffix("/file"))


def test_report_is_a_workbook_without_formulas(qa: Inspected, supervisor: FlaskClient, report: int) -> None:
    text = '=HYPERLINK("http://evil.example")'
    post(supervisor, f"/qa_report/edit/?id={report}", {"version": "1", "month": MONTH, "causes": text, "measures": "x"})
    book = load_workbook(io.BytesIO(supervisor.get(f"/qa_report/download/xlsx/?id={report}").data))
    overview = {row[0].value: row[1] for row in book["Overview"].iter_rows(min_row=2)}
    assert (overview["Causes"].value, overview["Causes"].data_type) == (text, "s")
    assert [row[2].value for row in book["Trend"].iter_rows(min_row=2)][-1] == 95


def test_whoever_may_only_read_takes_no_report_away(qa: Inspected, client_as: ClientAs, report: int) -> None:
    assert client_as(qa.agent).get(f"/qa_report/download/pdf/?id={report}").status_code == 403
    assert client_as(qa.lead).get(f"/qa_report/download/xlsx/?id={report}").status_code == 403


def test_trend_leaves_a_gap_where_no_record_was_scored(app: Flask) -> None:
    means = [None, "90", "92.5", None, "95", "95"]
    months = [{"month": f"2026-0{n}", "mean": m, "records": 0 if m is None else 3} for n, m in enumerate(means, 1)]
    with app.test_request_context():
        trend = trend_of({"trend": months})
    assert [point.month for point in trend.points] == ["2026-02", "2026-03", "2026-05", "2026-06"]
    assert len(trend.lines) == 2
    assert all(point.records == 3 for point in trend.points)
    heights = [point.y for point in trend.points]
    assert heights == sorted(heights, reverse=True)
    assert Decimal(trend.ticks[0][1]) <= Decimal(90)
