from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Literal

import pyotp
import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import login, own, passwords, sessions, throttle, two_step
from engine.accounts.login import RefusedError
from engine.accounts.sessions import Ended, Holder, Owes
from engine.accounts.throttle import Caller, WaitError
from engine.acting import Actor, Door, Role, acting
from engine.transitions.performing import perform
from models.accounts import Account, Proof, WebSession
from models.audit import AuditEntry
from tests.factories import organisation
from tests.factories.accounts import PASSWORD, Logins
from tests.fixtures.rulebook import NOW

HERE = Caller("192.0.2.7", "Firefox")


@pytest.fixture
def manager(logins: Logins) -> Account:
    return logins.manager


@pytest.fixture
def agent(logins: Logins) -> Account:
    return logins.agent


@contextmanager
def nobody() -> Iterator[None]:
    with acting(Actor(None), Door.FORM):
        yield


def enter(session: Session, name: str = "zhang", password: str = PASSWORD, where: Caller = HERE) -> login.Opened:
    with nobody():
        return login.log_in(session, name, password, where)


def found(session: Session, opened: login.Opened) -> Holder | Ended | None:
    return sessions.look_up(session, opened.key, demo=False)


def actions(session: Session) -> list[str]:
    of_login = {"logged_in", "login_failed", "login_locked", "password_accepted", "session_ended", "recovery_code_used"}
    return [a for a in session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)) if a in of_login]


def test_right_password_opens_a_full_session(session: Session, agent: Account) -> None:
    holder = found(session, enter(session, " Zhang "))
    assert isinstance(holder, Holder)
    assert (holder.account_id, holder.proof, holder.owes) == (agent.id, Proof.FULL, None)
    assert holder.actor == Actor(
        agent.staff_id,
        agent.id,
        agent.department_id,
        frozenset({Role.AGENT}),
        frozenset({agent.staff.team_id}),
        language="en",
    )
    assert actions(session) == ["logged_in"]


@pytest.mark.parametrize(
    ("name", "password"), [("zhang", "wrong one"), ("nobody", PASSWORD), ("", ""), ("zhang", PASSWORD + " ")]
)
def test_wrong_pair_is_refused_in_the_same_words(session: Session, agent: Account, name: str, password: str) -> None:
    with pytest.raises(RefusedError) as refused:
        enter(session, name, password)
    assert refused.value.sentence is login.WRONG
    assert session.scalars(select(WebSession)).all() == []
    assert actions(session) == ["login_failed"]


def test_audit_holds_neither_password_nor_what_was_typed_as_a_login(session: Session, agent: Account) -> None:
    for name, password in (("zhang", "Tr0ub4dor"), ("My Pass Phrase", "x")):
        with pytest.raises(RefusedError):
            enter(session, name, password)
    enter(session)
    kept = "".join(f"{e.record_title} {e.changes}" for e in session.scalars(select(AuditEntry)))
    assert "Tr0ub4dor" not in kept
    assert "Pass" not in kept
    assert PASSWORD not in kept
    assert "argon2" not in kept


def test_fifth_failure_locks_even_the_right_password(session: Session, agent: Account) -> None:
    for _try in range(5):
        with pytest.raises(RefusedError):
            enter(session, "zhang", "wrong")
    with pytest.raises(WaitError):
        enter(session)
    assert actions(session) == ["login_failed"] * 5 + ["login_locked"]
    with clock.fixed_at(NOW + timedelta(minutes=30)):
        enter(session)


def test_success_strikes_out_earlier_failures(session: Session, agent: Account) -> None:
    for _round in range(3):
        for _try in range(3):
            with pytest.raises(RefusedError):
                enter(session, "zhang", "wrong")
        enter(session)


class Diligent(PasswordHasher):
    """The real work, and a list of what it cost each time."""

    def __init__(self) -> None:
        super().__init__()
        self.costs: list[tuple[int, ...]] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 argon2's own name
        cost = extract_parameters(str(hash))
        self.costs.append((cost.time_cost, cost.memory_cost, cost.parallelism))
        return super().verify(hash, password)


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Diligent:
    diligent = Diligent()
    monkeypatch.setattr(passwords, "hasher", diligent)
    return diligent


def test_hashing_waits_for_the_throttle(session: Session, agent: Account, hasher: Diligent) -> None:
    for _try in range(5):
        throttle.admit(session, "zhang", HERE)
    with pytest.raises(WaitError):
        enter(session)
    assert hasher.costs == []


def test_disabled_account_is_told_only_after_its_right_password(session: Session, agent: Account) -> None:
    perform(session, agent, "disable", reason="left")
    session.commit()
    with pytest.raises(RefusedError) as guess:
        enter(session, "zhang", "wrong")
    with pytest.raises(RefusedError) as right:
        enter(session)
    assert guess.value.sentence is login.WRONG
    assert right.value.sentence is not login.WRONG


