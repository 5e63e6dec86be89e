import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit_keeping import head_line
from engine.hooks import hookimpl
from engine.obligations.keeping import move, waive
from engine.registry import registry
from engine.sweep import MAX_ATTEMPTS, MAX_FAILURES, sweep
from engine.transitions.performing import perform
from models.notification import Notification
from models.obligation import Heartbeat, Obligation, ObligationState, Reminder, ReminderState
from models.organisation import Post
from tests.factories.obligation import obligation, reminder
from tests.fixtures.house import House
from tests.fixtures.rulebook import NOW

HOUR = timedelta(hours=1)


def told(session: Session) -> set[tuple[int, str]]:
    return set(session.execute(select(Notification.recipient_id, Notification.code)))


def states(session: Session, model: type[Obligation | Reminder]) -> dict[str, int]:
    session.expire_all()
    return dict(session.execute(select(model.state, func.count()).group_by(model.state)).all())


def remove(session: Session, person: object) -> None:
    perform(session, person, "leave", reason="离职")
    session.commit()


@contextmanager
def hook(**functions: object) -> Iterator[None]:
    plugin = ModuleType("_".join(functions) + str(len(registry.plugins.get_plugins())))
    for name, function in functions.items():
        setattr(plugin, name, hookimpl(function))
    with registry.with_plugin(plugin):
        yield


def test_sweep_due_obligation_lapses_and_reminds_once(session: Session, house: House) -> None:
    duty = obligation(session, house.home, NOW - HOUR, owner=house.agent)
    reminder(session, duty, NOW, to=("owner", "superior"))
    obligation(session, house.home, NOW + HOUR, owner=house.agent)
    session.commit()
    report = sweep(session)
    assert (report.lapsed, report.reminded, report.failed) == (1, 1, 0)
    assert told(session) == {(house.agent.id, "obligation.overdue"), (house.lead.id, "obligation.escalated")}
    assert sweep(session).total == 0
    assert states(session, Obligation) == {ObligationState.OVERDUE: 1, ObligationState.OPEN: 1}


def test_sweep_reminder_ahead_is_not_an_escalation(session: Session, house: House) -> None:
    reminder(session, obligation(session, house.home, NOW + HOUR, owner=house.agent), NOW)
    reminder(session, obligation(session, house.home, NOW + 2 * HOUR, owner=house.agent), NOW + timedelta(seconds=1))
    session.commit()
    assert sweep(session).reminded == 1
    assert told(session) == {(house.agent.id, "obligation.due")}


@pytest.mark.parametrize(("pause", "late"), [(timedelta(minutes=9), False), (timedelta(days=2), True)])
def test_sweep_after_a_pause_says_that_it_is_late(session: Session, house: House, pause: timedelta, late: bool) -> None:
    reminder(session, obligation(session, house.home, NOW, owner=house.agent), NOW)
    session.commit()
    with clock.fixed_at(NOW + pause):
        sweep(session)
    data = session.scalars(select(Notification.data)).one()
    assert (data["late"], data["planned_at"]) == (late, NOW.isoformat())


@pytest.mark.parametrize("closed", [ObligationState.MET, ObligationState.VOID, ObligationState.WAIVED])
def test_sweep_closed_obligation_reminds_nobody(session: Session, house: House, closed: ObligationState) -> None:
    duty = obligation(session, house.home, NOW + HOUR, owner=house.agent)
    reminder(session, duty, NOW)
    duty.state = closed
    session.commit()
    sweep(session)
    assert told(session) == set()
    assert states(session, Reminder) == {ReminderState.CANCELLED: 1}


def test_waive_cancels_what_is_unsent(session: Session, house: House) -> None:
    duty = obligation(session, house.home, NOW + HOUR, owner=house.agent)
    reminder(session, duty, NOW + HOUR)
    session.commit()
    waive(session, duty, "客户撤诉")
    session.commit()
    assert (duty.state, states(session, Reminder)) == (ObligationState.WAIVED, {ReminderState.CANCELLED: 1})
    with pytest.raises(ValueError, match="still owed"):
        waive(session, duty, "再次")


