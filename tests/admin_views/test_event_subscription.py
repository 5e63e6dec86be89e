from sqlalchemy import select

from engine import clock
from engine.acting import Role
from engine.events.planning import plan_calls
from models.event_subscription import CallState, EventCall, EventSubscription
from tests.factories.browsing import post
from tests.factories.office import Office
from tests.fixtures.client import ClientAs

TYPED = {
    "name": "工单系统", "address": "https://tickets.example.org/hook", "events": ["team.create", "obligation.overdue"],
    "events-shown": "1", "active": "1", "active-shown": "1",
}  # fmt: skip


def made(office: Office) -> EventSubscription:
    with office.session() as session:
        found = session.scalars(select(EventSubscription)).one()
        session.expunge(found)
        return found


def test_administrator_subscribes_a_program_and_learns_its_key_with_a_reason(
    office: Office, client_as: ClientAs
) -> None:
    client = client_as(office.hr, Role.ADMINISTRATOR)
    assert post(client, "/event_subscription/new/", TYPED).status_code == 303
    row = made(office)
    page = client.get(f"/event_subscription/details/?id={row.id}").text
    assert "Teams: Created" in page
    assert "Obligations: Became overdue" in page
    assert row.signing_key not in page
    reason = {"id": row.id, "field": "signing_key", "reason": "set up the receiver"}
    assert row.signing_key in post(client, "/event_subscription/unmask/", reason).text


def test_a_refused_address_comes_back_with_what_was_typed(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr, Role.ADMINISTRATOR)
    answer = post(client, "/event_subscription/new/", {**TYPED, "address": "http://tickets.example.org/"})
    assert answer.status_code == 422
    assert "An address to call begins with https://" in answer.text
    assert "工单系统" in answer.text


def test_a_call_that_was_given_up_is_sent_again(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr, Role.ADMINISTRATOR)
    post(client, "/event_subscription/new/", TYPED)
    row = made(office)
    call = given_up(office, row)
    page = client.get(f"/event_subscription/details/?id={row.id}").text
    assert "SendingError: 400" in page
    again = {"id": row.id, "call": call}
    assert post(client, "/event_subscription/again/", again).status_code == 303
    with office.session() as session:
        assert session.get_one(EventCall, call).state is CallState.PENDING
    assert post(client, "/event_subscription/again/", again).status_code == 303
    assert "It was not given up" in client.get(f"/event_subscription/details/?id={row.id}").text


def test_nobody_else_sees_subscriptions(office: Office, client_as: ClientAs) -> None:
    post(client_as(office.hr, Role.ADMINISTRATOR), "/event_subscription/new/", TYPED)
    for person in (office.manager, office.agent):
        assert client_as(person).get("/event_subscription/").status_code == 403


def given_up(office: Office, row: EventSubscription) -> int:
    with office.session() as session:
        plan_calls(session, clock.now())
        call = EventCall(
            subscription_id=row.id, entry_id=1, event="team.create", state=CallState.DEAD, not_before=clock.now(),
            attempts=12, error="SendingError: 400",
        )  # fmt: skip
        session.add(call)
        session.commit()
        return call.id