def test_invited_account_without_a_password_opens_to_nothing(session: Session, logins: Logins) -> None:
    person = organisation.staff(session, logins.department, superior=logins.manager.staff, of=logins.team)
    session.add(Account(department_id=logins.department.id, staff_id=person.id, login="li.si", roles=["agent"]))
    session.commit()
    for password in ("", "\0", PASSWORD):
        with pytest.raises(RefusedError):
            enter(session, "li.si", password)


def test_unknown_login_costs_as_much_as_a_known_one(session: Session, agent: Account, hasher: Diligent) -> None:
    for name in ("zhang", "nobody"):
        with pytest.raises(RefusedError):
            enter(session, name, "wrong")
    known, unknown = hasher.costs
    assert known == unknown


def test_role_that_approves_owes_a_second_step(session: Session, manager: Account) -> None:
    holder = found(session, enter(session, "boss"))
    assert isinstance(holder, Holder)
    assert (holder.proof, holder.owes) == (Proof.PASSWORD, Owes.TWO_STEP)


def test_demonstration_asks_for_no_second_step(session: Session, manager: Account) -> None:
    with nobody():
        opened = login.log_in(session, "boss", PASSWORD, HERE, demo=True)
    holder = sessions.look_up(session, opened.key, demo=True)
    assert isinstance(holder, Holder)
    assert (holder.proof, holder.owes) == (Proof.FULL, None)


def with_phone(session: Session, account: Account) -> tuple[pyotp.TOTP, list[str]]:
    secret = two_step.new_secret()
    phone = pyotp.TOTP(secret)
    codes = own.set_up_two_step(session, account, secret, phone.at(clock.now()))
    session.commit()
    return phone, codes


def test_code_from_the_phone_completes_the_session_under_a_new_key(session: Session, manager: Account) -> None:
    phone, _codes = with_phone(session, manager)
    with clock.fixed_at(NOW + timedelta(minutes=1)):
        first = enter(session, "boss")
        waiting = found(session, first)
        assert isinstance(waiting, Holder)
        assert waiting.owes is Owes.CODE
        with acting(waiting.actor, Door.FORM):
            second = login.continue_with_code(session, waiting.session_id, phone.at(clock.now()), HERE)
        holder, before = found(session, second), found(session, first)
    assert second.key != first.key
    assert isinstance(holder, Holder)
    assert (holder.proof, holder.owes) == (Proof.FULL, None)
    assert isinstance(before, Ended)
    assert actions(session) == ["password_accepted", "session_ended", "logged_in"]


def code_step(session: Session, code: str, later: timedelta = timedelta(minutes=1)) -> login.Opened:
    with clock.fixed_at(NOW + later):
        waiting = found(session, enter(session, "boss"))
        assert isinstance(waiting, Holder)
        with acting(waiting.actor, Door.FORM):
            return login.continue_with_code(session, waiting.session_id, code, HERE)


def test_code_opens_once(session: Session, manager: Account) -> None:
    phone, _codes = with_phone(session, manager)
    code = phone.at(NOW + timedelta(minutes=1))
    code_step(session, code)
    with pytest.raises(RefusedError):
        code_step(session, code)


@pytest.mark.parametrize("seconds", [-30, 30, 60])
def test_code_of_another_half_minute_does_not_open(session: Session, manager: Account, seconds: int) -> None:
    phone, _codes = with_phone(session, manager)
    with pytest.raises(RefusedError):
        code_step(session, phone.at(NOW + timedelta(minutes=1, seconds=seconds)))


def test_wrong_codes_lock_like_wrong_passwords(session: Session, manager: Account) -> None:
    """A right password does not give the codes another five tries."""
    phone, _codes = with_phone(session, manager)
    for _round in range(2):  # a password and a code each time: four tries
        with pytest.raises(RefusedError):
            code_step(session, "000000")
    with pytest.raises(WaitError):
        code_step(session, "000000")
    with pytest.raises(WaitError):
        code_step(session, phone.at(NOW + timedelta(minutes=1)))


def test_recovery_code_opens_once_and_is_recorded(session: Session, manager: Account) -> None:
    _phone, codes = with_phone(session, manager)
    code_step(session, codes[3].upper().replace("-", " "))
    assert two_step.codes_left(manager) == 9
    assert "recovery_code_used" in actions(session)
    with pytest.raises(RefusedError):
        code_step(session, codes[3])


def test_demonstration_account_stands_for_its_role(session: Session, manager: Account, agent: Account) -> None:
    with nobody():
        opened = login.enter_demonstration(session, Role.AGENT, HERE)
        with pytest.raises(RefusedError):
            login.enter_demonstration(session, Role.AUDITOR, HERE)
    holder = found(session, opened)
    assert isinstance(holder, Holder)
    assert holder.account_id == agent.id
