"""The switch between two standards that contradict one another: each is kept where it is asked for, only there."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import graded, own, passwords, sessions
from engine.accounts.login import log_in
from engine.accounts.sessions import Holder, Owes
from engine.config import Settings
from tests.factories.accounts import HERE, PASSWORD, Logins
from tests.fixtures.rulebook import NOW

MIXED = "A quiet river of 1987"
PLAIN = ["a long and quiet river", "UPPER AND LOWER", "lowercase2026", "密码只有汉字和空格"]


@pytest.fixture
def graded_protection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graded.Profile, "is_on", True)


def owed(session: Session, login: str, password: str) -> Owes | None:
    opened = log_in(session, login, password, HERE)
    found = sessions.look_up(session, opened.key, demo=False)
    assert isinstance(found, Holder)
    return found.owes


def test_switch_is_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().mlps is False
    monkeypatch.setenv("DUTYBOOK_MLPS", "true")
    assert Settings().mlps is True


@pytest.mark.parametrize("password", PLAIN)
def test_password_of_few_kinds_of_characters(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert passwords.faults(password) == []
    monkeypatch.setattr(graded.Profile, "is_on", True)
    assert passwords.faults(password) == [passwords.TOO_PLAIN]
    assert passwords.faults(MIXED) == []


@pytest.mark.parametrize(("days", "owes"), [(89, None), (90, Owes.PASSWORD)])
def test_password_is_renewed_after_ninety_days(
    session: Session, logins: Logins, graded_protection: None, days: int, owes: Owes | None
) -> None:
    own.set_password(session, logins.agent, PASSWORD)
    session.commit()
    with clock.fixed_at(NOW + timedelta(days=days)):
        assert owed(session, "zhang", PASSWORD) is owes


def test_password_that_came_with_the_account_ages_as_well(
    session: Session, logins: Logins, graded_protection: None
) -> None:
    with clock.fixed_at(NOW + timedelta(days=200)):
        assert owed(session, "zhang", PASSWORD) is Owes.PASSWORD


def test_renewed_password_serves_another_ninety_days(session: Session, logins: Logins, graded_protection: None) -> None:
    with clock.fixed_at(NOW + timedelta(days=91)):
        assert owed(session, "zhang", PASSWORD) is Owes.PASSWORD
        own.change_password(session, logins.agent, PASSWORD, MIXED, HERE)
        assert owed(session, "zhang", MIXED) is None
    with clock.fixed_at(NOW + timedelta(days=180)):
        assert owed(session, "zhang", MIXED) is None


def test_password_never_ages_where_nobody_asks_for_it(session: Session, logins: Logins) -> None:
    with clock.fixed_at(NOW + timedelta(days=1000)):
        assert owed(session, "zhang", PASSWORD) is None
