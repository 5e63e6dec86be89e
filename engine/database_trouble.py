"""Tells what stands in the way when the database or the disk cannot do its work: no fault of what was asked."""

import errno
from enum import Enum

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from models.words import Words, _


class Trouble(Enum):
    """What is the matter, as the sentence that a person reads."""

    BUSY = "busy"
    FULL = "full"
    AWAY = "away"

    @property
    def sentence(self) -> Words:
        """In the language of whoever reads it now."""
        return SENTENCES[self]


SENTENCES: dict[Trouble, Words] = {
    Trouble.BUSY: _("The database is busy: something else is being written for longer than usual."),
    Trouble.FULL: _("The server's disk is full: nothing can be saved until there is room. Tell your administrator."),
    Trouble.AWAY: _("The database does not answer just now. It mostly comes back by itself."),
}
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
FULL_STATES = frozenset({"53100"})
BUSY_STATES = frozenset({"40001", "40P01", "53300", "55P03", "57014"})
"""PostgreSQL's codes: no room; serialisation, deadlock, too many connections, a lock not got, cancelled."""


def trouble_of(error: BaseException) -> Trouble | None:
    """What stands in the way; None for a fault of the request or of the program."""
    if isinstance(error, OSError) and not isinstance(error, DBAPIError):
        return Trouble.FULL if error.errno in NO_ROOM else None
    if isinstance(error, NoConnectionError):
        return Trouble.BUSY
    if isinstance(error, OperationalError):
        return _by_code(error) or _by_words(str(error.orig).lower())
    return Trouble.AWAY if isinstance(error, DBAPIError) and error.connection_invalidated else None


def _by_code(error: OperationalError) -> Trouble | None:
    """PostgreSQL says it by a code; none when the connection itself was lost."""
    code = getattr(error.orig, "sqlstate", None)
    if code in FULL_STATES:
        return Trouble.FULL
    return Trouble.BUSY if code in BUSY_STATES else None


def _by_words(said: str) -> Trouble:
    """SQLite says it in fixed English words."""
    if "full" in said:
        return Trouble.FULL
    return Trouble.BUSY if "locked" in said or "busy" in said else Trouble.AWAY