def test_moved_obligation_takes_its_unsent_reminders_along(session: Session, house: House) -> None:
    duty = obligation(session, house.home, NOW, owner=house.agent)
    sent, unsent = reminder(session, duty, NOW), reminder(session, duty, NOW + HOUR, step=1)
    session.commit()
    sweep(session)
    move(session, duty, NOW + timedelta(days=5), house.lead.id)
    session.commit()
    assert (sent.state, unsent.state) == (ReminderState.SENT, ReminderState.CANCELLED)
    assert duty.state is ObligationState.OPEN
    pending = session.scalars(select(Reminder).where(Reminder.state == ReminderState.PENDING)).all()
    assert sorted(row.planned_at - duty.due_at for row in pending) == [timedelta(days=n) for n in (-1, 0, 1)]
    with clock.fixed_at(NOW + timedelta(days=4)):
        sweep(session)
    assert (house.lead.id, "obligation.due") in told(session)


def test_owner_who_left_is_replaced_by_the_superior(session: Session, house: House) -> None:
    reminder(session, obligation(session, house.home, NOW + HOUR, owner=house.agent), NOW, to=("owner", "superior"))
    remove(session, house.agent)
    sweep(session)
    assert told(session) == {(house.lead.id, "obligation.due"), (house.manager.id, "obligation.escalated")}


def test_vacant_post_reminds_the_manager(session: Session, house: House) -> None:
    reminder(session, obligation(session, house.home, NOW + HOUR, post=Post.TRAINER), NOW)
    session.commit()
    sweep(session)
    assert told(session) == {(house.manager.id, "obligation.escalated")}


def test_poison_reminder_is_put_off_alone_and_dies_in_the_open(session: Session, house: House) -> None:
    for _number in range(7):
        reminder(session, obligation(session, house.home, NOW + HOUR, owner=house.agent), NOW)
    poison = reminder(session, obligation(session, house.home, NOW + HOUR, owner=house.agent), NOW, offset="poison")
    poison.obligation.due_at = NOW - HOUR  # only what is overdue has its offset read
    session.commit()
    report = sweep(session)
    assert (report.reminded, report.failed) == (7, 1)
    assert (poison.state, poison.attempts, poison.fire_at) == (ReminderState.PENDING, 1, NOW + HOUR)
    assert session.get_one(Heartbeat, session.scalars(select(Heartbeat.name)).one()).failed == 1
    for attempt in range(1, MAX_ATTEMPTS):
        with clock.fixed_at(NOW + HOUR * attempt):
            sweep(session)
    assert (poison.state, poison.error) == (ReminderState.DEAD, "ValueError")


