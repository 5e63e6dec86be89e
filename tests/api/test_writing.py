"""Adding, changing and deleting: typed fields only, the version named, everything that is wrong said at once."""

from typing import Any

import pytest
from sqlalchemy import func, select

from engine.acting import Role
from models.audit import AuditEntry, Refusal
from models.organisation import Staff, Team
from models.qa_inspection import QaInspection
from tests.factories.inspected import Inspected
from tests.factories.office import Office
from tests.factories.programs import Program, program


def person(office: Office, **more: Any) -> dict[str, Any]:
    given = {
        "number": "S9001",
        "name": "新坐席",
        "post": "hotline_agent",
        "team_id": office.team.id,
        "superior_id": office.lead.id,
        "hire_date": "2026-11-02",
    }
    return given | more


def fields(answer: Any) -> dict[str | None, str]:
    return {each["field"]: each["message"] for each in answer.get_json()["violations"]}


def test_record_is_added_by_its_writer_through_this_door(office: Office) -> None:
    asking = program(office.app, office.hr)
    found = asking.post("/staff", person(office))
    assert found.status_code == 201
    made = found.get_json()
    assert found.headers["Location"] == f"/api/v1/staff/{made['id']}"
    assert (made["status"], made["version"], made["created_by_id"]) == ("trainee", 1, office.hr.id)
    assert asking.get(f"/staff/{made['id']}").get_json() == made
    with office.session() as session:
        query = select(AuditEntry.action, AuditEntry.door, AuditEntry.actor_id)
        entry = session.execute(query.where(AuditEntry.entity == "staff").order_by(AuditEntry.id.desc())).first()
        assert entry == ("create", "api", office.hr.id)


def test_broken_clauses_are_all_said_and_counted(office: Office) -> None:
    """The same gate as behind a form."""
    found = program(office.app, office.hr).post("/staff", person(office, team_id=None, superior_id=None))
    assert found.status_code == 422
    broken = {(each["clause"], each["field"], each["rule"]) for each in found.get_json()["violations"]}
    assert broken == {
        ("ORG-1", "superior_id", "staff.direct_superior_is_named"),
        ("ORG-1", "team_id", "staff.agent_has_a_team"),
    }
    with office.session() as session:
        assert session.scalar(select(func.count()).where(Staff.number == "S9001")) == 0
        assert set(session.scalars(select(Refusal.door))) == {"api"}


def test_what_the_product_fills_in_is_refused_by_name(office: Office) -> None:
    sent = person(office, id=77, version=9, status="left", created_at="2020-01-01T00:00:00Z", department_id=2, boss="x")
    said = fields(program(office.app, office.hr).post("/staff", sent))
    assert set(said) == {"id", "version", "status", "created_at", "department_id", "boss"}
    assert said["boss"] == "There is no such field."
    assert said["status"] == "This is filled in by the product and cannot be written."


UNREADABLE = (
    ("number", 7),
    ("number", "x" * 33),
    ("number", "   "),
    ("number", None),
    ("post", "king"),
    ("post", ["hr"]),
    ("hire_date", "02.11.2026"),
    ("hire_date", "2026-02-30"),
    ("hire_date", "0001-01-01"),
    ("hire_date", 20261102),
    ("team_id", "1"),
    ("team_id", True),
    ("team_id", 2**70),
    ("team_id", -1),
    ("team_id", 987654),
    ("name", {"zh": "x"}),
)


@pytest.mark.sqlite
def test_value_of_the_wrong_kind_is_refused_at_its_field(office: Office) -> None:
    asking = program(office.app, office.hr)
    for name, value in UNREADABLE:
        found = asking.post("/staff", person(office, **{name: value}))
        assert (found.status_code, set(fields(found))) == (422, {name}), value


def test_link_out_of_reach_is_like_none(office: Office) -> None:
    asking = program(office.app, office.hr)
    answers = [asking.post("/staff", person(office, team_id=each)) for each in (office.strange_team.id, 987654)]
    assert [fields(each) for each in answers] == [{"team_id": "There is no such record that could be chosen."}] * 2


def test_names_that_are_taken_are_a_conflict(office: Office) -> None:
    found = program(office.app, office.hr).post("/staff", person(office, number=office.agent.number))
    assert found.status_code == 409
    assert fields(found) == {"number": "This already exists. Please choose another one."}
    assert "UNIQUE" not in found.text


def test_several_links_are_written_by_their_ids(office: Office) -> None:
    asking = program(office.app, office.manager)
    found = asking.post("/team", {"name": "三组", "tier": "2", "channels": [office.channel.id]})
    assert found.status_code == 201
    assert found.get_json()["channels"] == [office.channel.id]


