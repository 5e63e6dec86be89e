from datetime import timedelta

from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import sessions
from engine.accounts.idle import idle
from engine.transitions.performing import perform
from models.accounts import Proof
from tests.factories.accounts import HERE, Logins


def logins_of(session: Session, days: int = 90) -> list[str]:
    return [each.account.login for each in idle(session, days)]


def test_account_is_idle_after_ninety_days_without_use(session: Session, logins: Logins) -> None:
    sessions.open_session(session, logins.lead, Proof.FULL, HERE)
    session.commit()
    start = clock.now()
    with clock.fixed_at(start + timedelta(days=89)):
        assert logins_of(session) == []
        sessions.open_session(session, logins.agent, Proof.FULL, HERE)
        session.commit()
    with clock.fixed_at(start + timedelta(days=90, seconds=1)):
        assert logins_of(session) == ["boss", "lead"]
        assert [each.last_used for each in idle(session)] == [None, start]
        assert logins_of(session, days=1) == ["boss", "lead", "zhang"]


def test_password_alone_is_no_use(session: Session, logins: Logins) -> None:
    with clock.fixed_at(clock.now() + timedelta(days=89)):
        sessions.open_session(session, logins.lead, Proof.PASSWORD, HERE)
        session.commit()
    with clock.fixed_at(clock.now() + timedelta(days=91)):
        assert "lead" in logins_of(session)


def test_disabled_account_is_not_named(session: Session, logins: Logins) -> None:
    perform(session, logins.agent, "disable", reason="x")
    session.commit()
    with clock.fixed_at(clock.now() + timedelta(days=91)):
        assert logins_of(session) == ["boss", "lead"]