def test_poison_everywhere_ends_and_leaves_the_others_their_turn(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overdue(obligation: Obligation) -> None:
        msg = f"poison {obligation.id}"
        raise RuntimeError(msg)

    for _number in range(MAX_FAILURES + 20):
        obligation(session, house.home, NOW, owner=house.agent)
    reminder(session, obligation(session, house.home, NOW + HOUR, owner=house.agent), NOW)
    session.commit()
    monkeypatch.setattr("engine.sweep.BATCH", MAX_FAILURES // 2)
    logging.disable()
    with hook(overdue=overdue):
        report = sweep(session)
        again = sweep(session)
    logging.disable(logging.NOTSET)
    assert (report.lapsed, report.reminded) == (0, 1)
    assert (report.failed, again.failed) == (MAX_FAILURES, 20)
    assert states(session, Obligation) == {ObligationState.OPEN: MAX_FAILURES + 21}


def test_one_domain_that_fails_does_not_stop_the_others(session: Session, house: House) -> None:
    def broken(session: Session) -> int:
        session.add(Heartbeat(name="half done", beat_at=NOW))
        session.flush()
        msg = "poison"
        raise RuntimeError(msg)

    reminder(session, obligation(session, house.home, NOW + HOUR, owner=house.agent), NOW)
    session.commit()
    with hook(due=broken), hook(due=lambda: 3):
        report = sweep(session)
    assert (report.done, report.reminded, report.failed) == (3, 1, 1)
    assert session.get(Heartbeat, "half done") is None


def test_hook_overdue_acts_in_the_same_transaction(session: Session, house: House) -> None:
    seen = []
    obligation(session, house.home, NOW, owner=house.agent)
    session.commit()
    with hook(overdue=lambda obligation: seen.append(obligation.state)):
        sweep(session)
    assert seen == [ObligationState.OVERDUE]


def test_stopping_ends_after_the_batch_under_way(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.sweep.BATCH", 10)
    for _number in range(11):
        reminder(session, obligation(session, house.home, NOW + HOUR, owner=house.agent), NOW)
    session.commit()
    answers = iter([True, True])
    assert sweep(session, go_on=lambda: next(answers, False)).reminded == 10
    assert sweep(session).reminded == 1


def test_statements_do_not_grow_with_the_batch(session: Session, house: House) -> None:
    def count() -> int:
        statements = []
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        sweep(session)
        return len([text for text in statements if not text.startswith("UPDATE reminder")])

    sweep(session)  # the first one of an hour also tells the audit's head
    counts = []
    for size in (2, 40):
        for _number in range(size):
            reminder(session, obligation(session, house.home, NOW, owner=house.agent), NOW)
        session.commit()
        counts.append(count())
    assert counts[0] == counts[1]


def test_head_of_the_audit_is_told_once_an_hour(
    session: Session, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "engine.sweep")
    for minutes in (0, 5, 59, 60, 65, 121):
        with clock.fixed_at(NOW + timedelta(minutes=minutes)):
            sweep(session, "one")
    assert [record.message for record in caplog.records] == [head_line(session)] * 3


def test_handler_that_never_comes_back_is_put_off_alone(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    duties = [obligation(session, house.home, NOW, owner=house.agent) for _number in range(4)]
    session.commit()
    poison = duties[2].id

    def overdue(obligation: Obligation) -> None:
        while obligation.id == poison:
            pass

    monkeypatch.setattr("engine.sweep.PATIENCE", 0.1)
    with hook(overdue=overdue):
        report = sweep(session)
        assert (report.lapsed, report.failed) == (3, 1)
        assert sweep(session).total == 0
    assert states(session, Obligation) == {ObligationState.OVERDUE: 3, ObligationState.OPEN: 1}


@pytest.mark.parametrize("error", [MemoryError, RecursionError, SystemExit, UnicodeDecodeError])
def test_whatever_a_handler_raises_the_others_are_worked_on(
    session: Session, house: House, error: type[BaseException]
) -> None:
    duties = [obligation(session, house.home, NOW, owner=house.agent) for _number in range(4)]
    session.commit()
    poison = duties[1].id

    def overdue(obligation: Obligation) -> None:
        if obligation.id == poison:
            raise error("utf-8", b"\xff", 0, 1, "poison") if error is UnicodeDecodeError else error

    with hook(overdue=overdue):
        report = sweep(session)
    assert (report.lapsed, report.failed) == (3, 1)


def test_heartbeat_says_who_swept_and_forgets_who_is_gone(session: Session, house: House) -> None:
    session.add(Heartbeat(name="gone", beat_at=NOW - timedelta(days=2)))
    session.add(Heartbeat(name="silent", beat_at=NOW - HOUR))
    obligation(session, house.home, NOW, owner=house.agent)
    session.commit()
    sweep(session, "one")
    beats = {beat.name: (beat.beat_at, beat.swept) for beat in session.scalars(select(Heartbeat))}
    assert beats == {"one": (NOW, 1), "silent": (NOW - HOUR, 0)}
