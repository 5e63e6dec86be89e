from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.notices.delivering import LEASE, PAUSE, deliver_due, revive
from engine.notices.inbox import notify
from engine.notices.moments import MAX_ATTEMPTS
from engine.notices.sending import OutOfReachError, Parcel, RefusedError, SendingError
from engine.obligations.keeping import meet, move
from engine.transitions.performing import perform
from models.accounts import Account
from models.notification import Delivery, DeliveryChannel, DeliveryReason, DeliveryState, Notification
from models.obligation import ObligationState
from tests.factories.notification import Keeper, preference, told, webhook
from tests.factories.obligation import obligation, reminder
from tests.fixtures.house import House
from tests.fixtures.rulebook import NOW

EMAIL, GROUP = DeliveryChannel.EMAIL, DeliveryChannel.GROUP
NIGHT = datetime(2026, 5, 4, 15, 30, tzinfo=UTC)  # half past eleven in Shanghai
MORNING = datetime(2026, 5, 5, 0, 0, tzinfo=UTC)  # eight


def deliver(session: Session, keeper: Keeper | None, at: datetime = NOW, channel: DeliveryChannel = EMAIL) -> int:
    with clock.fixed_at(at):
        session.commit()
        taken = deliver_due(session, {channel: keeper}, at)
    session.expire_all()
    return taken


def fate(row: Delivery) -> tuple[DeliveryState, DeliveryReason | None]:
    return row.state, row.reason


def always(error: Exception) -> Callable[[Parcel], None]:
    def trouble(parcel: Parcel) -> None:
        raise error

    return trouble


def test_notice_is_mailed_once(session: Session, house: House) -> None:
    row, keeper = told(session, house.agent), Keeper()
    assert deliver(session, keeper) == 1
    assert (fate(row), row.sent_at, row.leased_until, row.attempts) == ((DeliveryState.SENT, None), NOW, None, 1)
    assert deliver(session, keeper, NOW + timedelta(days=1)) == 0
    assert [(parcel.address, parcel.key) for parcel in keeper.sent] == [(house.agent.email, row.key)]


def test_notice_of_the_same_key_is_written_once(session: Session, house: House) -> None:
    for _again in range(2):
        notify(session, house.home.id, [house.agent.id, house.agent.id, house.lead.id], "policy.in_effect", "same")
    session.commit()
    assert len(session.scalars(select(Notification)).all()) == 2
    assert len(session.scalars(select(Delivery)).all()) == 2


def test_lease_keeps_others_away_until_it_runs_out(session: Session, house: House) -> None:
    row, keeper = told(session, house.agent), Keeper()
    row.leased_until = NOW + LEASE
    assert deliver(session, keeper) == 0
    assert deliver(session, keeper, NOW + LEASE) == 1
    assert len(keeper.sent) == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (SendingError("451"), DeliveryReason.RETRY),
        (OutOfReachError("refused"), DeliveryReason.OUT_OF_REACH),
        (MemoryError(), DeliveryReason.RETRY),
    ],
)
def test_failure_is_tried_again_later_each_time(
    session: Session, house: House, error: Exception, reason: DeliveryReason
) -> None:
    row = told(session, house.agent)
    at, waits = NOW, []
    for attempt in range(1, 6):
        assert deliver(session, Keeper(always(error)), at) == 1
        assert (fate(row), row.attempts) == ((DeliveryState.PENDING, reason), attempt)
        waits.append((row.not_before - at) / timedelta(minutes=1))
        assert deliver(session, Keeper(), row.not_before - timedelta(seconds=1)) == 0
        at = row.not_before
    assert all(0.8 * 2**n <= wait <= 1.2 * 2**n for n, wait in enumerate(waits))
    assert deliver(session, Keeper(), at) == 1
    assert fate(row) == (DeliveryState.SENT, None)


def test_failure_is_given_up_in_the_open_and_can_be_revived(session: Session, house: House) -> None:
    row = told(session, house.agent)
    row.attempts = MAX_ATTEMPTS - 1
    deliver(session, Keeper(always(ValueError("secret of a@example.org"))))
    assert fate(row) == (DeliveryState.DEAD, DeliveryReason.GIVEN_UP)
    assert row.error == "ValueError"
    revive(row)
    deliver(session, Keeper())
    assert fate(row) == (DeliveryState.SENT, None)


def test_refusal_for_good_is_not_tried_again(session: Session, house: House) -> None:
    row = told(session, house.agent)
    deliver(session, Keeper(always(RefusedError("550"))))
    assert (fate(row), row.error) == ((DeliveryState.DEAD, DeliveryReason.REFUSED), "RefusedError: 550")


def test_poison_delays_no_other_row(session: Session, house: House) -> None:
    def trouble(parcel: Parcel) -> None:
        if parcel.key == poison:
            msg = "poison"
            raise RuntimeError(msg)

    rows = [told(session, house.agent) for _number in range(9)]
    poison = rows[4].key
    keeper = Keeper(trouble)
    assert deliver(session, keeper) == 9
    assert [row.state for row in rows].count(DeliveryState.SENT) == 8
    assert rows[4].not_before > NOW


