from sqlalchemy import select

from models.audit import AuditEntry
from models.organisation import Staff, StaffStatus
from tests.factories.browsing import post
from tests.factories.office import Office
from tests.fixtures.client import ClientAs


def chosen(office: Office, *people: Staff, **more: str) -> dict[str, object]:
    versions = {f"version-{p.id}": str(office.again(p).version) for p in people}
    return {"action": "suspend", "rowid": [str(p.id) for p in people], **versions, **more}


def test_first_comes_a_preview_that_changes_nothing(office: Office, client_as: ClientAs) -> None:
    answer = post(client_as(office.hr), "/staff/action/", chosen(office, office.agent, office.other_agent))
    assert answer.status_code == 200
    assert "2 rows are ready" in answer.text
    assert 'name="ask_reason"' in answer.text
    assert office.again(office.agent).status == StaffStatus.ON_POST


def test_preview_says_for_each_row_what_speaks_against_it(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    post(
        client,
        f"/staff/move/suspend/?id={office.agent.id}",
        {"version": str(office.again(office.agent).version), "ask_reason": "停岗"},
    )
    answer = post(client, "/staff/action/", chosen(office, office.agent, office.other_agent))
    assert "1 row is ready" in answer.text
    assert "the step does not fit" in answer.text


def test_confirmed_action_is_made_through_its_own_door(office: Office, client_as: ClientAs) -> None:
    data = chosen(office, office.agent, office.other_agent, confirmed="1", ask_reason="演练")
    answer = post(client_as(office.hr), "/staff/action/?flt_status=on_post&url=https://evil.example", data)
    assert (answer.status_code, answer.location) == (303, "/staff/?flt_status=on_post")
    assert {office.again(p).status for p in (office.agent, office.other_agent)} == {StaffStatus.SUSPENDED}
    with office.session() as session:
        doors = session.scalars(select(AuditEntry.door).where(AuditEntry.action == "suspend")).all()
        assert doors == ["bulk", "bulk"]


def test_row_changed_since_the_preview_stops_all(office: Office, client_as: ClientAs) -> None:
    data = chosen(office, office.agent, office.other_agent, confirmed="1", ask_reason="演练")
    with office.session() as session:
        session.get_one(Staff, office.agent.id).name = "改名"
    assert post(client_as(office.hr), "/staff/action/", data).status_code == 409
    assert office.again(office.other_agent).status == StaffStatus.ON_POST


def test_row_out_of_scope_is_not_there(office: Office, client_as: ClientAs) -> None:
    data = {
        **chosen(office, office.agent, confirmed="1", ask_reason="x"),
        "rowid": [str(office.agent.id), str(office.stranger.id)],
    }
    assert post(client_as(office.hr), "/staff/action/", data).status_code == 404
    assert office.again(office.stranger).status == StaffStatus.ON_POST
    assert office.again(office.agent).status == StaffStatus.ON_POST


def test_action_without_the_grant_is_refused(office: Office, client_as: ClientAs) -> None:
    data = chosen(office, office.agent, confirmed="1", ask_reason="x")
    assert post(client_as(office.agent), "/staff/action/", data).status_code == 403


def test_no_more_than_the_cap_at_once(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    answer = post(client, "/staff/action/", {"action": "suspend", "rowid": [str(n) for n in range(1, 2000)]})
    assert answer.status_code in {200, 404}
    assert office.again(office.agent).status == StaffStatus.ON_POST
