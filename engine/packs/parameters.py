"""The value in force on the date that a record is about (design: parameters)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import seeing_all
from engine.packs.loader import load_packs
from models.policy import Adoption, ParameterValue

CACHE = "parameters"
"""Key in `session.info`: each department's values, read once a session."""
CLAUSES = "clauses"
"""Key in `session.info`: the clauses that bind each department."""


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
    history = _history(session, department_id).get(name)
    if not history:
        raise UnknownParameterError(name)
    current = history[0]
    for candidate in history:
        if candidate.valid_from > on:
            break
        current = candidate
    return current


def known(session: Session, department_id: int) -> Sequence[str]:
    """The names of all parameters that the department's packs set."""
    return sorted(_history(session, department_id))


def history(session: Session, department_id: int, name: str) -> Sequence[InForce]:
    """Every value the parameter ever had, oldest first, each as it came into force."""
    return tuple(_history(session, department_id).get(name, ()))


def clauses_in_force(session: Session, department_id: int | None) -> frozenset[str] | None:
    """The clauses of the packs that the department adopted: no other binds it. None before any: then all do."""
    if department_id is None:
        return None
    known: dict[int, frozenset[str] | None] = session.info.setdefault(CLAUSES, {})
    if department_id not in known:
        with seeing_all():
            adopted = session.scalars(select(Adoption.pack).where(Adoption.department_id == department_id)).all()
        packs = load_packs()
        known[department_id] = frozenset(c for code in adopted for c in packs[code].clauses) if adopted else None
    return known[department_id]


def binds(clause: str, clauses: frozenset[str] | None) -> bool:
    """Whether a clause binds a department with these adopted clauses. Rules of no clause always do."""
    return clauses is None or not clause or clause in clauses


def forget(session: Session) -> None:
    """Read the values again at the next question: they have changed."""
    session.info.pop(CACHE, None)
    session.info.pop(CLAUSES, None)


def _history(session: Session, department_id: int) -> dict[str, list[InForce]]:
    known: dict[int, dict[str, list[InForce]]] = session.info.setdefault(CACHE, {})
    if department_id not in known:
        known[department_id] = _read(session, department_id)
    return known[department_id]


def _read(session: Session, department_id: int) -> dict[str, list[InForce]]:
    """Each name's values in the order in which they came into force.

    Values lie in layers: the packs by rank, above them what the department set itself. A value of a lower layer does
    not come into force where a higher layer already has one.
    """
    with seeing_all():
        ranks = dict(
            session.execute(select(Adoption.pack, Adoption.rank).where(Adoption.department_id == department_id)).all()
        )
        rows = session.scalars(select(ParameterValue).where(ParameterValue.department_id == department_id)).all()
    own = max(ranks.values(), default=0) + 1
    layers = {row: ranks.get(row.pack, 0) if row.pack else own for row in rows}
    histories: dict[str, list[InForce]] = {}
    highest: dict[str, int] = {}
    for row in sorted(rows, key=lambda each: (each.valid_from, layers[each], each.id)):
        if layers[row] >= highest.get(row.name, layers[row]):
            highest[row.name] = layers[row]
            histories.setdefault(row.name, []).append(_in_force(row))
    return histories


def _in_force(row: ParameterValue) -> InForce:
    return InForce(
        row.name, row.value, row.clause, row.valid_from, row.pack, row.pack_version, row.created_by_id, row.reason
    )
