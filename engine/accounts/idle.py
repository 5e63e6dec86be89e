"""Accounts that nobody has used for long: open doors that no one watches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from engine import clock
from models.accounts import Account, AccountState, Proof, WebSession

DAYS = 90
"""After so many days without a sign-in an account is named."""


@dataclass(frozen=True)
class Idle:
    """An active account and when it was last used; None: never since it was activated."""

    account: Account
    last_used: datetime | None


def idle(session: Session, days: int = DAYS) -> Sequence[Idle]:
    """Active accounts, of those that the actor may see, not used for so many days; the longest unused first.

    Ended sessions are kept for half a year: whoever was last here before that counts as never.
    """
    before = clock.now() - timedelta(days=days)
    used = (
        select(WebSession.account_id, func.max(WebSession.seen_at).label("last"))
        .where(WebSession.proof == Proof.FULL)
        .group_by(WebSession.account_id)
        .subquery()
    )
    query = (
        select(Account, used.c.last)
        .join(used, used.c.account_id == Account.id, isouter=True)
        .where(Account.state == AccountState.ACTIVE, func.coalesce(used.c.last, Account.created_at) < before)
        .options(joinedload(Account.staff))
        .order_by(func.coalesce(used.c.last, Account.created_at), Account.id)
    )
    return [Idle(account, last) for account, last in session.execute(query)]
