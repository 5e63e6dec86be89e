"""What the loaded domains do about each clause: read from their manifests, without a database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from engine.obligations.kinds import Duty
from engine.packs.loader import load_chapters, load_clauses
from engine.packs.schema import Chapter, Clause
from engine.registry import registry
from engine.rules import Rule
from engine.transitions.kinds import Transition
from models.base import Record


@dataclass
class Holding:
    """A clause with everything that enforces or drives it. `built` says that a domain claims to."""

    clause: Clause
    chapter: Chapter
    built: bool = False
    rules: list[Rule] = field(default_factory=list)
    moves: list[Transition] = field(default_factory=list)
    obligations: list[Duty] = field(default_factory=list)
    records: list[type[Record]] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        """Whether anything at all enforces or drives the clause."""
        return bool(self.rules or self.moves or self.obligations or self.records)


def holdings() -> dict[str, Holding]:
    """Every clause of the rulebook by id, in its order. Raises UnknownClauseError when a domain names another."""
    found = {clause.id: Holding(clause, load_chapters()[clause.chapter]) for clause in load_clauses().values()}
    for domain in registry.domains.values():
        for clause in domain.built:
            _at(found, clause, domain.name).built = True
    for rule in _rules():
        _add(_at(found, rule.clause, rule.name).rules, rule)
    for move in _moves():
        _add(_at(found, move.clause, move.key).moves, move)
    for duty in registry.duty_names.values():
        _add(_at(found, duty.clause, duty.name).obligations, duty)
    for model in registry.entities.values():
        for clause in model.__entity__.clauses:
            _add(_at(found, clause, model.__tablename__).records, model)
    return found


class UnknownClauseError(LookupError):
    """Something is declared for a clause that the rulebook does not have."""


Item = TypeVar("Item")


def _add(shelf: list[Item], item: Item) -> None:
    if item not in shelf:
        shelf.append(item)


def _at(found: Mapping[str, Holding], clause: str, name: str) -> Holding:
    if clause not in found:
        msg = f"{name} names clause {clause}, which the rulebook does not have"
        raise UnknownClauseError(msg)
    return found[clause]


def _rules() -> Iterator[Rule]:
    """Rules of writes and guards of moves. A rule of no clause is the product's own and stands nowhere."""
    for rules in registry.rules.values():
        yield from (rule for rule in rules if rule.clause)
    for move in _moves():
        yield from (guard for guard in move.guards if guard.clause)


def _moves() -> Iterator[Transition]:
    for moves in registry.transitions.values():
        yield from (move for move in moves.values() if move.clause)
