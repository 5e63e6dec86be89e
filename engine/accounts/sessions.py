"""Sessions: opened at log-in, looked up at every request, ended by every reason there is (ORG-6)."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from sqlalchemy import Select, bindparam, delete, select, update
from sqlalchemy.orm import Session, contains_eager

from engine import audit, clock
from engine.accounts import two_step
from engine.accounts.actor import actor_for
from engine.accounts.throttle import Caller
from engine.acting import Actor, Role, seeing_all
from models.accounts import Account, AccountState, EndReason, Proof, WebSession
from models.organisation import Staff

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""A session's last use is written at most this often; it may therefore end this much early, never late."""
KEPT = timedelta(days=184)
"""How long an ended session is kept: six months, as network logs are."""
KEY_BYTES = 32


class Owes(StrEnum):
    """What a person has to do before anything else opens."""

    CODE = "code"
    TWO_STEP = "two_step"
    PASSWORD = "password"  # noqa: S105 the name of a step


@dataclass(frozen=True)
class Holder:
    """Who uses a session, as of this request."""

    session_id: int
    account_id: int
    login: str
    name: str
    actor: Actor
    language: str
    theme: str
    proof: Proof
    owes: Owes | None
    seen_at: datetime


@dataclass(frozen=True)
class Ended:
    """A session that is over. `fresh` when nobody has written that down yet."""

    session_id: int
    why: EndReason
    fresh: bool


def open_session(session: Session, account: Account, proof: Proof, caller: Caller) -> str:
    """Open a session and return its key, stored nowhere. A full one ends every other of the account (ORG-6)."""
    if proof is Proof.FULL:
        end_all(session, account, EndReason.ELSEWHERE)
    key, now = secrets.token_urlsafe(KEY_BYTES), clock.now()
    session.add(
        WebSession(
            digest=digest(key),
            account_id=account.id,
            proof=proof,
            created_at=now,
            seen_at=now,
            network=caller.network,
            agent=caller.agent[:200],
            roles=roles_of(account),
            credential=credential_of(account),
        )
    )
    session.flush()
    return key


def look_up(session: Session, key: str, *, demo: bool) -> Holder | Ended | None:
    """Who holds the key: one query. None when there is no such session. Writes nothing."""
    with seeing_all():
        row = session.execute(_by_digest(), {"digest": digest(key)}).one_or_none()
        if row is None:
            return None
        opened, account = row
        why = why_over(opened, account, clock.now())
        if why is not None:
            return Ended(opened.id, why, opened.ended_at is None)
        return _holder(session, opened, account, demo=demo)


@cache
def _by_digest() -> Select[WebSession, Account]:
    return (
        select(WebSession, Account)
        .join(Account, Account.id == WebSession.account_id)
        .join(Account.staff)
        .options(contains_eager(Account.staff).load_only(Staff.name, Staff.team_id))
        .where(WebSession.digest == bindparam("digest"))
    )


def _holder(session: Session, opened: WebSession, account: Account, *, demo: bool) -> Holder:
    return Holder(
        opened.id,
        account.id,
        account.login,
        account.staff.name,
        actor_for(session, account),
        account.language.value,
        account.theme.value,
        opened.proof,
        _owes(opened, account, demo=demo),
        opened.seen_at,
    )


def _owes(opened: WebSession, account: Account, *, demo: bool) -> Owes | None:
    if opened.proof is Proof.PASSWORD and account.has_second_factor:
        return Owes.CODE
    if account.must_change_password:
        return Owes.PASSWORD
    if two_step.is_required(map(Role, account.roles), demo=demo) and not account.has_second_factor:
        return Owes.TWO_STEP
    return None


def why_over(opened: WebSession, account: Account, now: datetime) -> EndReason | None:
    """Why the session no longer holds; None while it does."""
    over = {
        EndReason.DISABLED: account.state is not AccountState.ACTIVE,
        EndReason.PASSWORD: opened.credential != credential_of(account),
        EndReason.ROLES: opened.roles != roles_of(account),
        EndReason.EXPIRED: now - opened.created_at >= ABSOLUTE,
        EndReason.IDLE: now - opened.seen_at >= IDLE,
    }
    return opened.ended_why or next((reason for reason, holds in over.items() if holds), None)


