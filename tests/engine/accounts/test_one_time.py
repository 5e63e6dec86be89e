from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import administration, login, one_time, own, sessions, throttle, two_step
from engine.accounts.actor import actor_for
from engine.accounts.one_time import SpentError
from engine.accounts.own import PasswordError
from engine.accounts.sessions import Ended
from engine.accounts.throttle import Caller
from engine.acting import Actor, Door, acting
from engine.errors import ConflictError, NotAllowedError
from engine.transitions.performing import perform
from models.accounts import Account, AccountState, EndReason, OneTimeSecret, Proof
from models.audit import AuditEntry
from models.notification import Notification
from models.organisation import Post
from tests.factories import accounts, organisation
from tests.factories.accounts import Logins
from tests.fixtures.rulebook import NOW

FRESH = "a brand new sentence"
HERE = Caller("192.0.2.7")


@pytest.fixture
def invited(session: Session, logins: Logins) -> Account:
    person = organisation.staff(session, logins.department, Post.TRAINER, superior=logins.manager.staff)
    made = Account(department_id=logins.department.id, staff_id=person.id, login="trainer", roles=["trainer"])
    session.add(made)
    session.commit()
    return made


def issued(session: Session, account: Account) -> str:
    secret = one_time.issue(session, account)
    session.commit()
    return secret


def redeem(session: Session, secret: str, password: str = FRESH) -> Account:
    with acting(Actor(None), Door.FORM):
        account = one_time.redeem(session, secret, password)
        session.commit()
    return account


def test_invited_person_chooses_a_password_and_is_active(session: Session, invited: Account) -> None:
    redeem(session, issued(session, invited))
    assert invited.state is AccountState.ACTIVE
    with acting(Actor(None), Door.FORM):
        login.log_in(session, "trainer", FRESH, HERE)


def test_secret_works_once(session: Session, invited: Account) -> None:
    secret = issued(session, invited)
    redeem(session, secret)
    with pytest.raises(SpentError):
        redeem(session, secret, "another good sentence")


@pytest.mark.parametrize(("later", "works"), [(timedelta(hours=23, minutes=59), True), (timedelta(hours=24), False)])
def test_secret_works_for_a_day(session: Session, invited: Account, later: timedelta, works: bool) -> None:
    secret = issued(session, invited)
    with clock.fixed_at(NOW + later):
        if works:
            redeem(session, secret)
        else:
            with pytest.raises(SpentError):
                redeem(session, secret)


def test_newer_secret_kills_the_older(session: Session, invited: Account) -> None:
    older, newer = issued(session, invited), issued(session, invited)
    with pytest.raises(SpentError):
        redeem(session, older)
    redeem(session, newer)


def test_disabling_kills_the_secret(session: Session, logins: Logins) -> None:
    secret = issued(session, logins.agent)
    perform(session, logins.agent, "disable", reason="left")
    session.commit()
    perform(session, logins.agent, "enable")
    session.commit()
    with pytest.raises(SpentError):
        redeem(session, secret)


@pytest.mark.parametrize("secret", ["", "guess", "x" * 43])
def test_guessed_secret_is_refused_like_a_spent_one(session: Session, invited: Account, secret: str) -> None:
    issued(session, invited)
    with pytest.raises(SpentError):
        redeem(session, secret)


def test_weak_password_does_not_spend_the_secret(session: Session, invited: Account) -> None:
    secret = issued(session, invited)
    for weak in ("short", "password123", "my trainer 2026"):
        with pytest.raises(PasswordError), acting(Actor(None), Door.FORM):
            one_time.redeem(session, secret, weak)
        session.rollback()
    redeem(session, secret)


def test_reset_keeps_the_second_factor_and_ends_every_session(session: Session, logins: Logins) -> None:
    phone = two_step.new_secret()
    own.set_up_two_step(session, logins.manager, phone, two_step.pyotp.TOTP(phone).at(NOW))
    key = sessions.open_session(session, logins.manager, Proof.FULL, HERE)
    redeem(session, issued(session, logins.manager))
    assert logins.manager.totp_secret == phone
    answer = sessions.look_up(session, key, demo=True)
    assert isinstance(answer, Ended)
    assert answer.why is EndReason.PASSWORD


def test_reset_unlocks_the_login(session: Session, logins: Logins) -> None:
    for _try in range(5):
        throttle.admit(session, "zhang", HERE)
    redeem(session, issued(session, logins.agent))
    assert throttle.locked_until(session, "zhang") is None


def test_person_is_told_of_a_reset(session: Session, logins: Logins) -> None:
    issued(session, logins.agent)
    told = session.scalars(select(Notification)).all()
    assert [(notice.recipient_id, notice.code) for notice in told] == [(logins.agent.staff_id, "account.reset_issued")]


def test_only_a_fingerprint_is_stored_and_nothing_audited(session: Session, invited: Account) -> None:
    secret = issued(session, invited)
    row = session.scalars(select(OneTimeSecret)).one()
    assert secret not in {row.digest, str(row.id)}
    redeem(session, secret)
    kept = "".join(f"{e.record_title}{e.changes}" for e in session.scalars(select(AuditEntry)))
    assert secret not in kept
    assert FRESH not in kept
    assert "argon2" not in kept
    actions = list(session.scalars(select(AuditEntry.action).where(AuditEntry.record_id == invited.id)))
    assert {"invitation_issued", "password_changed", "activate"} <= set(actions)


def test_only_administrators_issue_secrets(session: Session, logins: Logins, invited: Account) -> None:
    for account in (logins.agent, invited):
        with acting(organisation.actor_of(logins.lead.staff), Door.FORM), pytest.raises(NotAllowedError):
            one_time.issue(session, account)


def test_disabled_account_gets_no_secret(session: Session, logins: Logins) -> None:
    perform(session, logins.agent, "disable", reason="left")
    with pytest.raises(ConflictError):
        one_time.issue(session, logins.agent)


def test_administrator_does_not_get_round_their_own_password(session: Session, logins: Logins) -> None:
    with acting(actor_for(session, logins.manager), Door.FORM):
        for way_round in (one_time.issue, administration.take_off_second_factor):
            with pytest.raises(ConflictError):
                way_round(session, logins.manager)


def test_factory_password_is_good_enough_for_the_rules(session: Session, logins: Logins) -> None:
    own.refuse_weak(session, logins.agent, accounts.PASSWORD)