def test_server_out_of_reach_is_asked_once_a_round(session: Session, house: House) -> None:
    rows = [told(session, house.agent) for _number in range(5)]
    keeper = Keeper(always(OutOfReachError("timeout")))
    assert deliver(session, keeper) == 5
    assert len(keeper.tried) == 1
    assert [row.attempts for row in rows] == [1, 0, 0, 0, 0]
    assert {row.not_before for row in rows[1:]} == {NOW + PAUSE}


def test_group_that_hangs_does_not_delay_another(session: Session, house: House) -> None:
    first, second = webhook(session, house.home, name="甲"), webhook(session, house.home, name="乙")
    for _number in range(2):
        told(session, house.agent)

    def trouble(parcel: Parcel) -> None:
        if parcel.lane == f"group:{first.id}":
            msg = "timeout"
            raise OutOfReachError(msg)

    keeper = Keeper(trouble)
    deliver(session, keeper, channel=GROUP)
    assert [parcel.lane for parcel in keeper.sent] == [f"group:{second.id}"] * 2
    assert len(keeper.tried) == 3


def test_leaver_gets_nothing(session: Session, house: House) -> None:
    before = told(session, house.agent)
    perform(session, house.agent, "leave", reason="离职")
    session.flush()
    after, keeper = told(session, house.agent), Keeper()
    deliver(session, keeper)
    assert fate(before) == fate(after) == (DeliveryState.SKIPPED, DeliveryReason.LEFT)
    assert keeper.tried == []


def test_person_without_address_or_wish_gets_no_mail(session: Session, house: House) -> None:
    house.agent.email = None
    preference(session, house.lead, by_email=False)
    session.flush()
    rows = [told(session, house.agent), told(session, house.lead)]
    assert [fate(row) for row in rows] == [
        (DeliveryState.SKIPPED, DeliveryReason.NO_ADDRESS),
        (DeliveryState.SKIPPED, DeliveryReason.SWITCHED_OFF),
    ]


def test_installation_without_mail_says_so(session: Session, house: House) -> None:
    row = told(session, house.agent)
    deliver(session, None)
    assert fate(row) == (DeliveryState.SKIPPED, DeliveryReason.NOT_SET_UP)


def test_notice_read_meanwhile_is_not_mailed(session: Session, house: House) -> None:
    row, keeper = told(session, house.agent), Keeper()
    row.notification.read_at = NOW
    deliver(session, keeper)
    assert (fate(row), keeper.tried) == ((DeliveryState.SKIPPED, DeliveryReason.READ), [])


@pytest.mark.parametrize("change", ["met", "waived", "moved", "given away", "nothing"])
def test_newest_truth_at_sending_time(session: Session, house: House, change: str) -> None:
    duty = obligation(session, house.home, NOW + timedelta(hours=4), owner=house.agent)
    said = {"due_at": duty.due_at, "owner_id": duty.owner_id, "duty": "sample_duty"}
    notify(session, house.home.id, [house.agent.id], "obligation.due", "o", said, obligation_id=duty.id)
    session.flush()
    if change == "met":
        meet(session, duty, proof="sample:1")
    elif change == "waived":
        duty.state = ObligationState.WAIVED
    elif change == "moved":
        move(session, duty, NOW + timedelta(days=2), house.agent.id)
    elif change == "given away":
        move(session, duty, duty.due_at, house.lead.id)
    keeper = Keeper()
    deliver(session, keeper)
    expected = {
        "met": (DeliveryState.SKIPPED, DeliveryReason.SETTLED),
        "waived": (DeliveryState.SKIPPED, DeliveryReason.SETTLED),
        "moved": (DeliveryState.SKIPPED, DeliveryReason.CHANGED),
        "given away": (DeliveryState.SKIPPED, DeliveryReason.CHANGED),
        "nothing": (DeliveryState.SENT, None),
    }[change]
    assert fate(session.scalars(select(Delivery)).one()) == expected
    assert len(keeper.sent) == (change == "nothing")


def test_quiet_hours_hold_back_until_their_end(session: Session, house: House) -> None:
    with clock.fixed_at(NIGHT):
        row = told(session, house.agent)
    assert (row.not_before, row.reason) == (MORNING, DeliveryReason.QUIET_HOURS)
    keeper = Keeper()
    assert deliver(session, keeper, MORNING - timedelta(seconds=1)) == 0
    assert deliver(session, keeper, MORNING) == 1
    assert len(keeper.sent) == 1


def test_retry_that_falls_into_quiet_hours_waits_uncounted(session: Session, house: House) -> None:
    row = told(session, house.agent)
    row.attempts = 3
    assert deliver(session, Keeper(), NIGHT) == 1
    assert (row.not_before, row.reason, row.attempts) == (MORNING, DeliveryReason.QUIET_HOURS, 3)


