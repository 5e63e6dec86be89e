"""What was worked out a moment ago and still holds: kept for seconds in one process, dropped as soon as it writes.

For what many pages need and nobody decides by: the choices of a filter. Another process sees a change a little later.
"""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session, UOWTransaction

from engine.gate.session import GatedSession

KEPT_FOR = 15.0
"""Seconds."""
MOST = 2_000
WRITTEN = "recently_written"
"""Key in `session.info`: the models of which this transaction wrote rows."""

Value = TypeVar("Value")

_kept: dict[Hashable, tuple[float, tuple[int, ...], Any]] = {}
_writes: Counter[type[Any]] = Counter()


def recently(key: Hashable, about: Iterable[type[Any]], make: Callable[[], Value]) -> Value:
    """The value made under `key` not long ago, if no row of the models was written since; else a fresh one.

    Whatever the value depends on belongs in the key: the reader, the language, the database.
    """
    state, now = tuple(_writes[model] for model in about), time.monotonic()
    until, written, value = _kept.get(key, (0.0, (), None))
    if now < until and written == state:
        return value  # type: ignore[no-any-return]  # what `make` made
    fresh = make()
    if len(_kept) >= MOST:
        _kept.clear()
    _kept[key] = now + KEPT_FOR, state, fresh
    return fresh


@event.listens_for(GatedSession, "after_flush")
def _note(session: Session, context: UOWTransaction) -> None:  # noqa: ARG001 SQLAlchemy's signature
    written = {type(record) for record in (*session.new, *session.dirty, *session.deleted)}
    session.info.setdefault(WRITTEN, set()).update(written)


@event.listens_for(GatedSession, "after_commit")
def _settle(session: Session) -> None:
    _writes.update(session.info.pop(WRITTEN, ()))


@event.listens_for(GatedSession, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(WRITTEN, None)
