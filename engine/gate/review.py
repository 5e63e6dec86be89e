"""Judges what is about to be written: permission, row scope, states, frozen records, all rules; answers at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from engine.acting import Actor, current_act, seeing_all
from engine.circumstances import facts_for
from engine.errors import Violation
from engine.gate.diff import Changes, changes_of, linked, written
from engine.gate.stamping import stamp
from engine.packs.parameters import binds, clauses_in_force
from engine.permissions import Scope, covers, matrix
from engine.registry import registry
from engine.rules import CREATE, DELETE, EDIT, Facts, Rule
from engine.transitions.kinds import Transition
from engine.transitions.performing import MOVES
from models.base import Record
from models.words import _


@dataclass
class Judgement:
    """What the gate found out about one record's write."""

    moment: str
    changes: Changes
    move: Transition | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    kept: list[Rule] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)


def review(session: Session, only: Iterable[Record] | None = None) -> dict[Record, Judgement]:
    """Judge the session's pending policy records (or `only` those of them) without writing anything."""
    pending = written(session)
    if only is not None:
        wanted = set(only)
        pending = {record: moment for record, moment in pending.items() if record in wanted}
    complete(session, pending)
    return judge(session, pending)


def judge(session: Session, pending: Mapping[Record, str]) -> dict[Record, Judgement]:
    """What speaks against each write, by its moment. The records are complete; they need not be in the session."""
    judged = {record: _first_look(session, record, moment) for record, moment in pending.items()}
    # A record to which only children were added is not itself written.
    judged = {record: found for record, found in judged.items() if found.moment != EDIT or found.changes or found.move}
    by_model: defaultdict[type[Record], list[Record]] = defaultdict(list)
    for record, judgement in judged.items():
        # What may not be written at all is not judged further: rules tell nothing to whoever has no grant.
        if not judgement.violations:
            by_model[type(record)].append(record)
    for model, records in by_model.items():
        _ask_rules(session, model, records, judged)
    return judged


def complete(session: Session, pending: Mapping[Record, str]) -> None:
    """Complete the records: keys of relations, who and when, and what follows from other columns."""
    by_model: defaultdict[type[Record], list[Record]] = defaultdict(list)
    for record, moment in pending.items():
        linked(record)
        if moment == CREATE:
            stamp(record)
        if moment != DELETE:
            by_model[type(record)].append(record)
    with seeing_all(), session.no_autoflush:
        for model, records in by_model.items():
            for fill in registry.fills_for(model):
                fill.fill(session, records)


def _first_look(session: Session, record: Record, moment: str) -> Judgement:
    move, words = session.info.get(MOVES, {}).get(record, (None, {}))
    judgement = Judgement(moment, changes_of(record), move, words)
    judgement.violations += _standing_objections(record, judgement)
    return judgement


def _standing_objections(record: Record, judgement: Judgement) -> list[Violation]:
    """What holds for every entity: the role's grant, the state column, closed records, no deletion."""
    checks = (_not_granted, _state_written_by_hand, _closed_record_edited, _settled_column_edited, _deleted)
    return [found for check in checks if (found := check(record, judgement))]


def _not_granted(record: Record, judgement: Judgement) -> Violation | None:
    actor = current_act().actor
    action = judgement.move.name if judgement.move else judgement.moment
    if actor.is_system or judgement.move is not None:
        return None
    scope = matrix.scope(actor, record.__tablename__, action)
    if covers(actor, scope, record) and _covered_before(actor, scope, record, judgement):
        return None
    says = _("Your role does not allow you to change this record.")
    return Violation("gate.granted", "", says, record=record)


class _Former:
    """A record's scope columns as they were before the write."""

    def __init__(self, record: Record, changes: Changes) -> None:
        entity = record.__entity__
        self.__entity__, self.__tablename__ = entity, record.__tablename__
        for name in filter(None, ("department_id", entity.owner, entity.team, entity.state)):
            before = changes[name][0] if name in changes else getattr(record, name)
            setattr(self, name, before)
        for path in entity.involved:
            name = path.partition(".")[0]
            setattr(self, name, changes[name][0] if name in changes else getattr(record, name))


def _covered_before(actor: Actor, scope: Scope | None, record: Record, judgement: Judgement) -> bool:
    return judgement.moment == CREATE or covers(actor, scope, _Former(record, judgement.changes))


def _state_written_by_hand(record: Record, judgement: Judgement) -> Violation | None:
    column = record.__entity__.state
    if column is None or column not in judgement.changes or judgement.move is not None:
        return None
    if judgement.moment == CREATE and getattr(record, column) in _beginnings(type(record), column):
        return None
    says = _("The state changes by its own buttons only, not by writing it into a field.")
    return Violation("gate.state_by_transition", "", says, field=column, record=record)


@cache
def _beginnings(model: type[Record], column: str) -> frozenset[Any]:
    default: Any = model.__table__.c[column].default
    return model.__entity__.starts | ({default.arg} if default is not None else frozenset())


def _closed_record_edited(record: Record, judgement: Judgement) -> Violation | None:
    column = record.__entity__.state
    if column is None or judgement.moment != EDIT or judgement.move is not None:
        return None
    state = getattr(record, column)
    if state not in record.__entity__.frozen:
        return None
    says = _("This is “%(state)s” and can no longer be changed.")
    return Violation("gate.closed_is_closed", "", says, {"state": state.label}, record=record)


def _settled_column_edited(record: Record, judgement: Judgement) -> Violation | None:
    edited = sorted(record.__entity__.settled & judgement.changes.keys())
    if not edited or judgement.moment != EDIT or judgement.move is not None:
        return None
    says = _("This stays as it was first saved. Please write another record instead.")
    return Violation("gate.settled", "", says, field=edited[0], record=record)


def _deleted(record: Record, judgement: Judgement) -> Violation | None:
    if judgement.moment != DELETE or getattr(record, "is_draft", False):
        return None
    says = _("Records are closed or archived, not deleted.")
    return Violation("gate.nothing_is_deleted", "", says, record=record)


def _ask_rules(session: Session, model: type[Record], records: list[Record], judged: dict[Record, Judgement]) -> None:
    rules = registry.rules_for(model)
    if not rules:
        return
    binding = {department: _binding(session, rules, department) for department in {r.department_id for r in records}}
    changes = {record: judged[record].changes for record in records}
    needs = [need for rule in rules for need in rule.needs]
    facts = facts_for(session, records, changes=changes, needs=needs)
    for record in records:
        move = judged[record].move
        known = facts[record] if move is None else replace(facts[record], move=move.name)
        _ask(record, known, judged[record], binding[record.department_id])


def _binding(session: Session, rules: Sequence[Rule], department_id: int | None) -> list[Rule]:
    """The rules whose clauses the department has adopted."""
    clauses = clauses_in_force(session, department_id)
    return [rule for rule in rules if binds(rule.clause, clauses)]


def _ask(record: Record, facts: Facts, judgement: Judgement, rules: Sequence[Rule]) -> None:
    for rule in rules:
        if rule.concerns(judgement.moment, facts):
            broken = rule.ask(record, facts)
            if broken:
                judgement.violations += broken
            else:
                judgement.kept.append(rule)