@pytest.mark.parametrize(("offset", "urgent"), [("+2h", True), ("+30m", True), ("+1d", False), ("0", False)])
def test_overdue_counted_in_hours_does_not_wait_for_the_morning(
    session: Session, house: House, offset: str, urgent: bool
) -> None:
    from engine.sweep import sweep

    preference(session, house.agent, digest_at="09:00")
    reminder(
        session, obligation(session, house.home, NIGHT - timedelta(hours=2), owner=house.agent), NIGHT, offset=offset
    )
    session.commit()
    keeper = Keeper()
    with clock.fixed_at(NIGHT):
        sweep(session)
    deliver(session, keeper, NIGHT)
    assert len(keeper.sent) == urgent


def test_digest_is_one_mail_at_its_time(session: Session, house: House) -> None:
    preference(session, house.agent, digest_at="09:00")
    rows = [told(session, house.agent, change=f"改动{number}") for number in range(3)]
    nine = datetime(2026, 5, 5, 1, 0, tzinfo=UTC)
    assert {(row.not_before, row.reason) for row in rows} == {(nine, DeliveryReason.DIGEST)}
    keeper = Keeper()
    assert deliver(session, keeper, nine - timedelta(seconds=1)) == 0
    assert deliver(session, keeper, nine) == 3
    assert len(keeper.sent) == 1
    assert all(f"改动{number}" in keeper.sent[0].text for number in range(3))
    assert {fate(row) for row in rows} == {(DeliveryState.SENT, None)}


def test_digest_sent_again_has_the_same_identity_and_takes_nothing_new(session: Session, house: House) -> None:
    wish = preference(session, house.agent, digest_at="09:00")
    told(session, house.agent, change="旧一")
    told(session, house.agent, change="旧二")
    nine = datetime(2026, 5, 5, 1, 0, tzinfo=UTC)
    keeper = Keeper(always(SendingError("451")))
    deliver(session, keeper, nine)
    later = session.scalars(select(Delivery.not_before)).first()
    wish.digest_at = None
    with clock.fixed_at(later):
        told(session, house.agent, change="新")
    again = Keeper()
    deliver(session, again, later)
    assert again.sent[0].identity == keeper.tried[0].identity
    assert [("旧一" in parcel.text, "新" in parcel.text) for parcel in again.sent] == [(True, False), (False, True)]


def test_mail_is_in_the_language_of_the_account(session: Session, house: House) -> None:
    account = Account(
        department_id=house.home.id, staff_id=house.agent.id, login="agent", language="en", roles=["agent"]
    )
    session.add(account)
    session.flush()
    told(session, house.agent)
    told(session, house.lead)
    keeper = Keeper()
    deliver(session, keeper)
    assert ["Service norms" in parcel.text for parcel in keeper.sent] == [True, False]
    assert "服务规范" in keeper.sent[1].text


def test_group_hears_once_what_was_chosen_for_it(session: Session, house: House) -> None:
    hook = webhook(session, house.home)
    webhook(session, house.home, name="off", active=False)
    for _again in range(2):
        notify(session, house.home.id, [house.agent.id, house.lead.id], "policy.in_effect", "k", {"name": "甲"})
        notify(session, house.home.id, [house.agent.id], "obligation.due", "other")
    keeper = Keeper()
    assert deliver(session, keeper, channel=GROUP) == 1
    assert [(parcel.vendor, parcel.address, parcel.link) for parcel in keeper.sent] == [("wecom", hook.address, None)]


@pytest.mark.parametrize("mine", [True, False])
def test_group_of_a_team_hears_of_its_own_people(session: Session, house: House, mine: bool) -> None:
    webhook(session, house.home, team_id=house.team.id)
    told(session, house.agent if mine else house.manager)
    keeper = Keeper()
    deliver(session, keeper, channel=GROUP)
    assert len(keeper.sent) == mine


def test_group_switched_off_meanwhile_hears_nothing(session: Session, house: House) -> None:
    hook = webhook(session, house.home)
    told(session, house.agent)
    session.commit()
    hook.active = False
    keeper = Keeper()
    deliver(session, keeper, channel=GROUP)
    rows = session.scalars(select(Delivery).where(Delivery.channel == GROUP)).all()
    assert [fate(row) for row in rows] == [(DeliveryState.SKIPPED, DeliveryReason.SWITCHED_OFF)]


def test_tampered_row_runs_nothing_and_stops_nobody(session: Session, house: House) -> None:
    bad, good = told(session, house.agent), told(session, house.agent)
    bad.notification.data = {"name": "{{7*7}} <script>", "from": "9999-99-99"}
    keeper = Keeper()
    assert deliver(session, keeper) == 2
    assert fate(good) == (DeliveryState.SENT, None)
    assert (fate(bad), bad.error) == ((DeliveryState.PENDING, DeliveryReason.RETRY), "ValueError")
