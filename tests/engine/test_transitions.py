import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Actor, Door, acting, consequences
from engine.database import db
from engine.errors import ConflictError, NotAllowedError, PolicyError, Violation
from engine.hooks import hookimpl
from engine.packs.adoption import adopt
from engine.packs.schema import Pack
from engine.registry import registry
from engine.sweep import sweep
from engine.transitions.kinds import Transition
from engine.transitions.performing import objections, perform, state_of
from models.audit import AuditEntry, RuleTally
from models.base import Record
from models.organisation import Channel, Department, Post, Staff, StaffStatus
from tests.factories.organisation import actor_of, channel, department, staff
from tests.fixtures.rulebook import NOW


@pytest.fixture
def home(session: Session) -> Department:
    return department(session)


@pytest.fixture
def manager(session: Session, home: Department) -> Staff:
    return staff(session, home, Post.MANAGER)


@pytest.fixture
def lead(session: Session, home: Department, manager: Staff) -> Staff:
    made = staff(session, home, Post.SHIFT_LEAD, superior=manager)
    session.commit()
    return made


def suspension() -> Transition:
    return registry.transition(Staff, "suspend")


def test_move_changes_the_state_and_is_audited_with_its_words(session: Session, lead: Staff, manager: Staff) -> None:
    with acting(actor_of(manager), Door.BULK):
        perform(session, lead, "suspend", reason="Investigation")
        session.commit()
    assert state_of(lead) is StaffStatus.SUSPENDED
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "suspend")).one()
    assert entry.changes == {"status": ["on_post", "suspended"], "reason": [None, "Investigation"]}
    assert (entry.actor_id, entry.door, entry.record_id) == (manager.id, "bulk", lead.id)


def test_asking_does_nothing(session: Session, lead: Staff, manager: Staff) -> None:
    with acting(actor_of(manager), Door.FORM):
        assert objections(session, lead, suspension(), {"reason": "x"}) == []
        against = objections(session, lead, suspension(), {})
    assert [violation.field for violation in against] == ["reason"]
    assert state_of(lead) is StaffStatus.ON_POST
    assert not session.dirty


def test_move_without_the_role(session: Session, lead: Staff, home: Department, manager: Staff) -> None:
    trainer = staff(session, home, Post.TRAINER, superior=manager)
    with acting(actor_of(trainer), Door.FORM), pytest.raises(NotAllowedError) as error:
        perform(session, lead, "suspend", reason="x")
    assert (error.value.entity, error.value.action) == ("staff", "suspend")
    assert state_of(lead) is StaffStatus.ON_POST


def test_move_that_nobody_makes_by_themselves(
    session: Session, lead: Staff, manager: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.transitions[Staff], "suspend", replace(suspension(), by_system=True))
    with acting(actor_of(manager), Door.API):
        with pytest.raises(NotAllowedError):
            perform(session, lead, "suspend", reason="x")
        assert state_of(lead) is StaffStatus.ON_POST
        with consequences():
            perform(session, lead, "suspend", reason="x")
    assert state_of(lead) is StaffStatus.SUSPENDED


def test_move_from_a_state_that_does_not_lead_there(session: Session, lead: Staff) -> None:
    perform(session, lead, "suspend", reason="x")
    with pytest.raises(ConflictError) as error:
        perform(session, lead, "suspend", reason="again")
    assert error.value.record is lead


def test_unknown_move(session: Session, lead: Staff) -> None:
    with pytest.raises(KeyError):
        perform(session, lead, "promote")


