"""How many tries there are before one has to wait. Kept in the database, so that every process counts the same.

A try is written down before the password is looked at and struck out when it was right: tries that run at the same
moment cannot slip past the count. What counts against an address are the different logins that failed from it, so that
one forgetful colleague does not lock out the office, and somebody who walks through the staff list is stopped.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import DutybookError
from models.accounts import LoginTry
from models.types import blind_index
from models.words import _

TRIES = 5
WINDOW = timedelta(minutes=30)
LOCK = timedelta(minutes=30)
FIRST_DELAY = timedelta(seconds=15)
DOUBLINGS = 10
"""After so many the wait is the lock's length anyway."""
KEPT = WINDOW + LOCK
"""How long a try can matter."""


@dataclass(frozen=True)
class Caller:
    """Where a request comes from: the IP address and what the browser says it is."""

    address: str
    agent: str = ""

    @property
    def origin(self) -> str:
        """What counts as one place: an IPv4 address, or the /64 that one household or office has in IPv6."""
        return _network(self.address, 32, 64)

    @property
    def network(self) -> str:
        """The address as coarse as people need to recognise a place: /24 or /48."""
        return _network(self.address, 24, 48)


class WaitError(DutybookError):
    """Too many failures. Nothing was checked, not even a right password."""

    def __init__(self, until: datetime) -> None:
        """`until` is the moment from which another try counts, in UTC."""
        super().__init__(until.isoformat())
        self.until = until
        self.sentence = _(
            "Too many failed tries. Wait %(minutes)s minutes, or ask your administrator to unlock the account.",
            minutes=self.minutes,
        )

    @property
    def seconds(self) -> int:
        """Whole seconds to wait, at least one."""
        return max(1, int((self.until - clock.now()).total_seconds()))

    @property
    def minutes(self) -> int:
        """Minutes to wait, begun ones counted."""
        return -(-self.seconds // 60)


def admit(session: Session, login: str, caller: Caller) -> int:
    """Write down a try, return how many stand against this login. Commits. Raises WaitError when it is too early.

    Call this before anything costly or telling is done with what the person typed.
    """
    here, there = login_key(login), _fingerprint("login_try.address", caller.origin)
    _one_at_a_time(session, here, there)
    if (until := max(_login_opens(session, here), _address_opens(session, there, here))) > clock.now():
        session.rollback()
        raise WaitError(until)
    session.add(LoginTry(login=here, address=there, at=clock.now()))
    session.flush()
    count = len(_recent(session, here))
    session.commit()
    return count


def clear(session: Session, login: str) -> None:
    """Strike out the tries against a login: it was right, or an administrator unlocks it. The caller commits."""
    session.execute(delete(LoginTry).where(LoginTry.login == login_key(login)))


def locked_until(session: Session, login: str) -> datetime | None:
    """Until when the login is locked; None when it is open."""
    until = _login_opens(session, login_key(login))
    return until if until > clock.now() else None


def forget_old(session: Session, now: datetime) -> int:
    """Remove tries that no longer matter, and return how many. The caller commits."""
    # The session types every execution as a plain Result; a DELETE's carries the count.
    return session.execute(delete(LoginTry).where(LoginTry.at < now - KEPT)).rowcount  # type: ignore[attr-defined,no-any-return]  # see above


def login_key(login: str) -> str:
    """The fingerprint under which tries for a login are counted, whether it exists or not."""
    return _fingerprint("login_try.login", login)


def _fingerprint(place: str, text: str) -> str:
    return blind_index(place, text) or ""


def _login_opens(session: Session, login: str) -> datetime:
    """The moment from which the login may be tried: long ago, unless the newest five failures lie close together."""
    recent = _recent(session, login)
    full = len(recent) >= TRIES and recent[0] - recent[TRIES - 1] <= WINDOW
    return recent[0] + LOCK if full else clock.now()


def _recent(session: Session, login: str) -> Sequence[datetime]:
    query = select(LoginTry.at).where(LoginTry.login == login, LoginTry.at > clock.now() - KEPT)
    return session.scalars(query.order_by(LoginTry.at.desc()).limit(TRIES)).all()


def _address_opens(session: Session, address: str, login: str) -> datetime:
    """After five logins failed from one place, each further one doubles the wait, up to the length of a lock."""
    since = clock.now() - WINDOW
    failed = (LoginTry.address == address, LoginTry.at > since, LoginTry.login != login)
    logins, newest = session.execute(
        select(func.count(LoginTry.login.distinct()), func.max(LoginTry.at)).where(*failed)
    ).one()
    if logins < TRIES:
        return clock.now()
    opens: datetime = newest + min(LOCK, FIRST_DELAY * 2 ** min(logins - TRIES, DOUBLINGS))
    return opens


def _one_at_a_time(session: Session, *keys: str) -> None:
    """Let tries for the same login or address wait for each other. SQLite's writers do so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        for key in sorted(keys):
            session.execute(select(func.pg_advisory_xact_lock(int(key[:15] or "0", 16))))


def _network(address: str, narrow: int, wide: int) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    mapped = getattr(known, "ipv4_mapped", None) or known
    return str(ipaddress.ip_network(f"{mapped}/{narrow if mapped.version == 4 else wide}", strict=False))  # noqa: PLR2004 IPv4
