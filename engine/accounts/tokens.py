"""Tokens: a person lets a program act for them, with no more rights than they have themselves at that moment (ORG-6).

A token is dead at once when its account is disabled, has other roles, got its password reset, or owes a second step
that the token was made without.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, contains_eager

from engine import audit, clock
from engine.accounts import own, sessions, throttle, two_step
from engine.accounts.actor import actor_for
from engine.accounts.throttle import Caller
from engine.acting import Actor, Role, current_act, seeing_all
from engine.errors import ConflictError, NotAllowedError, NotFoundError
from engine.notices.inbox import Letter, notify_many
from engine.permissions import may_do_to
from models.accounts import Account, AccountState
from models.api_token import ApiToken, TokenEnd
from models.words import _

MARK = "dtb_"
"""How every token begins, so that a scanner of leaked secrets knows one."""
KEY_BYTES = 32
HINT = len(MARK) + 6
LONGEST = 365
"""Days that a token may live."""
MOST = 20
"""Living tokens of one account."""
LONGEST_NAME = 80
SEEN_EVERY = timedelta(minutes=1)
WARNED = timedelta(days=7)
"""How long before its end the holder is told."""
READ, WRITE = "read", "write"


@dataclass(frozen=True)
class Wish:
    """The token that somebody wants: its name, what it may do (`read`, `write:staff`), and for how many days."""

    name: str
    scopes: Sequence[str]
    days: int


@dataclass(frozen=True)
class Scopes:
    """What a token may do at most. To write an entity is to read it as well."""

    given: frozenset[str] = field(default_factory=frozenset)

    def allow(self, entity: str, *, writing: bool) -> bool:
        """Whether an entity (a table's name) may be read or written."""
        kinds = (WRITE,) if writing else (READ, WRITE)
        return any(kind in self.given or f"{kind}:{entity}" in self.given for kind in kinds)


@dataclass(frozen=True)
class Bearer:
    """Who uses a token, as of this request. `stale`: its last use is to be written down again."""

    token_id: int
    digest: str
    actor: Actor
    scopes: Scopes
    language: str
    stale: bool


@dataclass(frozen=True)
class Dead:
    """A token that opens nothing: which, and why."""

    token_id: int
    why: TokenEnd


def make(session: Session, account: Account, wish: Wish, password: str, code: str, caller: Caller) -> str:  # noqa: PLR0913, PLR0917 what is wanted, and what proves who wants it
    """Make a token and return it: shown once, kept as a fingerprint only. The caller commits.

    The holder shows their password and, where there is one, the second step once more. Raises own.PasswordError,
    throttle.WaitError, ConflictError.
    """
    _refuse_wrong(wish, _living(session, account.id))
    own.confirm(session, account, password, caller)
    proven = _second_step(session, account, code, caller)
    key, now = MARK + secrets.token_urlsafe(KEY_BYTES), clock.now()
    made = ApiToken(
        account_id=account.id,
        name=wish.name.strip(),
        digest=sessions.digest(key),
        hint=key[:HINT],
        scopes=sorted(set(wish.scopes)),
        roles=sessions.roles_of(account),
        second_factor=proven,
        created_at=now,
        expires_at=now + timedelta(days=wish.days),
    )
    session.add(made)
    session.flush()
    said = {"name": made.name, "scopes": made.scopes, "expires_at": made.expires_at}
    _note(session, "token_made", account, said)
    _tell(session, [made], "account.token_made", account)
    return key


def _refuse_wrong(wish: Wish, living: int) -> None:
    if not wish.name.strip() or len(wish.name.strip()) > LONGEST_NAME:
        raise ConflictError(_("Give the token a name of at most 80 characters, such as what uses it."))
    if not 1 <= wish.days <= LONGEST:
        raise ConflictError(_("A token lives between one day and 365 days."))
    if not wish.scopes or any(scope.partition(":")[0] not in {READ, WRITE} for scope in wish.scopes):
        raise ConflictError(_("Choose what the token may do."))
    if living >= MOST:
        raise ConflictError(_("You have 20 tokens. Revoke one that is not used any more first."))


def _living(session: Session, account_id: int) -> int:
    return sum(token.ended_at is None and token.expires_at > clock.now() for token in of(session, account_id))


def _second_step(session: Session, account: Account, code: str, caller: Caller) -> bool:
    """Whether the code from the phone was shown; raises PasswordError where one is due and does not fit."""
    if not account.has_second_factor:
        return False
    throttle.admit(session, account.login, caller)
    if not two_step.accept(session, account, code):
        session.commit()
        raise own.PasswordError([own.WRONG_FIRST_CODE])
    throttle.clear(session, account.login)
    return True


def look_up(session: Session, key: str, *, demo: bool) -> Bearer | Dead | None:
    """Who holds the token: one query. None when there is no such token. Writes nothing."""
    query = (
        select(ApiToken)
        .join(ApiToken.account)
        .options(contains_eager(ApiToken.account))
        .where(ApiToken.digest == sessions.digest(key))
    )
    with seeing_all():
        token = session.scalar(query)
        if token is None:
            return None
        why = why_over(token, demo=demo)
        if why is not None:
            return Dead(token.id, why)
        account = token.account
        scopes, stale = Scopes(frozenset(token.scopes)), _is_stale(token.used_at)
        return Bearer(token.id, token.digest, actor_for(session, account), scopes, account.language.value, stale)


def _is_stale(used_at: datetime | None) -> bool:
    return used_at is None or clock.now() - used_at >= SEEN_EVERY


def why_over(token: ApiToken, *, demo: bool) -> TokenEnd | None:
    """Why the token opens nothing; None while it does. What the account is decides at every request."""
    account = token.account
    needs_proof = account.has_second_factor or two_step.is_required(map(Role, account.roles), demo=demo)
    over = {
        TokenEnd.DISABLED: account.state is not AccountState.ACTIVE,
        TokenEnd.EXPIRED: token.expires_at <= clock.now(),
        TokenEnd.ROLES: token.roles != sessions.roles_of(account),
        TokenEnd.UNPROVEN: needs_proof and not token.second_factor,
        TokenEnd.OWING: account.must_change_password,
    }
    return token.ended_why or next((reason for reason, holds in over.items() if holds), None)


def seen(session: Session, token_id: int, caller: Caller) -> None:
    """Note that the token is in use, at most once a minute. Commits when it wrote."""
    now = clock.now()
    stale = (ApiToken.used_at.is_(None)) | (ApiToken.used_at <= now - SEEN_EVERY)
    used = update(ApiToken).where(ApiToken.id == token_id, stale).values(used_at=now, used_from=caller.network)
    session.execute(used)
    session.commit()


def of(session: Session, account_id: int) -> Sequence[ApiToken]:
    """The account's tokens, newest first, dead ones included."""
    query = select(ApiToken).where(ApiToken.account_id == account_id)
    return session.scalars(query.order_by(ApiToken.created_at.desc(), ApiToken.id.desc())).all()


def revoke(session: Session, token_id: int, why: TokenEnd = TokenEnd.REVOKED) -> None:
    """End one token: one's own, or as an administrator somebody else's. The caller commits.

    Raises NotFoundError for one that is not there or out of reach, NotAllowedError.
    """
    with seeing_all():
        token = session.get(ApiToken, token_id)
        account = session.get(Account, token.account_id) if token else None
    actor = current_act().actor
    if token is None or account is None or account.department_id != actor.department_id:
        raise NotFoundError
    if why is TokenEnd.REVOKED:
        if account.id != actor.account_id:
            raise NotFoundError
    elif not may_do_to(session, actor, "end_sessions", account):
        raise NotAllowedError(Account.__tablename__, "end_sessions")
    _end(session, account, [token], why)


def revoke_all(session: Session, account: Account, why: TokenEnd) -> int:
    """End every living token of the account and return how many. The caller commits."""
    session.flush()
    living = [token for token in of(session, account.id) if token.ended_at is None]
    _end(session, account, living, why)
    return len(living)


def _end(session: Session, account: Account, found: Iterable[ApiToken], why: TokenEnd) -> None:
    for token in found:
        if token.ended_at is None:
            token.ended_at, token.ended_why = clock.now(), why
            _note(session, "token_revoked", account, {"name": token.name, "why": why.value})
    session.flush()


def write_off(session: Session, dead: Dead) -> None:
    """Note that a token is over, so that it stays so whatever its account becomes later. Commits.

    A password that is owed is no end: the token goes on when it has been chosen.
    """
    with seeing_all():
        token = session.get(ApiToken, dead.token_id)
        if token is not None and dead.why is not TokenEnd.OWING:
            _end(session, session.get_one(Account, token.account_id), [token], dead.why)
    session.commit()


def close_dead(session: Session) -> int:
    """Write down the end of tokens that are over, and return how many there were. The caller commits."""
    living = select(ApiToken).where(ApiToken.ended_at.is_(None)).join(ApiToken.account)
    ended = 0
    with seeing_all():
        for token in session.scalars(living.options(contains_eager(ApiToken.account))).all():
            # The demonstration asks nobody for a second step; elsewhere the next request finds out.
            why = why_over(token, demo=True)
            if why is not None and why is not TokenEnd.OWING:
                _end(session, token.account, [token], why)
                ended += 1
    return ended


def warn(session: Session, now: datetime) -> int:
    """Tell holders, once, of tokens that end within a week; return how many were told of. The caller commits."""
    near = (ApiToken.expires_at > now, ApiToken.expires_at <= now + WARNED)
    untold = (ApiToken.ended_at.is_(None), ApiToken.warned_at.is_(None))
    with seeing_all():
        query = select(ApiToken).join(ApiToken.account).options(contains_eager(ApiToken.account)).where(*near, *untold)
        ending = session.scalars(query).all()
    for token in ending:
        token.warned_at = now
    # Whoever made one for less than that knows.
    _tell(session, [token for token in ending if token.expires_at - token.created_at > WARNED], "account.token_ends")
    return len(ending)


def _tell(session: Session, tokens: Iterable[ApiToken], code: str, account: Account | None = None) -> None:
    letters = []
    for token in tokens:
        holder = account or token.account
        data = {"name": token.name, "day": token.expires_at}
        letters.append(Letter(holder.department_id, [holder.staff_id], code, f"{code}:{token.id}", data))
    notify_many(session, letters)


def _note(session: Session, action: str, account: Account, said: dict[str, object]) -> None:
    changes = {name: [None, value] for name, value in said.items()}
    audit.note(session, action, "account", account.id, account.login, changes, (), account.department_id)