def change(office: Office, asking: Program, body: dict[str, Any], version: int | None = 1, **headers: str) -> Any:
    return asking.patch(f"/staff/{office.agent.id}", body, version, **headers)


def test_change_names_the_version_and_counts_it_up(office: Office) -> None:
    asking = program(office.app, office.hr)
    found = change(office, asking, {"name": "王新名"})
    assert (found.status_code, found.headers["ETag"], found.get_json()["name"]) == (200, '"2"', "王新名")
    assert office.again(office.agent).name == "王新名"


def test_change_without_a_version_is_not_done(office: Office) -> None:
    asking = program(office.app, office.hr)
    assert change(office, asking, {"name": "王新名"}, None).status_code == 428
    assert change(office, asking, {"name": "王新名"}, None, If_Match="*").status_code == 428
    assert change(office, asking, {"name": "王新名"}, None, If_Match="three").status_code == 400
    assert office.again(office.agent).name == "王坐席"


def test_slower_one_of_two_is_shown_both_versions(office: Office) -> None:
    asking = program(office.app, office.hr)
    change(office, asking, {"name": "先到"})
    found = change(office, asking, {"name": "后到"})
    assert found.status_code == 412
    body = found.get_json()
    assert (body["current"]["name"], body["current"]["version"], body["yours"]) == ("先到", 2, {"name": "后到"})
    assert found.headers["ETag"] == '"2"'


def test_change_of_nothing_writes_nothing(office: Office) -> None:
    found = change(office, program(office.app, office.hr), {"name": "王坐席"})
    assert (found.status_code, found.headers["ETag"]) == (200, '"1"')


def test_record_in_sight_but_out_of_the_grant_is_refused(office: Office) -> None:
    asking = program(office.app, office.agent)
    assert change(office, asking, {"name": "x"}).status_code == 403
    assert program(office.app, office.hr).send("DELETE", f"/staff/{office.agent.id}", If_Match='"1"').status_code == 405


def test_masked_field_is_shown_masked_and_not_written(office: Office) -> None:
    manager = program(office.app, office.manager, Role.TRAINER, Role.ADMINISTRATOR)
    found = program(office.app, office.agent).get(f"/staff/{office.agent.id}").get_json()
    assert found["phone"] == f"{office.agent.phone[:3]}••••{office.agent.phone[-2:]}"
    assert manager.get(f"/staff/{office.agent.id}").get_json()["phone"] == office.agent.phone


def test_own_filter_is_kept_and_thrown_away(office: Office) -> None:
    """One of the few things that may be deleted: a convenience, its owner's."""
    mine, other = program(office.app, office.agent), program(office.app, office.other_agent)
    made = mine.post("/saved_filter", {"entity": "staff", "name": "meine", "query": "flt_post=hr"}).get_json()
    assert made["staff_id"] == office.agent.id
    address = f"/saved_filter/{made['id']}"
    assert other.send("DELETE", address, If_Match='"1"').status_code == 404
    assert mine.send("DELETE", address).status_code == 428
    assert mine.send("DELETE", address, If_Match='"1"').status_code == 204
    assert mine.get(address).status_code == 404


def test_refused_write_leaves_the_session_clean(office: Office) -> None:
    asking = program(office.app, office.hr)
    asking.post("/staff", person(office, team_id=None))
    assert asking.post("/staff", person(office)).status_code == 201
    with office.session() as session:
        assert session.scalar(select(func.count()).select_from(Team)) == 3


def test_column_that_is_settled_is_no_part_of_a_change(qa: Inspected) -> None:
    asking = program(qa.app, qa.inspector)
    given = {"inspection_id": qa.inspection, "item_id": qa.items[0], "severity": "minor", "deduction": "2"}
    made = asking.post("/qa_finding", given | {"problem": "未报工号"}).get_json()
    parts = asking.get("/openapi.json").get_json()["components"]["schemas"]
    assert "inspection_id" in parts["qa_finding-new"]["properties"]
    assert "inspection_id" not in parts["qa_finding-change"]["properties"]
    with qa.session() as session:
        mine = select(QaInspection.id).where(QaInspection.inspector_id == qa.inspector.id)
        other = session.scalars(mine.where(QaInspection.id != qa.inspection)).first()
    refused = asking.patch(f"/qa_finding/{made['id']}", {"inspection_id": other}, version=made["version"])
    assert fields(refused) == {
        "inspection_id": "This stays as it was first saved. Please write another record instead."
    }
