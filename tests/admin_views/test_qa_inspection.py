from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from models.audit import AuditEntry
from models.organisation import Staff
from models.qa_inspection import InspectionState, QaFinding, QaInspection, Severity
from tests.factories.browsing import token
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read, text_of
from tests.fixtures.client import ClientAs


@pytest.fixture
def inspector(qa: Inspected, client_as: ClientAs) -> FlaskClient:
    return in_english(client_as(qa.inspector))


def sent(client: FlaskClient, qa: Inspected, where: str, **data: object) -> TestResponse:
    address = f"/scoring/{qa.inspection}/{where}"
    return client.post(address, json=data, headers={"X-CSRFToken": token(client), "Accept": "application/json"})


def found(qa: Inspected, **changed: object) -> dict[str, object]:
    given = {"item_id": qa.items[0], "severity": "minor", "deduction": "2", "problem": "未报工号"}
    return given | changed


def stored(qa: Inspected) -> list[tuple[int, str, Decimal, str]]:
    with qa.session() as session:
        rows = session.scalars(select(QaFinding).where(QaFinding.inspection_id == qa.inspection).order_by(QaFinding.id))
        return [(row.item_id, row.severity.value, row.deduction, row.problem) for row in rows]


@pytest.mark.clause("QA-4", "QA-5")
def test_finding_is_stored_and_the_score_comes_back(qa: Inspected, inspector: FlaskClient) -> None:
    assert sent(inspector, qa, "finding", **found(qa)).json["score"] == "98"
    answer = sent(inspector, qa, "finding", **found(qa, item_id=qa.items[1], severity="severe", deduction="8"))
    assert answer.json["score"] == "90"
    assert stored(qa) == [
        (qa.items[0], "minor", Decimal(2), "未报工号"),
        (qa.items[1], "severe", Decimal(8), "未报工号"),
    ]


@pytest.mark.clause("QA-4")
def test_findings_form_shows_its_record_without_offering_others(qa: Inspected, inspector: FlaskClient) -> None:
    sent(inspector, qa, "finding", **found(qa))
    with qa.session() as session:
        number = session.scalars(select(QaFinding.id)).one()
    page, empty = (inspector.get(f"/qa_finding/{form}") for form in (f"edit/?id={number}", "new/"))
    assert 'name="problem"' in page.text
    assert 'name="inspection_id"' not in page.text
    assert "Inspection" in text_of(page)
    assert 'name="inspection_id"' in empty.text


@pytest.mark.clause("QA-4")
def test_finding_outside_its_band_is_refused_at_its_field_with_its_clause(
    qa: Inspected, inspector: FlaskClient
) -> None:
    answer = sent(inspector, qa, "finding", **found(qa, deduction="4"))
    assert answer.status_code == 422
    assert [(p["field"], p["clause"]) for p in answer.json["problems"]] == [("deduction", "QA-4")]
    assert stored(qa) == []


def test_finding_is_about_the_records_agent_whatever_is_sent(qa: Inspected, inspector: FlaskClient) -> None:
    sent(inspector, qa, "finding", **found(qa, agent_id=qa.other_agent.id))
    with qa.session() as session:
        assert session.scalars(select(QaFinding.agent_id)).all() == [qa.agent.id]


def test_finding_is_changed_by_the_version_it_was_read_in(qa: Inspected, inspector: FlaskClient) -> None:
    first = sent(inspector, qa, "finding", **found(qa)).json["finding"]
    changed = sent(inspector, qa, "finding", **found(qa, id=first["id"], version=first["version"], deduction="3"))
    assert (changed.json["score"], changed.json["finding"]["version"]) == ("97", first["version"] + 1)
    late = sent(inspector, qa, "finding", **found(qa, id=first["id"], version=first["version"], deduction="1"))
    assert late.status_code == 409
    assert stored(qa)[0][2] == Decimal(3)


def test_finding_sent_again_after_a_lost_answer_is_written_once(qa: Inspected, inspector: FlaskClient) -> None:
    first = sent(inspector, qa, "finding", **found(qa)).json["finding"]
    again = sent(inspector, qa, "finding", **found(qa, sent_before=True)).json["finding"]
    assert again["id"] == first["id"]
    assert len(stored(qa)) == 1


def test_finding_is_removed(qa: Inspected, inspector: FlaskClient) -> None:
    first = sent(inspector, qa, "finding", **found(qa)).json["finding"]
    assert sent(inspector, qa, "removal", id=first["id"]).json["score"] == "100"
    assert sent(inspector, qa, "removal", id=first["id"]).status_code == 200
    assert stored(qa) == []


@pytest.mark.parametrize(
    "data",
    [
        {"deduction": "NaN"},
        {"deduction": "1e9"},
        {"severity": "grave"},
        {"item_id": 0},
        {"problem": 7},
        {"problem": "x" * 1001},
    ],
)
def test_finding_that_is_none_is_refused(qa: Inspected, inspector: FlaskClient, data: dict[str, object]) -> None:
    assert sent(inspector, qa, "finding", **found(qa, **data)).status_code == 400
    assert stored(qa) == []


def test_remark_is_kept(qa: Inspected, inspector: FlaskClient) -> None:
    assert sent(inspector, qa, "remark", remark=" 录音不清 ").status_code == 200
    assert qa.again(QaInspection, qa.inspection).remark == "录音不清"


