import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.organisation import StaffStatus
from tests.factories.browsing import post
from tests.factories.office import Office
from tests.fixtures.client import ClientAs


def version(office: Office) -> str:
    return str(office.again(office.agent).version)


def test_page_offers_only_moves_that_fit_state_and_role(office: Office, client_as: ClientAs) -> None:
    page = client_as(office.hr).get(f"/staff/details/?id={office.agent.id}").text
    assert "/staff/move/suspend/" in page
    assert "/staff/move/leave/" in page
    assert "/staff/move/put_on_post/" not in page
    assert "/staff/move/" not in client_as(office.agent).get(f"/staff/details/?id={office.agent.id}").text


def test_move_asks_and_is_made(office: Office, client_as: ClientAs) -> None:
    client, url = client_as(office.hr), f"/staff/move/suspend/?id={office.agent.id}"
    assert 'name="ask_reason"' in client.get(url).text
    assert post(client, url, {"version": version(office), "ask_reason": "停岗培训"}).status_code == 303
    assert office.again(office.agent).status == StaffStatus.SUSPENDED
    with office.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "suspend")).one()
        assert (entry.door, entry.changes["reason"]) == ("form", [None, "停岗培训"])


def test_unanswered_ask_is_said_at_its_field(office: Office, client_as: ClientAs) -> None:
    answer = post(
        client_as(office.hr),
        f"/staff/move/suspend/?id={office.agent.id}",
        {"version": version(office), "ask_reason": " "},
    )
    assert answer.status_code == 422
    assert "Please say: Reason." in answer.text
    assert office.again(office.agent).status == StaffStatus.ON_POST


def test_move_without_the_grant_is_refused_and_noted(office: Office, client_as: ClientAs) -> None:
    answer = post(client_as(office.agent), f"/staff/move/suspend/?id={office.other_agent.id}", {"ask_reason": "x"})
    assert answer.status_code == 403
    with office.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "denied")).one()
        assert (entry.record_id, entry.changes) == (office.other_agent.id, {"action": [None, "suspend"]})


def test_move_that_no_longer_fits_is_said(office: Office, client_as: ClientAs) -> None:
    client, url = client_as(office.hr), f"/staff/move/suspend/?id={office.agent.id}"
    post(client, url, {"version": version(office), "ask_reason": "停岗"})
    answer = post(client, url, {"version": version(office), "ask_reason": "再停"})
    assert answer.status_code == 409


@pytest.mark.parametrize("step", ["nothing", "take_effect", "__class__"])
def test_unknown_move_and_move_of_the_clock_are_not_there(step: str, office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    assert client.get(f"/staff/move/{step}/?id={office.agent.id}").status_code == 404
    assert post(client, f"/policy_document/move/{step}/?id=1").status_code == 404


def test_getting_the_page_moves_nothing(office: Office, client_as: ClientAs) -> None:
    client_as(office.hr).get(f"/staff/move/leave/?id={office.agent.id}&ask_reason=x")
    assert office.again(office.agent).status == StaffStatus.ON_POST
