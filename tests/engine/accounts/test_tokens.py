"""Tokens: made by whoever proves who they are, dead when their account is another, told of before they end."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import administration, one_time, own, tokens
from engine.accounts.actor import actor_for
from engine.accounts.throttle import TRIES, WaitError
from engine.accounts.tokens import Bearer, Dead, Scopes, Wish
from engine.acting import Door, acting
from engine.errors import ConflictError, NotAllowedError, NotFoundError
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.accounts import Account
from models.api_token import ApiToken, TokenEnd
from models.audit import AuditEntry
from models.notification import Notification
from tests.factories.accounts import HERE, PASSWORD, Logins

SECRET = "JBSWY3DPEHPK3PXP" * 2
WISH = Wish("the roster's program", ["read", "write:staff"], 30)


def make(session: Session, account: Account, wish: Wish = WISH, password: str = PASSWORD, code: str = "") -> str:
    with acting(actor_for(session, account), Door.FORM):
        key = tokens.make(session, account, wish, password, code, HERE)
        session.commit()
    return key


def found(session: Session, key: str, *, demo: bool = False) -> Any:
    return tokens.look_up(session, key, demo=demo)


def stored(session: Session) -> ApiToken:
    return session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).first()  # type: ignore[return-value]  # the test has made one


def test_token_opens_what_its_holder_may(session: Session, logins: Logins) -> None:
    bearer = found(session, make(session, logins.agent))
    assert isinstance(bearer, Bearer)
    assert bearer.actor == actor_for(session, logins.agent)
    assert bearer.scopes.given == {"read", "write:staff"}


def test_token_is_stored_as_a_fingerprint(session: Session, logins: Logins) -> None:
    key = make(session, logins.agent)
    row = stored(session)
    assert key.startswith("dtb_")
    assert len(key) == len("dtb_") + 43
    assert key not in str(vars(row))
    assert row.hint == key[:10]
    told = session.scalars(select(AuditEntry).where(AuditEntry.action == "token_made")).one()
    assert key not in str(told.changes)
    assert session.scalars(select(Notification.code)).all() == ["account.token_made"]


@pytest.mark.parametrize("password", ["wrong", ""])
def test_wrong_password_makes_none_and_counts(session: Session, logins: Logins, password: str) -> None:
    for _time in range(TRIES):
        with pytest.raises(own.PasswordError):
            make(session, logins.agent, password=password)
    with pytest.raises(WaitError):
        make(session, logins.agent)
    assert session.scalars(select(ApiToken)).all() == []


def test_second_step_is_asked_where_there_is_one(session: Session, logins: Logins) -> None:
    logins.manager.totp_secret = SECRET
    session.commit()
    for code in ("", "000000"):
        with pytest.raises(own.PasswordError):
            make(session, logins.manager, code=code)
    key = make(session, logins.manager, code=pyotp.TOTP(SECRET).at(clock.now()))
    assert isinstance(found(session, key), Bearer)
    assert stored(session).second_factor


def test_code_does_not_open_twice(session: Session, logins: Logins) -> None:
    logins.manager.totp_secret = SECRET
    session.commit()
    code = pyotp.TOTP(SECRET).at(clock.now())
    make(session, logins.manager, code=code)
    with pytest.raises(own.PasswordError):
        make(session, logins.manager, code=code)


def test_role_that_needs_the_second_step_is_not_served_without(session: Session, logins: Logins) -> None:
    key = make(session, logins.manager)
    assert found(session, key) == Dead(stored(session).id, TokenEnd.UNPROVEN)
    assert isinstance(found(session, key, demo=True), Bearer)


@pytest.mark.parametrize(
    "wish",
    [
        Wish("", ["read"], 30),
        Wish("   ", ["read"], 30),
        Wish("x" * 81, ["read"], 30),
        Wish("x", [], 30),
        Wish("x", ["everything"], 30),
        Wish("x", ["read"], 0),
        Wish("x", ["read"], 366),
    ],
)
def test_wish_that_makes_no_sense_is_refused(session: Session, logins: Logins, wish: Wish) -> None:
    with pytest.raises(ConflictError):
        make(session, logins.agent, wish)


def test_twenty_are_enough(session: Session, logins: Logins) -> None:
    for number in range(tokens.MOST):
        make(session, logins.agent, Wish(f"program {number}", ["read"], 1))
    with pytest.raises(ConflictError):
        make(session, logins.agent)
    with clock.fixed_at(clock.now() + timedelta(days=1)):
        make(session, logins.agent)


@pytest.mark.parametrize(
    ("given", "reads", "writes"),
    [
        ({"read"}, {"staff": True, "team": True}, {"staff": False, "team": False}),
        ({"write"}, {"staff": True, "team": True}, {"staff": True, "team": True}),
        ({"read:staff"}, {"staff": True, "team": False}, {"staff": False, "team": False}),
        ({"read", "write:team"}, {"staff": True, "team": True}, {"staff": False, "team": True}),
        (set(), {"staff": False, "team": False}, {"staff": False, "team": False}),
    ],
)
def test_scopes_allow(given: set[str], reads: dict[str, bool], writes: dict[str, bool]) -> None:
    scopes = Scopes(frozenset(given))
    assert {name: scopes.allow(name, writing=False) for name in reads} == reads
    assert {name: scopes.allow(name, writing=True) for name in writes} == writes


def test_token_ends_when_the_account_is_shut_and_stays_so(session: Session, logins: Logins) -> None:
    key = make(session, logins.agent)
    perform(session, logins.agent, "disable", reason="left")
    session.commit()
    assert found(session, key).why is TokenEnd.DISABLED
    perform(session, logins.agent, "enable")
    session.commit()
    assert found(session, key).why is TokenEnd.DISABLED


def test_token_ends_with_a_reset_by_an_administrator(session: Session, logins: Logins) -> None:
    key = make(session, logins.agent)
    with acting(actor_for(session, logins.manager), Door.FORM):
        secret = one_time.issue(session, logins.agent)
        session.commit()
    one_time.redeem(session, secret, "another long and quiet river")
    session.commit()
    assert found(session, key).why is TokenEnd.PASSWORD


def test_token_outlives_a_password_that_its_holder_changes(session: Session, logins: Logins) -> None:
    key = make(session, logins.agent)
    with acting(actor_for(session, logins.agent), Door.FORM):
        own.change_password(session, logins.agent, PASSWORD, "another long and quiet river", HERE)
    assert isinstance(found(session, key), Bearer)


def test_token_ends_when_the_phone_is_lost(session: Session, logins: Logins) -> None:
    logins.lead.totp_secret = SECRET
    session.commit()
    key = make(session, logins.lead, code=pyotp.TOTP(SECRET).at(clock.now()))
    with acting(actor_for(session, logins.manager), Door.FORM):
        administration.take_off_second_factor(session, logins.lead)
        session.commit()
    assert found(session, key).why is TokenEnd.ADMINISTRATOR


def test_one_s_own_is_revoked_and_nobody_else_s(session: Session, logins: Logins) -> None:
    key = make(session, logins.agent)
    number = stored(session).id
    for other in (logins.lead, logins.manager):
        with acting(actor_for(session, other), Door.FORM), pytest.raises(NotFoundError):
            tokens.revoke(session, number)
    with acting(actor_for(session, logins.agent), Door.FORM):
        tokens.revoke(session, number)
        session.commit()
    assert found(session, key).why is TokenEnd.REVOKED


def test_administrator_revokes_anybody_s(session: Session, logins: Logins) -> None:
    key = make(session, logins.agent)
    number = stored(session).id
    with acting(actor_for(session, logins.lead), Door.FORM), pytest.raises(NotAllowedError):
        tokens.revoke(session, number, TokenEnd.ADMINISTRATOR)
    with acting(actor_for(session, logins.manager), Door.FORM):
        tokens.revoke(session, number, TokenEnd.ADMINISTRATOR)
        session.commit()
    assert found(session, key).why is TokenEnd.ADMINISTRATOR
    actions = session.scalars(
        select(AuditEntry.action).where(AuditEntry.action.like("token_%")).order_by(AuditEntry.id)
    )
    assert actions.all() == ["token_made", "token_revoked"]


def test_holder_is_told_once_before_the_end(session: Session, logins: Logins) -> None:
    make(session, logins.agent)
    make(session, logins.agent, Wish("for this week", ["read"], 7))
    key_of_end = select(Notification).where(Notification.code == "account.token_ends")
    with clock.fixed_at(clock.now() + timedelta(days=22)):
        sweep(session)
        assert session.scalars(key_of_end).all() == []
    with clock.fixed_at(clock.now() + timedelta(days=23, minutes=1)):
        sweep(session)
        sweep(session)
        told = session.scalars(key_of_end).all()
    assert [notice.data["name"] for notice in told] == ["the roster's program"]


def test_sweep_writes_the_end_of_what_is_over(session: Session, logins: Logins) -> None:
    make(session, logins.agent)
    with clock.fixed_at(clock.now() + timedelta(days=30)):
        sweep(session)
    session.expire_all()
    assert stored(session).ended_why is TokenEnd.EXPIRED
