import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.events import carrying
from engine.events.carrying import LEASE, carry_due, is_call_due, revive
from engine.events.planning import KEPT, plan_calls
from engine.events.posting import GoneError
from engine.notices.moments import MAX_ATTEMPTS
from engine.notices.pausing import LEFT_OUT, pause_sending, release_sending
from engine.notices.sending import OutOfReachError, SendingError
from engine.sweep import sweep
from models.event_subscription import CallState, EventCall, EventSubscription
from models.notification import Notification, PauseReason
from models.organisation import Team
from tests.factories import organisation as make
from tests.factories.accounts import account
from tests.factories.event_subscription import Receiver, subscription
from tests.factories.obligation import obligation
from tests.fixtures.house import House

URL = "https://desk.example.org"


def planned(session: Session) -> list[tuple[str, int]]:
    plan_calls(session, clock.now())
    session.commit()
    return [(call.event, call.subscription_id) for call in session.scalars(select(EventCall).order_by(EventCall.id))]


def carried(session: Session, receiver: Receiver, later: timedelta = timedelta()) -> int:
    return carry_due(session, receiver, clock.now() + later, URL)


def fail_with(error: Exception) -> Receiver:
    def trouble(_address: str) -> None:
        raise error

    return Receiver(trouble)


def only_call(session: Session) -> EventCall:
    return session.scalars(select(EventCall).execution_options(populate_existing=True)).one()


def new_team(session: Session, house: House, name: str = "二线") -> Team:
    team = make.team(session, house.home, name=name)
    session.commit()
    return team


def test_a_call_is_planned_for_each_event_that_was_asked_for(session: Session, house: House) -> None:
    mine = subscription(session, house.home, events=["team.create"])
    team = new_team(session, house)
    team.name = "三线"
    session.commit()
    assert planned(session) == [("team.create", mine.id)]
    assert planned(session) == [("team.create", mine.id)]


def test_all_of_an_entity_and_everything(session: Session, house: House) -> None:
    teams, all_ = subscription(session, house.home, events=["team.*"]), subscription(session, house.home, events=["*"])
    new_team(session, house).name = "三线"
    session.commit()
    found = planned(session)
    assert [event for event, who in found if who == teams.id] == ["team.create", "team.edit"]
    assert {"team.create", "team.edit"} <= {event for event, who in found if who == all_.id}


def test_what_was_rolled_back_is_no_event(session: Session, house: House) -> None:
    subscription(session, house.home, events=["team.create"])
    make.team(session, house.home, name="二线")
    session.rollback()
    assert planned(session) == []


def test_the_past_is_not_told(session: Session, house: House) -> None:
    new_team(session, house)
    subscription(session, house.home, events=["team.*"])
    assert planned(session) == []


def test_a_department_hears_of_itself_alone(session: Session, house: House) -> None:
    subscription(session, house.home, events=["team.create"])
    other = make.department(session)
    make.team(session, other)
    session.commit()
    assert planned(session) == []


def test_the_sweep_plans_and_a_lapsed_duty_is_an_event(session: Session, house: House) -> None:
    mine = subscription(session, house.home, events=["obligation.overdue"])
    obligation(session, house.home, clock.now() - timedelta(hours=1), owner=house.agent)
    session.commit()
    sweep(session)
    sweep(session)
    assert [(c.event, c.subscription_id) for c in session.scalars(select(EventCall))] == [
        ("obligation.overdue", mine.id)
    ]


