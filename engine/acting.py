"""Who is acting, through which door. A write without an actor is refused; the system acts only when it says so."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Role(StrEnum):
    """What a person may be in the product; one person may hold several."""

    HR = "hr"
    SHIFT_LEAD = "shift_lead"
    TRAINER = "trainer"
    INSPECTOR = "inspector"
    QA_SUPERVISOR = "qa_supervisor"
    MANAGER = "manager"
    AGENT = "agent"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Door(StrEnum):
    """The ways a write can come in. Every one of them passes the same gate."""

    FORM = "form"
    INLINE = "inline"
    CELL = "cell"
    BULK = "bulk"
    IMPORT = "import"
    API = "api"
    COMMAND = "command"
    SCHEDULER = "scheduler"


@dataclass(frozen=True)
class Actor:
    """A person (or the system) and what they are, as of this request.

    `team_ids` are the teams whose rows a scope of `team` shows: their own and those they lead. `line_ids` are the
    people below them in the reporting line, whose rows a scope of `line` shows. `sees_customers` is False while
    customers' data is withheld from them, whatever their roles show (CNF-1).
    """

    staff_id: int | None
    account_id: int | None = None
    department_id: int | None = None
    roles: frozenset[Role] = frozenset()
    team_ids: frozenset[int] = frozenset()
    line_ids: frozenset[int] = frozenset()
    language: str = "zh_Hans_CN"
    sees_customers: bool = True
    is_system: bool = False


SYSTEM = Actor(staff_id=None, is_system=True)
"""The scheduler, a migration, a seeding command: sees all rows, and is named as such in the audit."""


_tied: ContextVar[str] = ContextVar("tied", default="")


@contextmanager
def tied_to(request_id: str) -> Iterator[None]:
    """Acts begun inside the block bear this id: those of one web request, or of the work that it asked for."""
    token = _tied.set(request_id)
    try:
        yield
    finally:
        _tied.reset(token)


def tie() -> str:
    """The id that acts begun now would bear; empty outside of `tied_to`."""
    return _tied.get()


@dataclass(frozen=True)
class Act:
    """One piece of work: actor, door, and an id that ties audit rows and log lines together."""

    actor: Actor
    door: Door
    request_id: str = field(default_factory=lambda: _tied.get() or uuid.uuid4().hex)


class NobodyActingError(RuntimeError):
    """A write was tried although nobody said who acts."""


_act: ContextVar[Act | None] = ContextVar("act", default=None)
_sees_all: ContextVar[bool] = ContextVar("sees_all", default=False)


@contextmanager
def acting(actor: Actor, door: Door, request_id: str | None = None) -> Iterator[Act]:
    """Everything written inside the block is done by `actor` through `door`."""
    act = Act(actor, door, request_id) if request_id else Act(actor, door)
    token = _act.set(act)
    try:
        yield act
    finally:
        _act.reset(token)


@contextmanager
def through(door: Door) -> Iterator[Act]:
    """The same actor and request, another door: a form's inline rows, a bulk action."""
    token = _act.set(replace(current_act(), door=door))
    try:
        yield current_act()
    finally:
        _act.reset(token)


@contextmanager
def consequences() -> Iterator[Act]:
    """What follows by itself from an act that was allowed: the same person in the audit, no further grant asked."""
    act = current_act()
    token = _act.set(replace(act, actor=replace(act.actor, is_system=True)))
    try:
        yield current_act()
    finally:
        _act.reset(token)


@contextmanager
def seeing_all() -> Iterator[None]:
    """The engine's own eyes: inside the block no row scope applies to reading. Writes still count as the actor's."""
    token = _sees_all.set(True)
    try:
        yield
    finally:
        _sees_all.reset(token)


def current_act() -> Act:
    """The work under way. Raises NobodyActingError outside `acting`."""
    act = _act.get()
    if act is None:
        msg = "nobody is acting: wrap the work in engine.acting.acting(...)"
        raise NobodyActingError(msg)
    return act


def reader() -> Actor | None:
    """Whose eyes a query has: None when nobody acts or the engine itself looks."""
    act = _act.get()
    return None if act is None or act.actor.is_system or _sees_all.get() else act.actor
