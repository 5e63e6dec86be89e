import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.rectification import ManagementMeasure, RectificationTask, TaskState
from tests.factories.browsing import token
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs


@pytest.fixture
def task(qa: Inspected) -> int:
    qa.tell()
    with qa.session() as session:
        return session.scalars(select(RectificationTask.id)).one()


def moved(qa: Inspected, client: FlaskClient, task: int, move: str, **fields: str) -> int:
    version = qa.again(RectificationTask, task).version
    data = {"version": str(version), "csrf_token": token(client), **fields}
    return client.post(f"/rectification_task/move/{move}/?id={task}", data=data).status_code


@pytest.mark.clause("RCT-1", "RCT-2")
def test_agent_sees_what_is_to_be_done_and_reports_it(qa: Inspected, client_as: ClientAs, task: int) -> None:
    agent = in_english(client_as(qa.agent))
    page = read(agent, f"/rectification_task/details/?id={task}")
    assert "未致歉" in page
    assert "What did you do so that it does not happen again?" in page
    assert moved(qa, agent, task, "complete", ask_measures="重听录音") == 303
    assert qa.again(RectificationTask, task).state is TaskState.COMPLETED


@pytest.mark.clause("RCT-2")
def test_completion_without_measures_is_refused(qa: Inspected, client_as: ClientAs, task: int) -> None:
    assert moved(qa, client_as(qa.agent), task, "complete", ask_measures=" ") == 422


@pytest.mark.clause("RCT-2")
def test_only_verification_closes_the_task(qa: Inspected, client_as: ClientAs, task: int) -> None:
    agent, inspector = client_as(qa.agent), in_english(client_as(qa.inspector))
    moved(qa, agent, task, "complete", ask_measures="重听录音")
    assert 'name="ask_verdict"' not in agent.get(f"/rectification_task/details/?id={task}").text
    assert 'name="ask_verdict"' in inspector.get(f"/rectification_task/details/?id={task}").text
    assert moved(qa, agent, task, "verify", ask_verdict="好") == 403
    assert moved(qa, inspector, task, "verify", ask_verdict="已改正") == 303
    assert qa.again(RectificationTask, task).state is TaskState.VERIFIED


@pytest.mark.clause("RCT-3")
def test_second_rejection_asks_management_for_a_measure(qa: Inspected, client_as: ClientAs, task: int) -> None:
    agent, inspector = client_as(qa.agent), client_as(qa.inspector)
    for _round in range(2):
        moved(qa, agent, task, "complete", ask_measures="重听录音")
        assert moved(qa, inspector, task, "reject", ask_verdict="仍未致歉") == 303
    with qa.session() as session:
        assert session.scalars(select(ManagementMeasure.agent_id)).all() == [qa.agent.id]
    assert qa.agent.name in read(client_as(qa.supervisor), "/management_measure/")


def test_other_agents_task_is_not_there(qa: Inspected, client_as: ClientAs, task: int) -> None:
    assert client_as(qa.other_agent).get(f"/rectification_task/details/?id={task}").status_code == 404
