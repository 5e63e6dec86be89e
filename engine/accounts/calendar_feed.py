"""The key of a person's calendar feed. It opens nothing but the feed, and dies with the account.

Calendar applications send no password, so the key stands in the address: whoever has the address can read.
"""

import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine import audit, clock
from engine.accounts.actor import actor_for
from engine.accounts.sessions import digest
from engine.acting import Actor, seeing_all
from models.accounts import Account, AccountState
from models.calendar_feed import CalendarFeed

KEY_BYTES = 32
READ_EVERY = timedelta(hours=1)
"""How exactly it is kept when a feed was last read."""


def issue(session: Session, account: Account) -> str:
    """Begin a feed and return its key, shown once; an earlier key opens nothing any more. The caller commits."""
    end(session, account)
    key = secrets.token_urlsafe(KEY_BYTES)
    session.add(CalendarFeed(account_id=account.id, digest=digest(key), created_at=clock.now()))
    audit.note(session, "feed_begun", "account", account.id, account.login, {}, (), account.department_id)
    return key


def end(session: Session, account: Account) -> bool:
    """End the account's feed; whether there was one. The caller commits."""
    mine = delete(CalendarFeed).where(CalendarFeed.account_id == account.id).returning(CalendarFeed.account_id)
    was_there = session.execute(mine).first() is not None
    if was_there:
        audit.note(session, "feed_ended", "account", account.id, account.login, {}, (), account.department_id)
    return was_there


def of(session: Session, account: Account) -> CalendarFeed | None:
    """The account's feed, if it has one."""
    return session.get(CalendarFeed, account.id)


def reader_of(session: Session, key: str) -> Actor | None:
    """Whose feed a key opens, with the rights they have now; None for a dead key and for an account that is shut."""
    with seeing_all():
        feed = session.scalar(select(CalendarFeed).where(CalendarFeed.digest == digest(key)))
        if feed is None or feed.account.state is not AccountState.ACTIVE:
            return None
        return actor_for(session, feed.account)


def was_read(session: Session, key: str) -> None:
    """Keep roughly when the feed was last read. Commits."""
    now = clock.now()
    stale = (CalendarFeed.read_at.is_(None)) | (CalendarFeed.read_at < now - READ_EVERY)
    mine = update(CalendarFeed).where(CalendarFeed.digest == digest(key), stale)
    session.execute(mine.values(read_at=now).execution_options(synchronize_session=False))
    session.commit()