def test_a_call_is_signed_and_names_no_content(session: Session, house: House) -> None:
    mine = subscription(session, house.home, events=["team.create"])
    team = new_team(session, house, name="秘密小组")
    planned(session)
    receiver = Receiver()
    assert carried(session, receiver) == 1
    address, body, headers = receiver.taken[0]
    told = json.loads(body)
    assert address == mine.address
    assert "秘密" not in body.decode()
    assert (told["type"], told["data"]["record"]) == ("team.create", team.id)
    assert told["data"]["url"] == f"{URL}/api/v1/team/{team.id}"
    assert told["id"] == headers["webhook-id"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(mine.signing_key.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert only_call(session).state is CallState.SENT
    assert carried(session, receiver) == 0


@pytest.mark.parametrize("error", [SendingError("400"), OutOfReachError("503"), RuntimeError("secret")])
def test_a_failed_call_is_made_again_with_the_same_identity(session: Session, house: House, error: Exception) -> None:
    subscription(session, house.home, events=["team.create"])
    new_team(session, house)
    planned(session)
    carried(session, fail_with(error))
    assert only_call(session).state is CallState.PENDING
    assert "secret" not in (only_call(session).error or "")
    first, second = Receiver(), Receiver()
    carried(session, first, timedelta(hours=7))
    session.execute(update(EventCall).values(state=CallState.PENDING))
    session.commit()
    carried(session, second, timedelta(hours=7))
    assert first.taken[0][2]["webhook-id"] == second.taken[0][2]["webhook-id"]


def test_a_call_that_fails_too_often_is_given_up_in_the_open(session: Session, house: House) -> None:
    subscription(session, house.home, events=["team.create"])
    new_team(session, house)
    planned(session)
    for _attempt in range(MAX_ATTEMPTS):
        carried(session, fail_with(SendingError("400")), timedelta(days=2))
    call = only_call(session)
    assert (call.state, call.attempts, call.error) == (CallState.DEAD, MAX_ATTEMPTS, "SendingError: 400")
    revive(call)
    session.commit()
    receiver = Receiver()
    carried(session, receiver)
    assert len(receiver.taken) == 1


def test_a_receiver_out_of_reach_is_not_tried_twice_in_a_round(session: Session, house: House) -> None:
    subscription(session, house.home, events=["team.create"])
    for name in ("二线", "三线"):
        new_team(session, house, name)
    planned(session)
    carried(session, fail_with(OutOfReachError("503")))
    attempts = session.scalars(select(EventCall.attempts).order_by(EventCall.id)).all()
    assert attempts == [1, 0]


def test_a_receiver_that_is_gone_is_switched_off_and_not_called_again(session: Session, house: House) -> None:
    mine = subscription(session, house.home, events=["team.create"])
    for name in ("二线", "三线"):
        new_team(session, house, name)
    planned(session)
    carried(session, fail_with(GoneError("410")))
    assert session.get_one(EventSubscription, mine.id, populate_existing=True).active is False
    assert carried(session, Receiver(), timedelta(days=1)) == 0


def test_a_lease_that_ran_out_is_taken_up_by_another(session: Session, house: House) -> None:
    subscription(session, house.home, events=["team.create"])
    new_team(session, house)
    planned(session)

    class Killed(BaseException):
        pass

    def die(_address: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        carried(session, Receiver(die))
    session.rollback()
    assert carried(session, Receiver()) == 0
    assert carried(session, Receiver(), LEASE) == 1


def test_nothing_is_called_while_sending_is_paused(session: Session, house: House) -> None:
    subscription(session, house.home, events=["team.create"])
    new_team(session, house)
    planned(session)
    pause_sending(session, PauseReason.RESTORED)
    session.commit()
    assert not is_call_due(session, clock.now())
    assert carried(session, Receiver()) == 0
    release_sending(session)
    session.commit()
    receiver = Receiver()
    carried(session, receiver)
    assert len(receiver.taken) == 1


def test_calls_may_be_left_out_when_the_pause_ends(session: Session, house: House) -> None:
    subscription(session, house.home, events=["team.create"])
    new_team(session, house)
    planned(session)
    pause_sending(session, PauseReason.RESTORED)
    session.commit()
    release_sending(session, leave_out=True)
    session.commit()
    assert carried(session, Receiver()) == 0
    assert (only_call(session).state, only_call(session).error) == (CallState.DEAD, LEFT_OUT)


def test_administrators_hear_of_calls_that_were_given_up(session: Session, house: House) -> None:
    account(session, house.manager)
    subscription(session, house.home, events=["team.create"])
    new_team(session, house)
    planned(session)
    assert "call.given_up" not in session.scalars(select(Notification.code)).all()
    carried(session, fail_with(GoneError("410")))
    assert "call.given_up" in session.scalars(select(Notification.code)).all()


def test_receiver_that_never_ends_is_left(session: Session, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    subscription(session, house.home, events=["team.create"])
    new_team(session, house)
    planned(session)
    monkeypatch.setattr(carrying, "LONGEST_CALL", 0.05)
    carried(session, Receiver(lambda _address: [time.sleep(0.01) for _turn in range(500)]))
    assert (only_call(session).state, only_call(session).error) == (CallState.PENDING, "OutOfPatienceError")


def test_calls_that_were_made_are_forgotten_in_time(session: Session, house: House) -> None:
    subscription(session, house.home, events=["team.create"])
    new_team(session, house)
    planned(session)
    carried(session, Receiver())
    plan_calls(session, clock.now() + KEPT + timedelta(minutes=1))
    session.commit()
    assert session.scalars(select(EventCall)).all() == []
