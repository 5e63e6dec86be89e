from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.notices.delivering import deliver_due
from engine.notices.pausing import pause_of, pause_sending, release_sending
from models.audit import AuditEntry
from models.notification import Delivery, DeliveryChannel, DeliveryReason, DeliveryState, PauseReason
from tests.factories.notification import Keeper, told
from tests.fixtures.house import House
from tests.fixtures.rulebook import NOW

EMAIL = DeliveryChannel.EMAIL


def deliver(session: Session, keeper: Keeper) -> int:
    session.commit()
    return deliver_due(session, {EMAIL: keeper}, NOW)


def paused(session: Session) -> None:
    pause_sending(session, PauseReason.RESTORED, "2026-05-03 23:00")
    session.commit()


def test_nothing_leaves_while_sending_is_paused(session: Session, house: House) -> None:
    row, keeper = told(session, house.agent), Keeper()
    paused(session)
    assert deliver(session, keeper) == 0
    assert (keeper.tried, row.state, row.attempts) == ([], DeliveryState.PENDING, 0)


def test_released_messages_leave_with_the_identity_they_had(session: Session, house: House) -> None:
    row, keeper = told(session, house.agent), Keeper()
    deliver(session, keeper)
    # The backup was taken before that.
    row.state, row.sent_at = DeliveryState.PENDING, None
    paused(session)
    assert release_sending(session) == 0
    assert deliver(session, keeper) == 1
    first, again = keeper.sent
    assert first.identity == again.identity


def test_released_without_what_waits_sends_only_what_comes_later(session: Session, house: House) -> None:
    old, keeper = told(session, house.agent), Keeper()
    paused(session)
    assert release_sending(session, leave_out=True) == 1
    later = told(session, house.lead)
    deliver(session, keeper)
    session.expire_all()
    assert (old.state, old.reason) == (DeliveryState.SKIPPED, DeliveryReason.LEFT_OUT)
    assert [parcel.key for parcel in keeper.sent] == [later.key]


def test_second_pause_takes_the_place_of_the_first(session: Session, house: House) -> None:
    paused(session)
    with clock.fixed_at(NOW + timedelta(hours=1)):
        pause_sending(session, PauseReason.BY_HAND)
        session.commit()
    pause = pause_of(session)
    assert pause is not None
    assert (pause.reason, pause.since, pause.note) == (PauseReason.BY_HAND, NOW + timedelta(hours=1), "")


def test_release_without_a_pause_leaves_everything_as_it_is(session: Session, house: House) -> None:
    row = told(session, house.agent)
    session.commit()
    assert release_sending(session, leave_out=True) == 0
    session.commit()
    session.expire_all()
    assert session.get_one(Delivery, row.id).state is DeliveryState.PENDING


def test_pause_and_release_stand_in_the_audit(session: Session, house: House) -> None:
    paused(session)
    release_sending(session)
    session.commit()
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.entity == "delivery")).all()
    assert actions == ["pause_sending", "release_sending"]