class Plugin:
    """A neighbour's domain that hears of moves; `veto` speaks against them, `after` acts on them."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, int | None, datetime]] = []
        self.veto: list[Violation] = []
        self.after: Any = lambda _session: None

    @hookimpl
    def violations(self, record: Record, transition: Transition) -> list[Violation]:
        assert state_of(record) in transition.sources
        return self.veto

    @hookimpl
    def moved(self, session: Session, record: Record, transition: Transition, actor: Actor, now: datetime) -> None:
        assert state_of(record) is transition.target
        self.heard.append((transition.key, str(state_of(record)), actor.staff_id, now))
        self.after(session)


@contextmanager
def neighbour() -> Iterator[Plugin]:
    plugin = Plugin()
    with registry.with_plugin(plugin):
        yield plugin


def test_hook_violations(session: Session, lead: Staff) -> None:
    with neighbour() as plugin:
        plugin.veto = [Violation("roster.still_on_duty", "ROS-5", "Still on a published roster.")]
        with pytest.raises(PolicyError) as error:
            perform(session, lead, "suspend")
        assert [v.rule for v in error.value.violations] == ["staff.suspend.asks_reason", "roster.still_on_duty"]
        assert plugin.heard == []
    assert state_of(lead) is StaffStatus.ON_POST


def test_hook_moved(session: Session, lead: Staff, manager: Staff) -> None:
    with neighbour() as plugin, acting(actor_of(manager), Door.FORM):
        perform(session, lead, "suspend", reason="x")
        assert plugin.heard == [("staff.suspend", "suspended", manager.id, NOW)]


def test_hook_left_tells_of_a_departure_and_of_no_other_move(session: Session, lead: Staff) -> None:
    heard: list[tuple[int, StaffStatus]] = []

    class Settler:
        @hookimpl
        def left(self, person: Staff) -> None:
            heard.append((person.id, person.status))

    with registry.with_plugin(Settler()):
        perform(session, lead, "suspend", reason="x")
        assert heard == []
        perform(session, lead, "leave", reason="x")
    assert heard == [(lead.id, StaffStatus.LEFT)]


def test_what_follows_a_move_needs_no_grant_of_the_mover(
    session: Session, home: Department, lead: Staff, manager: Staff
) -> None:
    """The manager may not create accounts, say; what a neighbour does upon the move is not the manager's doing."""
    with neighbour() as plugin, acting(actor_of(lead), Door.FORM):
        plugin.after = lambda own: own.add(Channel(department_id=home.id, code="mail", name={}))
        with pytest.raises(NotAllowedError):
            perform(session, manager, "leave", reason="x")
    session.rollback()
    with neighbour() as plugin, acting(actor_of(manager), Door.FORM):
        plugin.after = lambda own: own.add(Channel(department_id=home.id, code="mail", name={}))
        perform(session, lead, "suspend", reason="x")
        session.commit()
    assert session.scalars(select(Channel.created_by_id)).all() == [manager.id]


def test_failure_of_a_neighbour_undoes_the_move(session: Session, lead: Staff) -> None:
    def fail(_session: Session) -> None:
        raise RuntimeError

    with neighbour() as plugin:
        plugin.after = fail
        with pytest.raises(RuntimeError):
            perform(session, lead, "suspend", reason="x")
        session.rollback()
    assert state_of(lead) is StaffStatus.ON_POST
    session.commit()
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == "suspend")).all() == []


def test_refused_move_is_counted_under_its_clause(session: Session, lead: Staff) -> None:
    with pytest.raises(PolicyError):
        perform(session, lead, "suspend")
    session.rollback()
    tally = session.execute(
        select(RuleTally.rule, RuleTally.clause, RuleTally.broken).where(RuleTally.broken > 0)
    ).all()
    assert [tuple(row) for row in tally] == [("staff.suspend.asks_reason", "ORG-1", 1)]


class Clocked:
    """A domain that does something by the clock alone."""

    def __init__(self) -> None:
        self.asked: list[datetime] = []

    @hookimpl
    def due(self, session: Session, now: datetime) -> int:
        self.asked.append(now)
        return 0


def test_hook_due(session: Session, home: Department) -> None:
    session.commit()
    plugin = Clocked()
    with registry.with_plugin(plugin), clock.fixed_at(NOW + timedelta(hours=1)):
        sweep(session, "test")
    assert plugin.asked == [NOW + timedelta(hours=1)]


def test_of_two_who_move_at_once_one_is_told(app: Flask, session: Session, lead: Staff) -> None:
    """Both have read the same state; the database decides."""
    number, ready = lead.id, threading.Barrier(2)
    session.commit()
    outcomes: list[str] = []

    def move() -> None:
        with app.app_context(), clock.fixed_at(NOW), acting(SYSTEM, Door.FORM):
            own = db.session()
            try:
                person = own.get_one(Staff, number)
                own.commit()
                ready.wait(10)
                perform(own, person, "suspend", reason="x")
                own.commit()
                outcomes.append("done")
            except ConflictError:
                own.rollback()
                outcomes.append("told")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=move) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", "told"]
    assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "suspend")).all()) == 1


def test_hook_adopted(session: Session, home: Department) -> None:
    heard: list[tuple[int, str]] = []

    class Beginner:
        @hookimpl
        def adopted(self, department: Department, pack: Pack) -> None:
            heard.append((department.id, pack.code))

    with registry.with_plugin(Beginner()):
        adopt(session, home, "C", rank=1, valid_from=date(2024, 1, 1))
    assert heard == [(home.id, "C")]


def test_channel_is_made_without_states(session: Session, home: Department) -> None:
    assert state_of(channel(session, home)) is None
