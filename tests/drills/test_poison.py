"""F12, F14, F16: rows that cannot be worked on, rows that somebody tampered with, and truth that changed meanwhile.

What must hold: every other row is worked on, no code runs, poison ends in the open and the administrators hear of it.
"""

import logging
import pickle
import random
from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.gate.bypass import maintenance_write
from engine.hooks import hookimpl
from engine.notices.delivering import deliver_due
from engine.notices.wording import read_out
from engine.obligations.keeping import meet, move, waive
from engine.registry import registry
from engine.sweep import MAX_ATTEMPTS, POSTPONED, sweep
from engine.transitions.performing import perform
from models.notification import Delivery, DeliveryChannel, DeliveryState, Notification
from models.obligation import Obligation, ObligationState, Reminder, ReminderState
from models.organisation import Post
from tests.drills import invariants
from tests.factories import organisation as make
from tests.factories.accounts import account
from tests.factories.notification import Keeper, told, webhook
from tests.factories.obligation import obligation, reminder
from tests.fixtures.house import House
from tests.fixtures.rulebook import NOW

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
EMAIL, GROUP = DeliveryChannel.EMAIL, DeliveryChannel.GROUP
GOOD = 60


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    """Poison is logged with its stack each time: not here."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def administered(session: Session, house: House) -> House:
    account(session, house.manager, Role.ADMINISTRATOR)
    session.commit()
    return house


def due(session: Session, of: House, count: int = 1) -> list[Reminder]:
    made = [
        reminder(session, obligation(session, of.home, NOW - HOUR, owner=of.agent), NOW) for _number in range(count)
    ]
    session.commit()
    return made


def alarms(session: Session) -> list[str]:
    return sorted(session.scalars(select(Notification.code).where(Notification.code.endswith(".given_up"))))


def tamper(session: Session, statement: str, **values: Any) -> None:
    """Somebody with the database in their hands."""
    with maintenance_write(session.connection()) as connection:
        connection.execute(text(statement), values)
    session.commit()


def sweep_for_hours(session: Session, hours: int) -> None:
    for hour in range(hours):
        with clock.fixed_at(NOW + hour * POSTPONED):
            sweep(session)
    session.expire_all()


ON_BOTH = {
    "an offset that is none": "UPDATE reminder SET \"offset\" = 'exec(''x'')' WHERE id = :id",
    "recipients that are none": "UPDATE reminder SET recipients = '{\"a\": [7]}' WHERE id = :id",
    "recipients as a number": "UPDATE reminder SET recipients = '7' WHERE id = :id",
}
ON_SQLITE = {
    "broken JSON": "UPDATE reminder SET recipients = 'not json' WHERE id = :id",
    "a pickle": f"UPDATE reminder SET recipients = X'{pickle.dumps(print).hex()}' WHERE id = :id",
    "a date that is none": "UPDATE reminder SET planned_at = '<b>soon</b>' WHERE id = :id",
    "an obligation's state of nobody": "UPDATE obligation SET state = 'boom' WHERE id = (SELECT obligation_id FROM "
    "reminder WHERE id = :id)",
}


@pytest.mark.parametrize("what", [*ON_BOTH, *ON_SQLITE])
def test_tampered_reminder_ends_alone_and_in_the_open(
    session: Session, administered: House, what: str, database_kind: str
) -> None:
    if what not in ON_BOTH and database_kind != "sqlite":
        pytest.skip("PostgreSQL's columns do not take that")
    rows = due(session, administered, GOOD)
    bad = rows[GOOD // 2].id
    tamper(session, (ON_BOTH | ON_SQLITE)[what], id=bad)
    session.expunge_all()
    sweep_for_hours(session, MAX_ATTEMPTS + 1)
    states = dict(session.execute(select(Reminder.id, Reminder.state)).all())
    fate = states.pop(bad)
    assert set(states.values()) == {ReminderState.SENT}
    # Recipients that nobody is called by reach the manager, as those of a vacant post do.
    assert fate is (ReminderState.SENT if "{" in (ON_BOTH | ON_SQLITE)[what] else ReminderState.DEAD)
    assert alarms(session) == (["reminder.given_up"] if fate is ReminderState.DEAD else [])


TAMPERED = {
    "a list for its data": "UPDATE notification SET data = '[1, 2]' WHERE id = :notice",
    "markup for its data": 'UPDATE notification SET data = \'{"name": "{{7*7}}<script>", "from": "9999-99-99"}\' '
    "WHERE id = :notice",
    "a code of nobody": "UPDATE notification SET code = '../../etc/passwd' WHERE id = :notice",
    "a language of nobody": "UPDATE account SET language = 'tlh' WHERE id = :account",
    "a person who is not there": "UPDATE delivery SET target_id = 999999 WHERE id = :id",
    "a reason of nobody": "UPDATE delivery SET reason = 'boom' WHERE id = :id",
    "a parcel with a line break": "UPDATE delivery SET parcel = 'a' || chr(10) || 'Bcc: x@example.org' WHERE id = :id",
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampered_delivery_stops_nobody(session: Session, administered: House, what: str, database_kind: str) -> None:
    theirs = account(session, administered.lead)
    rows = [told(session, administered.agent) for _number in range(12)]
    told(session, administered.lead)
    session.commit()
    bad, keys = rows[5], [row.key for row in rows]
    statement = TAMPERED[what].replace("chr(10)", "char(10)" if database_kind == "sqlite" else "chr(10)")
    named = {"notice": bad.notification_id, "id": bad.id, "account": theirs.id}
    tamper(session, statement, **{name: value for name, value in named.items() if f":{name}" in statement})
    session.expunge_all()
    keeper = Keeper()
    while deliver_due(session, {EMAIL: keeper}, NOW):
        pass
    sent = {parcel.key for parcel in keeper.sent}
    assert set(keys) - {keys[5]} <= sent
    assert all("49" not in parcel.text for parcel in keeper.sent)
    assert all(len(parcel.identity) == 32 for parcel in keeper.sent)


def test_webhook_that_cannot_be_read_keeps_nobody_from_being_told(session: Session, administered: House) -> None:
    """A key that is gone, or bytes that somebody changed: the group hears nothing, everybody else does."""
    hook = webhook(session, administered.home, codes=["obligation.overdue", "policy.in_effect"])
    session.commit()
    tamper(session, "UPDATE group_webhook SET address = :bytes WHERE id = :id", bytes=b"gAAAA-tampered", id=hook.id)
    session.expire_all()
    due(session, administered, 5)
    assert sweep(session).reminded == 5
    rows = session.scalars(select(Delivery).where(Delivery.channel == GROUP)).all()
    assert len(rows) == 5
    keeper = Keeper()
    while deliver_due(session, {EMAIL: Keeper(), GROUP: keeper}, NOW):
        pass
    session.expire_all()
    assert keeper.sent == []
    assert {(row.state, row.error) for row in rows} == {(DeliveryState.PENDING, "UnreadableError")}


def test_duty_of_a_release_that_renamed_it_is_reminded_all_the_same(session: Session, administered: House) -> None:
    """The row is kept, and named as it was stored."""
    row = due(session, administered)[0]
    tamper(session, "UPDATE obligation SET kind = 'renamed_since' WHERE id = :id", id=row.obligation_id)
    session.expire_all()
    assert sweep(session).reminded == 1
    assert "renamed_since" in read_out(session.scalars(select(Notification)).one(), "en").text


@pytest.mark.parametrize("error", [ValueError, MemoryError, RecursionError, OSError, KeyError])
def test_handler_that_fails_for_one_row_leaves_the_others(
    session: Session, administered: House, error: type[Exception]
) -> None:
    rows = due(session, administered, GOOD)
    poison = rows[7].obligation_id

    def overdue(obligation: Obligation) -> None:
        if obligation.id == poison:
            raise error

    plugin = ModuleType(f"poison_{error.__name__}")
    plugin.overdue = hookimpl(overdue)  # type: ignore[attr-defined]  # a module is what pluggy takes
    with registry.with_plugin(plugin):
        report = sweep(session)
    assert (report.lapsed, report.reminded, report.failed) == (GOOD - 1, GOOD, 1)
    assert session.get_one(Obligation, poison).state is ObligationState.OPEN, "put off, not lost"
    with clock.fixed_at(NOW + 2 * HOUR):
        assert sweep(session).lapsed == 1, "whole again"


def test_subject_that_was_deleted_is_reminded_of_by_its_stored_title(session: Session, administered: House) -> None:
    row = due(session, administered)[0]
    row.obligation.subject_type, row.obligation.subject_id = "team", 424242
    session.commit()
    assert sweep(session).reminded == 1


def test_newest_truth_decides_whom_a_reminder_reaches(session: Session, house: House) -> None:
    """Between falling due and firing, people leave, duties are met, waived, moved and handed over, at random."""
    chance = random.Random(14)
    rows = due(session, house, 80)
    leaver = make.staff(session, house.home, Post.TRAINER, superior=house.lead)
    session.commit()
    wanted: set[tuple[int, int]] = set()
    for row in rows:
        duty, deed = row.obligation, chance.choice(["nothing", "meet", "waive", "move", "hand over", "leave"])
        if deed == "meet":
            meet(session, duty, "proof")
        elif deed == "waive":
            waive(session, duty, "撤销")
        elif deed == "move":
            move(session, duty, NOW + timedelta(days=9), house.agent.id)
        elif deed == "hand over":
            duty.owner_id = house.manager.id
            wanted.add((house.manager.id, duty.id))
        elif deed == "leave":
            duty.owner_id = leaver.id
            wanted.add((house.lead.id, duty.id))
        else:
            wanted.add((house.agent.id, duty.id))
    session.commit()
    perform(session, leaver, "leave", reason="离职")
    session.commit()
    sweep(session)
    found = set(session.execute(select(Notification.recipient_id, Notification.obligation_id)).all())
    assert found == wanted
    assert leaver.id not in {person for person, _duty in found}
    invariants.sound(session)
