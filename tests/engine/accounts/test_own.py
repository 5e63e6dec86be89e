from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import administration, own, passwords, sessions, throttle, two_step
from engine.accounts.actor import actor_for
from engine.accounts.own import PasswordError
from engine.accounts.sessions import Holder
from engine.accounts.throttle import Caller, WaitError
from engine.acting import Door, acting, seeing_all
from engine.errors import NotAllowedError, PolicyError
from models.accounts import Account, EndReason, Language, Proof, Theme, WebSession
from models.audit import AuditEntry
from models.notification import Notification
from tests.factories.accounts import PASSWORD, Logins
from tests.fixtures.rulebook import NOW

HERE = Caller("192.0.2.7")
FRESH = "a brand new sentence"


@pytest.fixture
def agent(session: Session, logins: Logins) -> Iterator[Account]:
    """The agent, acting for themselves."""
    with acting(actor_for(session, logins.agent), Door.FORM):
        yield logins.agent


def test_own_password_is_changed_and_every_other_session_ends(session: Session, agent: Account) -> None:
    before = sessions.open_session(session, agent, Proof.FULL, HERE)
    session.commit()
    key = own.change_password(session, agent, PASSWORD, FRESH, HERE)
    assert passwords.opens(agent.password_hash, FRESH)
    assert isinstance(sessions.look_up(session, key, demo=True), Holder)
    assert (
        session.scalars(select(WebSession.ended_why).where(WebSession.digest == sessions.digest(before))).one()
        is EndReason.PASSWORD
    )
    assert [n.code for n in session.scalars(select(Notification))] == ["account.password_changed"]


@pytest.mark.parametrize("fresh", ["short", "password123", PASSWORD, "zhang is my name"])
def test_unfit_new_password_changes_nothing(session: Session, agent: Account, fresh: str) -> None:
    with pytest.raises(PasswordError):
        own.change_password(session, agent, PASSWORD, fresh, HERE)
    session.rollback()
    assert passwords.opens(agent.password_hash, PASSWORD)


def test_current_password_is_asked_and_guessing_it_locks(session: Session, agent: Account) -> None:
    for _try in range(5):
        with pytest.raises(PasswordError) as refused:
            own.change_password(session, agent, "a guess", FRESH, HERE)
        assert refused.value.sentences == (own.WRONG_CURRENT,)
    with pytest.raises(WaitError):
        own.change_password(session, agent, PASSWORD, FRESH, HERE)
    assert list(session.scalars(select(AuditEntry.action))).count("password_not_confirmed") == 5


def test_second_step_needs_a_code_of_the_same_secret(session: Session, agent: Account) -> None:
    secret = two_step.new_secret()
    for code in (
        "",
        "000000",
        pyotp.TOTP(two_step.new_secret()).at(NOW),
        pyotp.TOTP(secret).at(NOW - timedelta(minutes=5)),
    ):
        with pytest.raises(PasswordError):
            own.set_up_two_step(session, agent, secret, code)
    codes = own.set_up_two_step(session, agent, secret, pyotp.TOTP(secret).at(NOW))
    session.commit()
    assert agent.has_second_factor
    assert len(set(codes)) == two_step.RECOVERY_CODES


def set_up(session: Session, account: Account) -> list[str]:
    secret = two_step.new_secret()
    codes = own.set_up_two_step(session, account, secret, pyotp.TOTP(secret).at(clock.now()))
    session.commit()
    return codes


def test_secrets_are_neither_plain_in_the_row_nor_in_the_audit(session: Session, agent: Account) -> None:
    codes = set_up(session, agent)
    with seeing_all():
        query = "SELECT totp_secret, recovery_codes, password_hash FROM account"
        raw = str(session.connection().exec_driver_sql(query).all())
    kept = raw + "".join(str(entry.changes) for entry in session.scalars(select(AuditEntry)))
    assert agent.totp_secret is not None
    assert agent.totp_secret not in kept
    assert codes[0] not in kept
    assert "argon2" not in kept
    assert codes[0] not in (agent.recovery_codes or "")


def test_new_recovery_codes_replace_the_old(session: Session, agent: Account) -> None:
    old = set_up(session, agent)
    fresh = own.fresh_recovery_codes(session, agent)
    assert not two_step.spend_recovery_code(agent, old[0])
    assert two_step.spend_recovery_code(agent, fresh[0])


def test_second_step_is_switched_off_only_where_no_role_requires_it(session: Session, agent: Account) -> None:
    set_up(session, agent)
    with pytest.raises(PasswordError):
        own.remove_two_step(session, agent, required=True)
    own.remove_two_step(session, agent, required=False)
    session.commit()
    assert (agent.totp_secret, agent.recovery_codes) == (None, None)


def test_language_and_appearance_are_kept(session: Session, agent: Account) -> None:
    own.set_preferences(session, agent, "en", "dark")
    session.commit()
    assert (agent.language, agent.theme) == (Language.ENGLISH, Theme.DARK)
    with pytest.raises(ValueError, match="klingon"):
        own.set_preferences(session, agent, "klingon", "dark")


def test_nobody_edits_their_account_past_these_functions(session: Session, agent: Account) -> None:
    agent.login = "manager"
    with pytest.raises(PolicyError):
        session.flush()


def test_administrator_unlocks_and_ends_sessions_and_takes_off_a_lost_phone(session: Session, logins: Logins) -> None:
    set_up(session, logins.agent)
    for _try in range(5):
        throttle.admit(session, "zhang", HERE)
    with acting(actor_for(session, logins.manager), Door.FORM):
        administration.unlock(session, logins.agent)
        assert throttle.locked_until(session, "zhang") is None
        sessions.open_session(session, logins.agent, Proof.FULL, HERE)
        assert administration.end_sessions(session, logins.agent) == 1
        administration.take_off_second_factor(session, logins.agent)
        session.commit()
    assert not logins.agent.has_second_factor
    actions = set(session.scalars(select(AuditEntry.action)))
    assert {"login_unlocked", "session_ended", "two_step_taken_off"} <= actions


@pytest.mark.parametrize(
    "act", [administration.unlock, administration.end_sessions, administration.take_off_second_factor]
)
def test_others_do_not_administer(session: Session, logins: Logins, act: object) -> None:
    assert callable(act)
    with acting(actor_for(session, logins.lead), Door.FORM), pytest.raises(NotAllowedError):
        act(session, logins.agent)
