"""Moves: what may be done, what speaks against it, and doing it with its answers."""

from typing import Any

import pytest

from engine.acting import Role
from models.rectification import RectificationTask
from tests.factories.inspected import Inspected
from tests.factories.programs import program


def test_moves_say_what_speaks_against_them(qa: Inspected) -> None:
    asking = program(qa.app, qa.inspector)
    moves = {
        each["name"]: each for each in asking.get(f"/qa_inspection/{qa.inspection}/transitions").get_json()["items"]
    }
    assert moves["hand_in"]["open"] is True
    reviewing = program(qa.app, qa.supervisor).get(f"/qa_inspection/{qa.inspection}/transitions").get_json()["items"]
    review = next(each for each in reviewing if each["name"] == "review")
    assert review["open"] is False
    assert review["against"][0]["message"] == "The record is in another state: the step does not fit."


def test_move_changes_the_state_and_counts_the_version_up(qa: Inspected) -> None:
    found = program(qa.app, qa.inspector).post(f"/qa_inspection/{qa.inspection}/hand_in")
    assert found.status_code == 200
    assert found.get_json()["state"] == "handed_in"
    assert found.headers["ETag"] == f'"{found.get_json()["version"]}"'


def test_move_that_does_not_fit_is_a_conflict(qa: Inspected) -> None:
    found = program(qa.app, qa.supervisor).post(f"/qa_inspection/{qa.inspection}/review")
    assert found.status_code == 409


def test_guard_speaks_with_its_clause(qa: Inspected) -> None:
    """Nobody hands another inspector's record in."""
    found = program(qa.app, qa.other_inspector).post(f"/qa_inspection/{qa.inspection}/hand_in")
    assert found.status_code == 422
    assert found.get_json()["violations"][0]["clause"].startswith("QA-")


def test_older_version_moves_nothing(qa: Inspected) -> None:
    asking = program(qa.app, qa.inspector)
    assert asking.post(f"/qa_inspection/{qa.inspection}/hand_in", {}, If_Match='"0"').status_code == 412
    assert asking.get(f"/qa_inspection/{qa.inspection}").get_json()["state"] == "assigned"


@pytest.mark.parametrize("step", ["fly", "reopen_all", "open", "hand-in"])
def test_move_that_nobody_makes_is_not_there(qa: Inspected, step: str) -> None:
    assert program(qa.app, qa.inspector).post(f"/qa_inspection/{qa.inspection}/{step}").status_code == 404


def test_answers_are_asked_read_and_kept(qa: Inspected) -> None:
    qa.tell()
    asking = program(qa.app, qa.agent)
    task = asking.get("/rectification_task").get_json()["items"][0]
    address = f"/rectification_task/{task['id']}"
    wrong = asking.post(f"{address}/complete", {"measures": 7, "colour": "red"})
    assert {each["field"] for each in wrong.get_json()["violations"]} == {"measures", "colour"}
    done = asking.post(f"{address}/complete", {"measures": "先道歉再解释"})
    assert (done.status_code, done.get_json()["measures"]) == (200, "先道歉再解释")
    judged = program(qa.app, qa.inspector).post(f"{address}/verify", {})
    assert judged.get_json()["violations"][0]["field"] == "verdict"
    assert qa.again(RectificationTask, task["id"]).state.value == "completed"


def test_appeal_is_filed_and_accepted_with_new_points(qa: Inspected) -> None:
    finding = qa.tell(points="3")
    mine = program(qa.app, qa.agent)
    filed = mine.post("/qa_appeal", {"inspection_id": qa.inspection, "grounds": "当时已经道歉"})
    assert filed.status_code == 201, filed.text
    assert filed.get_json()["agent_id"] == qa.agent.id
    answering = program(qa.app, qa.supervisor)
    accept = f"/qa_appeal/{filed.get_json()['id']}/accept"
    for revised in ({str(finding): "many"}, {"x": "1"}, [1], {str(finding): "NaN"}):
        found = answering.post(accept, {"answer": "成立", "revised": revised})
        assert (found.status_code, found.get_json()["violations"][0]["field"]) == (422, "revised")
    found = answering.post(accept, {"answer": "成立", "revised": {str(finding): "1"}})
    assert (found.status_code, found.get_json()["state"]) == (200, "accepted")
    assert answering.get(f"/qa_finding/{finding}").get_json()["deduction"] == "1.00"


def test_transfer_chooses_a_team_in_reach(qa: Inspected) -> None:
    manager = program(qa.app, qa.manager)
    record = manager.get("/service_record?state=open&limit=1").get_json()["items"][0]
    found = manager.post(f"/service_record/{record['id']}/transfer", {"to_team": 987654, "reason": "技术问题"})
    assert found.get_json()["violations"][0]["field"] == "to_team"


def history(qa: Inspected, person: Any, path: str, *roles: Role) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = program(qa.app, person, *roles).get(f"{path}/history").get_json()["items"]
    return items


def test_history_tells_who_did_what_through_which_door(qa: Inspected) -> None:
    program(qa.app, qa.inspector).post(f"/qa_inspection/{qa.inspection}/hand_in")
    newest, *_rest, oldest = history(qa, qa.supervisor, f"/qa_inspection/{qa.inspection}")
    assert (newest["action"], newest["door"], newest["actor"]) == ("hand_in", "api", qa.inspector.label)
    assert newest["changes"]["state"] == {"before": "assigned", "after": "handed_in"}
    assert oldest["action"] == "create"


def test_history_hides_what_the_record_hides(qa: Inspected) -> None:
    record = program(qa.app, qa.manager).get("/service_record?limit=1").get_json()["items"][0]
    entries = history(qa, qa.inspector, f"/service_record/{record['id']}", Role.TRAINER)
    told = {name for entry in entries for name in entry["changes"]}
    assert "question" in told
    assert "customer_contact" not in told
    assert "customer_contact_index" not in told
