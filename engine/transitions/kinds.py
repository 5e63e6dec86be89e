"""How a domain declares what may lead where."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from engine.rules import Facts, Rule
from models.base import Record
from models.types import Labelled
from models.words import Words


@dataclass(frozen=True)
class Ask:
    """Something the mover must say: a column of the record, or words that only the audit keeps."""

    name: str
    label: Words
    kind: str = "text"
    required: bool = True
    choices: type[Labelled] | None = None


Effect = Callable[[Session, Any, Facts], None]


@dataclass(frozen=True)
class Transition:
    """A named move of one entity from any of `sources` to `target`.

    `guards` are asked before; `effect` happens with it, in the same transaction, inside the same domain; other domains
    hear of it through the `moved` hook. `by_system` moves have no button: records or the scheduler make them.
    `awaited_of` names the column with the staff id of whoever is to make the move, so that it waits on their desk only;
    one that is not `awaited` waits on nobody's: its time comes by itself, and another page leads there. `fills` names
    the column that a move is awaited for: once it is filled, nobody waits any more; `awaited_from` the column with the
    day from which on they do. `concerns` says of which records a move speaks at all: no page offers it on others, where
    its guards would only refuse it.
    """

    name: str
    entity: type[Record]
    sources: frozenset[Labelled]
    target: Labelled
    label: Words
    clause: str
    guards: tuple[Rule, ...] = ()
    asks: tuple[Ask, ...] = ()
    effect: Effect | None = None
    by_system: bool = False
    awaited_of: str | None = None
    awaited: bool = True
    awaited_from: str | None = None
    fills: str | None = None
    concerns: Callable[[Any], bool] = lambda _record: True
    tone: str = "info"
    confirm: Words | None = field(default=None)

    @property
    def key(self) -> str:
        """`entity.name`, as the audit and the permission matrix write it."""
        return f"{self.entity.__tablename__}.{self.name}"
