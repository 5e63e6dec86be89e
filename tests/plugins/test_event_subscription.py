import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.errors import PolicyError
from engine.events.signing import PREFIX
from tests.factories.event_subscription import subscription
from tests.fixtures.house import House


def broken(caught: pytest.ExceptionInfo[PolicyError]) -> set[tuple[str, str | None]]:
    return {(violation.rule, violation.field) for violation in caught.value.violations}


@pytest.mark.parametrize(
    ("address", "is_kept"),
    [
        ("https://tickets.example.org/hook?tenant=7", True),
        ("https://tickets.example.org:8443/hook", True),
        ("http://tickets.example.org/hook", False),
        ("https://someone:secret@tickets.example.org/", False),
        ("https://tickets.example.org/#x", False),
        ("https:///hook", False),
        ("https://tickets.example.org:0/", False),
        ("https://tickets.example.org:99999/", False),
        ("https://tickets.example.org/\nX-Other: 1", False),
        ("https://tickets.example.org/" + "x" * 2000, False),
        ("javascript:alert(1)", False),
    ],
)
def test_address_can_be_called(session: Session, house: House, address: str, is_kept: bool) -> None:
    if is_kept:
        subscription(session, house.home, address=address)
        return
    with pytest.raises(PolicyError) as caught:
        subscription(session, house.home, address=address)
    assert broken(caught) == {("event_subscription.address_can_be_called", "address")}
    assert address not in caught.value.violations[0].text


@pytest.mark.parametrize("events", [[], ["no_such.event"], ["qa_finding.*", "qa_finding.explode"]])
def test_something_is_subscribed(session: Session, house: House, events: list[str]) -> None:
    with pytest.raises(PolicyError) as caught:
        subscription(session, house.home, events=events)
    assert broken(caught) == {("event_subscription.something_is_subscribed", "events")}


def test_each_receiver_has_a_signing_key_of_its_own(session: Session, house: House) -> None:
    keys = {subscription(session, house.home, name=name).signing_key for name in ("a", "b")}
    assert len(keys) == 2
    assert all(key.startswith(PREFIX) for key in keys)


def test_address_and_key_rest_encrypted(session: Session, house: House) -> None:
    subscription(session, house.home)
    row = session.execute(text("SELECT address, signing_key FROM event_subscription")).one()
    assert b"tickets" not in bytes(row[0])
    assert PREFIX.encode() not in bytes(row[1])
