from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.qa_appeal import AppealState, QaAppeal
from models.qa_inspection import FindingState, InspectionState, QaFinding, QaInspection, Severity
from tests.factories.browsing import post, token
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs

GROUNDS = "录音第 40 秒已致歉"


@pytest.fixture
def finding(qa: Inspected) -> int:
    return qa.tell(Severity.GENERAL, "6")


def filed(qa: Inspected, client: FlaskClient) -> QaAppeal:
    answer = post(client, "/qa_appeal/new/", {"inspection_id": str(qa.inspection), "grounds": GROUNDS})
    assert answer.status_code == 303, answer.text
    with qa.session() as session:
        number = session.scalars(select(QaAppeal.id)).one()
    return qa.again(QaAppeal, number)  # type: ignore[no-any-return]  # a row of any kind


def answered(client: FlaskClient, appeal: QaAppeal, move: str, **fields: str) -> int:
    data = {"version": str(appeal.version), "csrf_token": token(client), **fields}
    return client.post(f"/qa_appeal/move/{move}/?id={appeal.id}", data=data).status_code


@pytest.mark.clause("QA-8")
def test_agent_files_an_appeal_about_an_own_result(qa: Inspected, client_as: ClientAs, finding: int) -> None:
    appeal = filed(qa, client_as(qa.agent))
    assert (appeal.grounds, appeal.agent_id, appeal.score_before) == (GROUNDS, qa.agent.id, "94.00")
    assert qa.again(QaInspection, qa.inspection).state is InspectionState.APPEALED


@pytest.mark.clause("QA-8")
def test_appeal_about_anothers_result_is_refused(qa: Inspected, client_as: ClientAs, finding: int) -> None:
    other = client_as(qa.other_agent)
    answer = post(other, "/qa_appeal/new/", {"inspection_id": str(qa.inspection), "grounds": GROUNDS})
    assert answer.status_code in {404, 422}
    assert qa.again(QaInspection, qa.inspection).state is InspectionState.REVIEWED


@pytest.mark.clause("QA-8")
def test_accepted_appeal_leaves_both_editions_visible(qa: Inspected, client_as: ClientAs, finding: int) -> None:
    agent = in_english(client_as(qa.agent))
    appeal = filed(qa, agent)
    supervisor = in_english(client_as(qa.supervisor))
    page = read(supervisor, f"/qa_appeal/move/accept/?id={appeal.id}")
    assert GROUNDS in page
    assert "怎么退货？" in page
    assert answered(supervisor, appeal, "accept", ask_answer="复听后认可", **{f"ask_revised-{finding}": "4"}) == 303
    stored = qa.again(QaFinding, finding)
    assert (stored.deduction, qa.again(QaInspection, qa.inspection).score) == (Decimal(4), Decimal(96))
    result = read(agent, f"/qa_inspection/details/?id={qa.inspection}")
    assert "Edition 1 94 " in result
    assert "Edition 2 · in force 96" in result
    assert "6 4" in result


@pytest.mark.clause("QA-8")
def test_nought_withdraws_the_finding(qa: Inspected, client_as: ClientAs, finding: int) -> None:
    appeal = filed(qa, client_as(qa.agent))
    supervisor = client_as(qa.supervisor)
    assert answered(supervisor, appeal, "accept", ask_answer="复听后认可", **{f"ask_revised-{finding}": "0"}) == 303
    assert qa.again(QaFinding, finding).state is FindingState.WITHDRAWN
    assert qa.again(QaInspection, qa.inspection).score == Decimal(100)


@pytest.mark.clause("QA-8")
@pytest.mark.parametrize("points", ["", "6", "7", "3", "lots", "NaN"])
def test_acceptance_without_a_milder_deduction_is_refused(
    qa: Inspected, client_as: ClientAs, finding: int, points: str
) -> None:
    appeal = filed(qa, client_as(qa.agent))
    supervisor = client_as(qa.supervisor)
    assert answered(supervisor, appeal, "accept", ask_answer="不", **{f"ask_revised-{finding}": points}) == 422
    assert qa.again(QaAppeal, appeal.id).state is AppealState.FILED


@pytest.mark.clause("QA-8")
def test_inspector_does_not_answer_an_appeal_about_their_own_score(
    qa: Inspected, client_as: ClientAs, finding: int
) -> None:
    appeal = filed(qa, client_as(qa.agent))
    assert answered(client_as(qa.inspector), appeal, "reject", ask_answer="没有") == 422
    assert answered(client_as(qa.other_inspector), appeal, "reject", ask_answer="没有致歉") == 303
    assert qa.again(QaAppeal, appeal.id).state is AppealState.REJECTED
    assert qa.again(QaInspection, qa.inspection).score == Decimal(94)


def test_appeal_is_found_by_the_records_number(qa: Inspected, client_as: ClientAs, finding: int) -> None:
    filed(qa, client_as(qa.agent))
    supervisor = client_as(qa.supervisor)
    number = qa.again(QaInspection, qa.inspection).service_record_id
    with qa.session() as session:
        from models.service_record import ServiceRecord

        text = session.get_one(ServiceRecord, number).number
    assert supervisor.get(f"/qa_appeal/?search={text}").text.count('name="rowid"') == 1
    assert supervisor.get("/qa_appeal/?search=nothing").text.count('name="rowid"') == 0
