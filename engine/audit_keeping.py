"""What happens to the audit with time: its end is told outside every hour, and what is too old goes, in the open.

A chain alone cannot show that its newest rows were cut off together with its head. Whoever keeps the lines that
`head_line` gives, anywhere but in the database, can have them compared (`cut_off`): the entry that a line names must
still carry its digest.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import HEAD, RETIRED, note
from models.append_only import KEPT_DAYS
from models.audit import AuditEntry, AuditHead
from models.words import _

LINE = re.compile(r"audit head (\d+) ([0-9a-f]{64})\b")


class TooYoungError(ValueError):
    """Entries that must be kept were to be removed."""

    sentence = _("The audit is kept for at least %(days)s days.", days=KEPT_DAYS)


def head_line(session: Session) -> str | None:
    """One line that names the newest entry and its digest; None while there is no entry. Holds nothing personal."""
    head = session.get(AuditHead, HEAD, populate_existing=True)
    return f"audit head {head.last_id} {head.digest}" if head else None


def cut_off(session: Session, lines: Iterable[str]) -> Iterator[int]:
    """The numbers of entries that were told outside, and now are missing or carry another digest.

    `lines` is any text with lines of `head_line` in it, such as a log. Entries that retention removed are left out.
    """
    told = {int(number): digest for number, digest in LINE.findall("\n".join(lines)) if int(number)}
    first = session.scalar(select(func.min(AuditEntry.id))) or 1
    for number, digest in sorted(told.items()):
        if number >= first and _digest_of(session, number) != digest:
            yield number


def _digest_of(session: Session, number: int) -> str | None:
    return session.scalar(select(AuditEntry.digest).where(AuditEntry.id == number))


def retired(session: Session, before: datetime) -> Iterator[AuditEntry]:
    """The entries that `retire` would remove, the oldest first."""
    query = select(AuditEntry).where(AuditEntry.id <= _through(session, before)).order_by(AuditEntry.id)
    yield from session.scalars(query.execution_options(yield_per=1000))


def retire(session: Session, before: datetime) -> int:
    """Remove the oldest entries up to the moment `before` (aware) and answer how many; the caller commits.

    The chain goes on from the digest of the last one removed, which an entry of its own holds: so a beginning that was
    cut off by somebody else is found. Raises TooYoungError when `before` is less than 184 days ago.
    """
    if before > clock.now() - timedelta(days=KEPT_DAYS):
        raise TooYoungError
    last = _through(session, before)
    digest = _digest_of(session, last)
    if digest is None:
        return 0
    going = delete(AuditEntry).where(AuditEntry.id <= last).execution_options(synchronize_session=False)
    count = int(getattr(session.execute(going), "rowcount", 0))
    note(session, RETIRED, AuditEntry.__tablename__, None, changes={"through": [None, last], "digest": [None, digest]})
    return count


def _through(session: Session, before: datetime) -> int:
    """The last entry before the first one that has to stay; clocks that were set back keep more, never less."""
    stays = session.scalar(select(func.min(AuditEntry.id)).where(AuditEntry.at >= before))
    newest = session.scalar(select(func.max(AuditEntry.id))) or 0
    # The newest entry always stays: the head speaks of it.
    return min(stays or newest, newest) - 1
