"""Invitations and resets: a secret, good once and for a day, with which its holder chooses a password alone."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import audit, clock
from engine.accounts import own, sessions, throttle, tokens
from engine.accounts.actor import actor_for
from engine.acting import Door, acting, consequences, current_act, seeing_all
from engine.errors import ConflictError, DutybookError, NotAllowedError
from engine.notices.inbox import notify
from engine.permissions import may_do_to
from engine.transitions.performing import perform
from models.accounts import Account, AccountState, EndReason, OneTimeSecret, SecretKind
from models.api_token import TokenEnd
from models.words import _

LIFE = timedelta(hours=24)
SECRET_BYTES = 32
ACTIONS = {SecretKind.INVITATION: "invite", SecretKind.RESET: "reset"}


NOT_ONES_OWN = _("This is your own account: change your password and your second step under “My account”.")
"""Whoever finds an administrator's desk unlocked must not get round the current password."""


class SpentError(DutybookError):
    """The secret is unknown, spent or too old: the three look the same."""

    sentence = _(
        "This link is not valid: it was used, it is older than 24 hours, or a newer one was issued. "
        "Ask your administrator."
    )


def issue(session: Session, account: Account) -> str:
    """Make a secret for the account and return it: shown once, to be handed to its person, kept as a fingerprint only.

    Earlier ones die. Raises NotAllowedError, ConflictError for a disabled account or one's own. The caller commits.
    """
    kind = SecretKind.INVITATION if account.state is AccountState.INVITED else SecretKind.RESET
    actor = current_act().actor
    if not may_do_to(session, actor, ACTIONS[kind], account):
        raise NotAllowedError(Account.__tablename__, ACTIONS[kind])
    if actor.account_id == account.id:
        raise ConflictError(NOT_ONES_OWN, account)
    if account.state is AccountState.DISABLED:
        raise ConflictError(_("This account is disabled. Enable it first."), account)
    void(session, account)
    secret, now = secrets.token_urlsafe(SECRET_BYTES), clock.now()
    session.add(
        OneTimeSecret(
            digest=sessions.digest(secret),
            account_id=account.id,
            kind=kind,
            issued_by_id=actor.staff_id,
            created_at=now,
            expires_at=now + LIFE,
        )
    )
    audit.note(session, f"{kind.value}_issued", "account", account.id, account.login, {}, (), account.department_id)
    if kind is SecretKind.RESET:
        notify(session, account.department_id, [account.staff_id], "account.reset_issued", f"reset {now.isoformat()}")
    return secret


def holder_of(session: Session, secret: str) -> Account:
    """The account that the secret is for. Raises SpentError."""
    found = _valid(session, secret)
    with seeing_all():
        return session.get_one(Account, found.account_id)


def redeem(session: Session, secret: str, password: str, about: Iterable[str] = ()) -> Account:
    """Choose the password with a secret. The second factor stays; every session ends; the account becomes active.

    `about` are further names that must not occur in the password. The caller commits. Raises SpentError,
    own.PasswordError.
    """
    account = holder_of(session, secret)
    with acting(actor_for(session, account), Door.FORM, current_act().request_id), consequences(), seeing_all():
        own.refuse_weak(session, account, password, about)
        _spend(session, secret)
        own.set_password(session, account, password)
        sessions.end_all(session, account, EndReason.PASSWORD)
        tokens.revoke_all(session, account, TokenEnd.PASSWORD)
        throttle.clear(session, account.login)
        if account.state is AccountState.INVITED:
            perform(session, account, "activate")
    return account


def _valid(session: Session, secret: str) -> OneTimeSecret:
    query = select(OneTimeSecret).where(OneTimeSecret.digest == sessions.digest(secret.strip()))
    found = session.scalar(query)
    if found is None or found.spent_at is not None or found.expires_at <= clock.now():
        raise SpentError
    with seeing_all():
        if session.get_one(Account, found.account_id).state is AccountState.DISABLED:
            raise SpentError
    return found


def _spend(session: Session, secret: str) -> None:
    """Only one of two who hold the same secret gets through."""
    unspent = (OneTimeSecret.digest == sessions.digest(secret.strip()), OneTimeSecret.spent_at.is_(None))
    spent = session.execute(update(OneTimeSecret).where(*unspent).values(spent_at=clock.now()))
    # The session types every execution as a plain Result; an UPDATE's carries the count.
    if spent.rowcount != 1:  # type: ignore[attr-defined]  # see above
        raise SpentError


def void(session: Session, account: Account) -> None:
    """Make every unspent secret of the account worthless. The caller commits."""
    unspent = (OneTimeSecret.account_id == account.id, OneTimeSecret.spent_at.is_(None))
    session.execute(update(OneTimeSecret).where(*unspent).values(spent_at=clock.now()))
