from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import throttle
from engine.accounts.throttle import Caller, WaitError
from engine.database import db
from models.accounts import LoginTry
from tests.fixtures.rulebook import NOW

OFFICE = Caller("192.0.2.7")
ELSEWHERE = Caller("198.51.100.9")


def fail(session: Session, login: str, times: int = 1, where: Caller = OFFICE) -> None:
    for _try in range(times):
        throttle.admit(session, login, where)


def wait_of(session: Session, login: str) -> datetime | None:
    """Try once; until when one has to wait, if so."""
    try:
        throttle.admit(session, login, OFFICE)
    except WaitError as refused:
        return refused.until
    return None


def test_fifth_failure_locks_the_login_for_half_an_hour(session: Session) -> None:
    fail(session, "zhang", 5)
    with pytest.raises(WaitError) as refused:
        throttle.admit(session, "zhang", ELSEWHERE)
    assert refused.value.until == NOW + timedelta(minutes=30)
    assert refused.value.minutes == 30
    with clock.fixed_at(NOW + timedelta(minutes=29, seconds=59)), pytest.raises(WaitError):
        throttle.admit(session, "zhang", ELSEWHERE)
    with clock.fixed_at(NOW + timedelta(minutes=30)):
        assert throttle.admit(session, "zhang", ELSEWHERE) == 5


def test_lock_lasts_from_the_last_failure_however_slow_they_came(session: Session) -> None:
    for minute in (0, 7, 14, 21, 28):
        with clock.fixed_at(NOW + timedelta(minutes=minute)):
            fail(session, "zhang")
    with clock.fixed_at(NOW + timedelta(minutes=57)):
        assert throttle.locked_until(session, "zhang") == NOW + timedelta(minutes=58)


def test_failures_far_apart_do_not_lock(session: Session) -> None:
    for minute in (0, 10, 20, 31, 41, 51, 62):
        with clock.fixed_at(NOW + timedelta(minutes=minute)):
            fail(session, "zhang")


def test_try_is_stored_before_anything_is_checked(session: Session) -> None:
    throttle.admit(session, "zhang", OFFICE)
    session.rollback()
    assert session.scalar(select(func.count(LoginTry.id))) == 1


def test_refused_try_does_not_lengthen_the_lock(session: Session) -> None:
    fail(session, "zhang", 5)
    with clock.fixed_at(NOW + timedelta(minutes=29)), pytest.raises(WaitError):
        throttle.admit(session, "zhang", OFFICE)
    with clock.fixed_at(NOW + timedelta(minutes=30)):
        throttle.admit(session, "zhang", OFFICE)


def test_one_spelling_counts_as_the_other(session: Session) -> None:
    fail(session, "zhang", 3)
    fail(session, " ZHANG ", 2)
    with pytest.raises(WaitError):
        throttle.admit(session, "Zhang", OFFICE)


def test_forgetful_colleague_does_not_lock_out_the_office(session: Session) -> None:
    fail(session, "zhang", 5)
    assert throttle.admit(session, "wang", OFFICE) == 1


def test_walking_through_logins_from_one_place_is_slowed_down(session: Session) -> None:
    for login in ("a1", "a2", "a3", "a4", "a5"):
        fail(session, login)
    with pytest.raises(WaitError) as refused:
        throttle.admit(session, "a6", OFFICE)
    assert refused.value.seconds == 15
    assert throttle.admit(session, "a6", ELSEWHERE) == 1
    with clock.fixed_at(NOW + timedelta(seconds=15)):
        throttle.admit(session, "a7", OFFICE)
        with pytest.raises(WaitError) as again:
            throttle.admit(session, "a8", OFFICE)
    assert again.value.until == NOW + timedelta(seconds=15 + 30)


def test_wait_of_a_place_never_exceeds_the_lock(session: Session) -> None:
    moment = NOW
    for number in range(20):
        with clock.fixed_at(moment):
            until = wait_of(session, f"b{number}") or moment
        assert until - moment <= throttle.LOCK
        moment = until


def test_login_that_got_in_does_not_count_against_its_place(session: Session) -> None:
    for login in ("a1", "a2", "a3", "a4", "a5"):
        fail(session, login)
        throttle.clear(session, login)
        session.commit()
    throttle.admit(session, "a6", OFFICE)


@pytest.mark.parametrize(
    ("address", "origin", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("nonsense", "unknown", "unknown"),
        ("", "unknown", "unknown"),
    ],
)
def test_caller_is_told_apart_as_coarsely_as_needed(address: str, origin: str, network: str) -> None:
    assert (Caller(address).origin, Caller(address).network) == (origin, network)


def test_tries_at_the_same_moment_do_not_slip_past(app: Flask, session: Session) -> None:
    def knock() -> bool:
        with app.app_context():
            return wait_of(db.session(), "zhang") is None

    session.rollback()
    with ThreadPoolExecutor(8) as threads:
        knocking = [threads.submit(copy_context().run, knock) for _each in range(12)]
    assert [each.result() for each in knocking].count(True) == throttle.TRIES


def test_old_tries_are_forgotten(session: Session) -> None:
    fail(session, "zhang", 2)
    assert throttle.forget_old(session, NOW + timedelta(minutes=60)) == 0
    assert throttle.forget_old(session, NOW + timedelta(minutes=61)) == 2


def test_what_was_typed_is_not_stored(session: Session) -> None:
    fail(session, "my secret password")
    row = session.scalars(select(LoginTry)).one()
    assert "secret" not in f"{row.login} {row.address}"
    assert "192.0.2" not in row.address
