from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import passwords, sessions
from engine.accounts.sessions import Ended, Holder
from engine.accounts.throttle import Caller
from engine.acting import Role
from engine.database import db
from engine.transitions.performing import perform
from models.accounts import Account, EndReason, Proof, WebSession
from models.audit import AuditEntry
from tests.factories.accounts import Logins
from tests.fixtures.rulebook import NOW

PHONE, DESK = Caller("192.0.2.7", "Phone"), Caller("198.51.100.9", "Desk")


def opened(session: Session, account: Account, where: Caller = DESK, proof: Proof = Proof.FULL) -> str:
    key = sessions.open_session(session, account, proof, where)
    session.commit()
    return key


def found(session: Session, key: str) -> Holder | Ended | None:
    return sessions.look_up(session, key, demo=True)


def why(session: Session, key: str) -> EndReason | None:
    answer = found(session, key)
    return answer.why if isinstance(answer, Ended) else None


def test_key_is_long_random_and_stored_as_a_fingerprint_only(session: Session, logins: Logins) -> None:
    keys = {opened(session, logins.agent) for _each in range(5)}
    assert len(keys) == 5
    assert all(len(key) >= 43 for key in keys)  # 256 bits in base64
    stored = set(session.scalars(select(WebSession.digest)))
    assert stored == {sessions.digest(key) for key in keys}
    assert not stored & keys


@pytest.mark.parametrize("key", ["", "guess", "0" * 43])
def test_unknown_key_finds_nobody(session: Session, logins: Logins, key: str) -> None:
    opened(session, logins.agent)
    assert found(session, key) is None


def test_signing_in_elsewhere_ends_the_first_session_and_is_recorded(session: Session, logins: Logins) -> None:
    first = opened(session, logins.agent, PHONE)
    second = opened(session, logins.agent, DESK)
    assert why(session, first) is EndReason.ELSEWHERE
    assert isinstance(found(session, second), Holder)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "session_ended")).one()
    assert (entry.entity, entry.record_id) == ("account", logins.agent.id)
    assert entry.changes == {"why": [None, "elsewhere"], "network": [None, "192.0.2.0/24"]}


def test_password_alone_ends_nobodys_session(session: Session, logins: Logins) -> None:
    """Whoever knows only the password could otherwise throw the holder out again and again."""
    first = opened(session, logins.manager)
    opened(session, logins.manager, PHONE, Proof.PASSWORD)
    assert isinstance(found(session, first), Holder)


def test_sessions_of_others_go_on(session: Session, logins: Logins) -> None:
    first = opened(session, logins.lead)
    opened(session, logins.agent)
    assert isinstance(found(session, first), Holder)


@pytest.mark.parametrize(("minutes", "expected"), [(29, None), (30, EndReason.IDLE), (600, EndReason.IDLE)])
def test_idle_session_is_over_after_half_an_hour(
    session: Session, logins: Logins, minutes: int, expected: EndReason | None
) -> None:
    key = opened(session, logins.agent)
    with clock.fixed_at(NOW + timedelta(minutes=minutes)):
        assert why(session, key) is expected


def test_session_in_use_is_over_after_twelve_hours(session: Session, logins: Logins) -> None:
    key = opened(session, logins.agent)
    for minute in range(20, 720, 20):
        with clock.fixed_at(NOW + timedelta(minutes=minute)):
            holder = found(session, key)
            assert isinstance(holder, Holder)
            sessions.seen(session, holder.session_id)
    with clock.fixed_at(NOW + timedelta(hours=12)):
        assert why(session, key) is EndReason.EXPIRED


def disabled(session: Session, account: Account) -> None:
    perform(session, account, "disable", reason="left the company")


def promoted(session: Session, account: Account) -> None:
    account.roles = [*account.roles, Role.TRAINER.value]


def new_password(session: Session, account: Account) -> None:
    account.password_hash = passwords.hashed("another quiet river")


def departed(session: Session, account: Account) -> None:
    perform(session, account.staff, "leave", reason="another job")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (disabled, EndReason.DISABLED),
        (departed, EndReason.DISABLED),
        (promoted, EndReason.ROLES),
        (new_password, EndReason.PASSWORD),
    ],
)
def test_session_is_over_at_once_when_its_account_changes(
    session: Session, logins: Logins, change: Callable[[Session, Account], None], expected: EndReason
) -> None:
    key = opened(session, logins.agent)
    change(session, logins.agent)
    session.commit()
    assert why(session, key) is expected


def test_other_settings_end_no_session(session: Session, logins: Logins) -> None:
    key = opened(session, logins.agent)
    logins.agent.language = "en"  # type: ignore[assignment]  # as a form writes it
    session.commit()
    holder = found(session, key)
    assert isinstance(holder, Holder)
    assert holder.language == "en"


def test_ended_session_stays_ended_for_its_first_reason(session: Session, logins: Logins) -> None:
    key = opened(session, logins.agent)
    number = session.scalars(select(WebSession.id)).one()
    for reason in (EndReason.LOGGED_OUT, EndReason.IDLE):
        sessions.end(session, number, reason)
        session.commit()
    assert why(session, key) is EndReason.LOGGED_OUT
    assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "session_ended")).all()) == 1


def test_sweep_writes_down_sessions_that_nobody_came_back_to(session: Session, logins: Logins) -> None:
    opened(session, logins.agent)
    opened(session, logins.lead)
    with clock.fixed_at(NOW + timedelta(minutes=10)):
        live = opened(session, logins.manager)
    later = NOW + timedelta(minutes=35)
    with clock.fixed_at(later):
        assert sessions.close_dead(session, later) == 2
        session.commit()
        assert sessions.close_dead(session, later) == 0
        assert isinstance(found(session, live), Holder)


def test_ended_sessions_are_kept_for_half_a_year(session: Session, logins: Logins) -> None:
    opened(session, logins.agent)
    sessions.end_all(session, logins.agent, EndReason.LOGGED_OUT)
    session.commit()
    for days, left in ((184, 1), (185, 0)):
        sessions.close_dead(session, NOW + timedelta(days=days))
        session.commit()
        assert len(session.scalars(select(WebSession)).all()) == left


def test_look_up_costs_few_queries(session: Session, logins: Logins) -> None:
    key = opened(session, logins.agent)
    session.expire_all()
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    found(session, key)
    event.remove(db.engine, "before_cursor_execute", note)
    assert (
        len([text for text in statements if text.startswith("SELECT")]) == 2
    )  # session with its person, what is withheld
