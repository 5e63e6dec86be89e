"""How a domain declares a duty. Both sorts live in one table, one ledger, one sweep."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.obligations.periods import Every, Period
from engine.rules import Facts, Need
from models.base import Record
from models.organisation import Post
from models.words import Words


@dataclass(frozen=True)
class Kind:
    """A duty about one record: owed while `owed` says so, met when `met` does, by the moment that `due` answers.

    `owner` answers the staff id of who owes it, or `post` names whose holder does. The functions get the record and,
    for `due`, its facts; they are asked again at every write of the record, so a moved date moves the duty.
    """

    name: str
    clause: str
    entity: type[Record]
    label: Words
    owed: Callable[[Any], bool]
    met: Callable[[Any], bool]
    due: Callable[[Any, Facts], datetime]
    owner: Callable[[Any], int | None] | None = None
    post: Post | None = None
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True)
class Recurring:
    """A duty of every week, month or year, owed by the holder of a post, met by a record about that period.

    `due` answers the moment from the period and a function that gives parameter values in force at its start;
    `period_of` and `met` are asked of each written record of `entity`. `opens` is how many periods ahead it is shown.
    """

    name: str
    clause: str
    label: Words
    post: Post
    every: Every
    due: Callable[[Period, Callable[[str], Any], str], datetime]
    entity: type[Record]
    period_of: Callable[[Any], Iterable[str]]
    met: Callable[[Any], bool]
    opens: int = 1


Duty = Kind | Recurring