def seen(session: Session, session_id: int) -> None:
    """Note that the session is in use. Commits."""
    session.execute(update(WebSession).where(WebSession.id == session_id).values(seen_at=clock.now()))
    session.commit()


def end(session: Session, session_id: int, why: EndReason) -> None:
    """End one session, once, and record it. The caller commits."""
    with seeing_all():
        opened = session.get(WebSession, session_id)
        if opened is not None and opened.ended_at is None:
            account = session.get_one(Account, opened.account_id)
            _end(session, account, [opened], why)


def end_all(session: Session, account: Account, why: EndReason) -> int:
    """End the account's open sessions, record each, and return how many. The caller commits."""
    query = select(WebSession).where(WebSession.account_id == account.id, WebSession.ended_at.is_(None))
    # The session does not flush by itself: what was ended a moment ago must not be found once more.
    session.flush()
    found = session.scalars(query).all()
    _end(session, account, found, why)
    return len(found)


def end_everyone(session: Session, why: EndReason) -> int:
    """End every open session of everybody, record each, and return how many. The caller commits."""
    query = select(WebSession, Account).join(Account, Account.id == WebSession.account_id)
    with seeing_all():
        found = session.execute(query.where(WebSession.ended_at.is_(None))).all()
    for opened, account in found:
        _end(session, account, [opened], why)
    return len(found)


def _end(session: Session, account: Account, found: Iterable[WebSession], why: EndReason) -> None:
    for opened in found:
        # A login with the password alone that is continued with the code is no second person.
        reason = EndReason.RENEWED if opened.proof is Proof.PASSWORD and why is EndReason.ELSEWHERE else why
        opened.ended_at, opened.ended_why = clock.now(), reason
        said = {"why": [None, reason.value], "network": [None, opened.network]}
        audit.note(session, "session_ended", "account", account.id, account.login, said, (), account.department_id)


def open_of(session: Session, account_id: int) -> Sequence[WebSession]:
    """The account's open sessions, newest first."""
    query = select(WebSession).where(WebSession.account_id == account_id, WebSession.ended_at.is_(None))
    return session.scalars(query.order_by(WebSession.created_at.desc())).all()


def recent_of(session: Session, account_id: int, most: int = 10) -> Sequence[WebSession]:
    """The account's last sessions, open and ended, newest first."""
    query = select(WebSession).where(
        WebSession.account_id == account_id, WebSession.ended_why.is_distinct_from(EndReason.RENEWED)
    )
    return session.scalars(query.order_by(WebSession.created_at.desc(), WebSession.id.desc()).limit(most)).all()


def close_dead(session: Session, now: datetime) -> int:
    """Write down the end of sessions that nobody came back to, forget those long over; return how many ended."""
    with seeing_all():
        late = (WebSession.seen_at <= now - IDLE) | (WebSession.created_at <= now - ABSOLUTE)
        rows = session.execute(
            select(WebSession, Account)
            .join(Account, Account.id == WebSession.account_id)
            .where(WebSession.ended_at.is_(None), late)
        ).all()
    for opened, account in rows:
        _end(session, account, [opened], why_over(opened, account, now) or EndReason.IDLE)
    session.execute(delete(WebSession).where(WebSession.ended_at < now - KEPT))
    return len(rows)


def digest(key: str) -> str:
    """What the database knows of a key: a stolen copy of the table opens nothing."""
    return hashlib.sha256(key.encode()).hexdigest()


def roles_of(account: Account) -> str:
    """The account's roles as one comparable text."""
    return ",".join(sorted(account.roles))


def credential_of(account: Account) -> str:
    """A fingerprint of the password's hash: it changes with the password and tells nothing of it."""
    return digest(account.password_hash or "")