def test_nobody_scores_somebody_elses_record(qa: Inspected, client_as: ClientAs) -> None:
    other = client_as(qa.other_inspector)
    assert sent(other, qa, "finding", **found(qa)).status_code == 403
    assert sent(other, qa, "hand-in").status_code == 403
    assert other.get(f"/scoring/{qa.inspection}/").status_code == 303
    with qa.session() as session:
        denied = session.scalars(select(AuditEntry).where(AuditEntry.action == "denied")).all()
        assert {(row.actor_id, row.entity, row.record_id) for row in denied} == {
            (qa.other_inspector.id, "qa_inspection", qa.inspection)
        }


def test_agent_and_lead_have_no_scoring(qa: Inspected, client_as: ClientAs) -> None:
    for person in (qa.agent, qa.lead):
        assert client_as(person).get("/scoring/").status_code == 403


@pytest.mark.clause("QA-6")
def test_hand_in_leads_to_the_next_record(qa: Inspected, inspector: FlaskClient) -> None:
    before = read(inspector, "/scoring/")
    answer = sent(inspector, qa, "hand-in").json["next"]
    assert qa.again(QaInspection, qa.inspection).state is InspectionState.HANDED_IN
    assert before.count("0 of 1 handed in") == 2
    with qa.session() as session:
        other = session.scalars(
            select(QaInspection.id).where(
                QaInspection.inspector_id == qa.inspector.id, QaInspection.state == InspectionState.ASSIGNED
            )
        ).one()
    assert answer == f"/scoring/{other}/"
    assert sent(inspector, qa, "hand-in").status_code == 409
    last = inspector.post(f"/scoring/{other}/hand-in", json={}, headers={"X-CSRFToken": token(inspector)})
    assert last.json["next"] == "/scoring/"
    assert "Nothing to score" in read(inspector, "/scoring/")


def test_scoring_page_shows_the_record_masked_and_every_item(qa: Inspected, inspector: FlaskClient) -> None:
    page = read(inspector, f"/scoring/{qa.inspection}/")
    assert "怎么退货？" in page
    assert "13800000000" not in page
    assert "王芳" not in page
    assert inspector.get(f"/scoring/{qa.inspection}/").text.count("data-add=") == len(qa.items)


@pytest.mark.clause("RCT-4")
def test_scoring_page_shows_what_the_agent_was_told_before(qa: Inspected, client_as: ClientAs) -> None:
    qa.tell()
    with qa.session() as session:
        second = session.scalars(
            select(QaInspection).where(QaInspection.agent_id == qa.agent.id, QaInspection.id != qa.inspection)
        ).one()
        number, inspector = second.id, session.get_one(Staff, second.inspector_id)
        session.expunge(inspector)
    page = read(in_english(client_as(inspector)), f"/scoring/{number}/")
    assert "1 earlier" in page
    assert "未致歉" in page


def test_queue_shows_what_waits_for_review_with_its_findings(
    qa: Inspected, client_as: ClientAs, inspector: FlaskClient
) -> None:
    sent(inspector, qa, "finding", **found(qa))
    sent(inspector, qa, "hand-in")
    page = read(in_english(client_as(qa.supervisor)), "/qa-review/")
    assert "1 record waits for your review" in page
    assert "未报工号" in page
    assert inspector.get("/qa-review/").status_code == 403


@pytest.mark.clause("QA-6")
def test_agent_reads_nothing_before_the_review(qa: Inspected, client_as: ClientAs, inspector: FlaskClient) -> None:
    sent(inspector, qa, "finding", **found(qa))
    sent(inspector, qa, "hand-in")
    agent = client_as(qa.agent)
    assert agent.get(f"/qa_inspection/details/?id={qa.inspection}").status_code == 404
    assert "未报工号" not in read(agent, "/qa_finding/")


def test_result_shows_findings_and_asks_the_agent_for_grounds(qa: Inspected, client_as: ClientAs) -> None:
    qa.tell(Severity.SEVERE, "8")
    page = read(in_english(client_as(qa.agent)), f"/qa_inspection/details/?id={qa.inspection}")
    assert "92 / 100" in page
    assert "未致歉" in page
    assert "Question this result" in page
    assert "Question this result" not in read(
        in_english(client_as(qa.lead)), f"/qa_inspection/details/?id={qa.inspection}"
    )


@pytest.mark.parametrize(("told", "rows"), [("1", 1), ("0", 3)])
def test_list_is_narrowed_to_told_results(qa: Inspected, client_as: ClientAs, told: str, rows: int) -> None:
    qa.tell()
    page = client_as(qa.supervisor).get(f"/qa_inspection/?flt_told={told}")
    assert page.text.count('name="rowid"') == rows


def test_findings_are_narrowed_by_the_items_code(qa: Inspected, client_as: ClientAs) -> None:
    qa.tell()
    supervisor = client_as(qa.supervisor)
    with qa.session() as session:
        code = session.scalars(select(QaFinding)).one().item.code
    assert "未致歉" in text_of(supervisor.get(f"/qa_finding/?flt_item_code={code}"))
    assert "未致歉" not in text_of(supervisor.get("/qa_finding/?flt_item_code=nothing"))
