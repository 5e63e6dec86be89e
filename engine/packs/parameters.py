"""The value in force on the date that a record is about (design: parameters)."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from engine.acting import seeing_all
from engine.packs.loader import load_packs
from models.policy import Adoption, ParameterValue

CACHE = "parameters"
"""Key in `session.info`: each department's values, read once a session."""
CLAUSES = "clauses"
"""Key in `session.info`: the clauses that bind each department."""
ADOPTED = "adopted"
"""Key in `session.info`: the packs of each department."""
DEPARTMENTS = 32
"""Departments whose values a process keeps laid out between sessions."""


class UnknownParameterError(LookupError):
    """No adopted pack sets this parameter: the rule that asks for it cannot be judged."""


@dataclass(frozen=True)
class InForce:
    """A value with where it came from: its pack (None: set by the department), from when, and who set it."""

    name: str
    value: Any
    clause: str
    valid_from: date
    pack: str | None
    pack_version: str | None
    set_by_id: int | None
    reason: str | None


def value(session: Session, department_id: int, name: str, on: date) -> Any:  # noqa: ANN401 numbers, tables, lists
    """The value in force on the day `on`, before the first was set the first one. Raises UnknownParameterError."""
    return in_force(session, department_id, name, on).value


def in_force(session: Session, department_id: int, name: str, on: date) -> InForce:
    """The same with its origin. Raises UnknownParameterError."""
    values = _values(session, department_id).of(name)
    if not values:
        raise UnknownParameterError(name)
    current = values[0]
    for candidate in values:
        if candidate.valid_from > on:
            break
        current = candidate
    return current


def known(session: Session, department_id: int) -> Sequence[str]:
    """The names of all parameters that the department's packs set."""
    return sorted(_values(session, department_id).shared)


def history(session: Session, department_id: int, name: str) -> Sequence[InForce]:
    """Every value the parameter ever had, oldest first, each as it came into force."""
    return _values(session, department_id).of(name)


def clauses_in_force(session: Session, department_id: int | None) -> frozenset[str] | None:
    """The clauses of the packs that the department adopted: no other binds it. None before any: then all do."""
    if department_id is None:
        return None
    known: dict[int, frozenset[str] | None] = session.info.setdefault(CLAUSES, {})
    if department_id not in known:
        adopted, packs = _adopted(session, department_id), load_packs()
        known[department_id] = frozenset(c for code in adopted for c in packs[code].clauses) if adopted else None
    return known[department_id]


def binds(clause: str, clauses: frozenset[str] | None) -> bool:
    """Whether a clause binds a department with these adopted clauses. Rules of no clause always do."""
    return clauses is None or not clause or clause in clauses


def forget(session: Session) -> None:
    """Read the values again at the next question: they have changed."""
    for key in (CACHE, CLAUSES, ADOPTED):
        session.info.pop(key, None)


def _adopted(session: Session, department_id: int) -> dict[str, int]:
    """The packs that the department runs by, with their ranks."""
    known: dict[int, dict[str, int]] = session.info.setdefault(ADOPTED, {})
    if department_id not in known:
        query = select(Adoption.pack, Adoption.rank).where(Adoption.department_id == department_id)
        with seeing_all(), session.no_autoflush:
            known[department_id] = dict(session.execute(query).all())
    return known[department_id]


class _Row(NamedTuple):
    """A stored value with what decides when it comes into force; `text` is the value as JSON."""

    number: int
    name: str
    text: str
    clause: str
    valid_from: date
    pack: str | None
    pack_version: str | None
    set_by_id: int | None
    reason: str | None


class _Values:
    """A department's values in one session. A caller may do with a list what it likes: it is the session's own copy."""

    def __init__(self, shared: Mapping[str, tuple[InForce, ...]]) -> None:
        self.shared = shared
        self._own: dict[str, tuple[InForce, ...]] = {}

    def of(self, name: str) -> tuple[InForce, ...]:
        if name not in self._own:
            self._own[name] = deepcopy(self.shared.get(name, ()))
        return self._own[name]


def _values(session: Session, department_id: int) -> _Values:
    known: dict[int, _Values] = session.info.setdefault(CACHE, {})
    if department_id not in known:
        known[department_id] = _Values(_read(session, department_id))
    return known[department_id]


def _read(session: Session, department_id: int) -> Mapping[str, tuple[InForce, ...]]:
    """Each name's values in the order in which they came into force.

    Two plain queries a transaction; what follows from the rows is kept under the rows themselves, so that whoever
    changed them, in this process, in another or in a restored database, is seen.
    """
    stored = ParameterValue
    query = select(
        stored.id, stored.name, cast(stored.value, Text), stored.clause, stored.valid_from, stored.pack,
        stored.pack_version, stored.created_by_id, stored.reason,
    )  # fmt: skip
    with seeing_all(), session.no_autoflush:
        rows = session.execute(query.where(stored.department_id == department_id).order_by(stored.id))
        return _laid_out(tuple(sorted(_adopted(session, department_id).items())), tuple(_Row(*row) for row in rows))


@lru_cache(maxsize=DEPARTMENTS)
def _laid_out(ranked: tuple[tuple[str, int], ...], rows: tuple[_Row, ...]) -> Mapping[str, tuple[InForce, ...]]:
    """Values lie in layers: the packs by rank, above them what the department set itself.

    A value of a lower layer does not come into force where a higher layer already has one.
    """
    ranks = dict(ranked)
    own = max(ranks.values(), default=0) + 1
    layers = {row: ranks.get(row.pack, 0) if row.pack else own for row in rows}
    histories: dict[str, list[InForce]] = {}
    highest: dict[str, int] = {}
    for row in sorted(rows, key=lambda each: (each.valid_from, layers[each], each.number)):
        if layers[row] >= highest.get(row.name, layers[row]):
            highest[row.name] = layers[row]
            histories.setdefault(row.name, []).append(_in_force(row))
    return {name: tuple(history) for name, history in histories.items()}


def _in_force(row: _Row) -> InForce:
    return InForce(
        row.name,
        json.loads(row.text),
        row.clause,
        row.valid_from,
        row.pack,
        row.pack_version,
        row.set_by_id,
        row.reason,
    )
