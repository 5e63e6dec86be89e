"""How much may be asked in a minute, counted in the database so that every process counts the same.

A process takes a handful of requests out of the common count at a time and spends them by itself: most requests write
nothing. The fewer are left, the smaller the handful, down to one, so that nobody is refused while others keep a store.
The minute before counts in part: whoever used up one minute cannot use up the next in its first second.
"""

from dataclasses import dataclass
from threading import Lock

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.problems import OFTEN, ProblemError
from engine import clock
from engine.accounts.throttle import Caller
from engine.config import Settings
from engine.database import db
from models.api_token import Spending
from models.types import blind_index

WINDOW = 60
PRICE_OF_A_WRONG_TOKEN = 20
HANDFUL, SHARE = 20, 16
"""The most that is taken at once, and which part of what is left."""
KEPT = 5
"""Minutes after which a count is forgotten."""


@dataclass(frozen=True)
class Limit:
    """Whose requests are counted, and how many a minute may hold."""

    who: str
    most: int


@dataclass(frozen=True)
class Allowance:
    """What is left: RateLimit headers tell it with every answer."""

    most: int
    left: int
    reset: int

    def headers(self) -> dict[str, str]:
        """The limit, what is left of it, and in how many seconds it is whole again."""
        return {
            "RateLimit-Policy": f'"minute";q={self.most};w={WINDOW}',
            "RateLimit": f'"minute";r={self.left};t={self.reset}',
            "RateLimit-Limit": str(self.most),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.reset),
        }


@dataclass
class Store:
    """What this process has taken out of the common count and not spent yet."""

    minute: int
    left: int
    beyond: int = 0


_stores: dict[str, Store] = {}
_lock = Lock()


def of_token(digest: str) -> Limit:
    """The allowance of one token."""
    return Limit(blind_index("spending.token", digest) or "", _settings().api_per_minute)


def of_address(caller: Caller) -> Limit:
    """The allowance of one place: an IPv4 address, or the /64 of one household or office."""
    return Limit(blind_index("spending.address", caller.origin) or "", _settings().api_per_minute_from_one_place)


def spend(limit: Limit, price: int = 1) -> Allowance:
    """Take a request off the allowance. Commits when it had to count. Raises ProblemError (429)."""
    now = clock.now().timestamp()
    minute, gone = int(now // WINDOW), now % WINDOW
    reset = max(1, int(WINDOW - gone) or 1)
    with _lock:
        store = _stores.get(limit.who)
        if store is not None and store.minute == minute and store.left >= price:
            store.left -= price
            return Allowance(limit.most, store.left + store.beyond, reset)
    left, taken = _take(db.session(), limit, minute, gone / WINDOW, price)
    if not taken:
        headers = {**Allowance(limit.most, 0, reset).headers(), "Retry-After": str(reset)}
        raise ProblemError(OFTEN, headers=headers)
    with _lock:
        _forget(minute)
        store = _stores.setdefault(limit.who, Store(minute, 0))
        if store.minute != minute:
            store.minute, store.left = minute, 0
        store.left, store.beyond = store.left + taken - price, left
        return Allowance(limit.most, store.left + left, reset)


def _take(session: Session, limit: Limit, minute: int, gone: float, price: int) -> tuple[int, int]:
    """How many are left, and how many were taken: none when there are too few. Commits."""
    counted: dict[int, int] = {
        row.minute: row.taken
        for row in session.execute(
            select(Spending.minute, Spending.taken).where(
                Spending.who == limit.who, Spending.minute.in_([minute, minute - 1])
            )
        )
    }
    left = limit.most - counted.get(minute, 0) - int(counted.get(minute - 1, 0) * (1 - gone))
    wanted = max(price, min(HANDFUL, left // SHARE))
    if left < price:
        session.rollback()
        return 0, 0
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = dialect.insert(Spending).values(who=limit.who, minute=minute, taken=wanted)
    # Another process may have taken some since: the database, not what was read, decides.
    counted_up = row.on_conflict_do_update(
        index_elements=["who", "minute"],
        set_={"taken": Spending.taken + wanted},
        where=Spending.taken <= counted.get(minute, 0) + left - wanted,
    )
    taken = session.scalar(counted_up.returning(Spending.taken))
    session.commit()
    return (left - wanted, wanted) if taken is not None else (0, 0)


def _forget(minute: int) -> None:
    for who in [who for who, store in _stores.items() if store.minute < minute]:
        del _stores[who]


def forget_old(session: Session) -> int:
    """Remove counts that no longer matter, and return how many. The caller commits."""
    before = int(clock.now().timestamp() // WINDOW) - KEPT
    # The session types every execution as a plain Result; a DELETE's carries the count.
    return session.execute(delete(Spending).where(Spending.minute < before)).rowcount  # type: ignore[attr-defined,no-any-return]  # see above


def _settings() -> Settings:
    found: Settings = current_app.config["DUTYBOOK"]
    return found
