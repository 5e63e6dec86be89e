"""The one function that changes a state: check whether it may, then do it. A button can ask without doing."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine import clock, tally
from engine.acting import consequences, current_act, seeing_all
from engine.circumstances import facts_for
from engine.errors import ConflictError, NotAllowedError, PolicyError, Violation
from engine.packs.parameters import binds, clauses_in_force
from engine.permissions import may_do_to
from engine.registry import registry
from engine.rules import Rule
from engine.transitions.kinds import Transition
from models.base import Record
from models.words import Words, _

MOVES = "moves"
"""Key in `session.info`: the state changes that `perform` announced to the gate, by record."""


def state_of(record: Record) -> Any:  # noqa: ANN401 an enum of the record's own
    """The record's state, or None for an entity without states."""
    column = record.__entity__.state
    return getattr(record, column) if column else None


def objections(session: Session, record: Record, move: Transition, given: Mapping[str, Any]) -> list[Violation]:
    """Everything that speaks against the move, without doing it: guards, missing answers, vetoes of other domains.

    Raises NotAllowedError when the actor's role does not grant it or nobody makes it by themselves, ConflictError when
    the state has moved on.
    """
    actor = current_act().actor
    # What records or the scheduler make follows from an act that was allowed, whatever the matrix says.
    if not actor.is_system and (move.by_system or not may_do_to(session, actor, move.name, record)):
        raise NotAllowedError(record.__tablename__, move.name)
    if state_of(record) not in move.sources:
        raise ConflictError(_already_moved(record), record)
    missing = [
        Violation(
            f"{move.key}.asks_{ask.name}",
            move.clause,
            _("Please say: %(label)s."),
            {"label": ask.label},
            ask.name,
            record,
        )
        for ask in move.asks
        if ask.required and not _answered(given.get(ask.name))
    ]
    guards = binding_guards(session, record, move)
    facts = facts_for(session, [record], {record: given}, needs=[need for guard in guards for need in guard.needs])[
        record
    ]
    broken = [violation for guard in guards for violation in guard.ask(record, facts)]
    return missing + broken + _vetoes(session, record, move)


def binding_guards(session: Session, record: Record, move: Transition) -> list[Rule]:
    """The guards whose clauses bind the record's department."""
    clauses = clauses_in_force(session, record.department_id)
    return [guard for guard in move.guards if binds(guard.clause, clauses)]


def perform(session: Session, record: Record, name: str, **given: Any) -> None:  # noqa: ANN401 answers of any type
    """Make the move `name`. In order: role, state, guards and vetoes, given fields, state, effect, write, others.

    The caller commits. Raises PolicyError with all objections, NotAllowedError, or ConflictError when somebody else
    moved the record first; then nothing has been written.
    """
    move = registry.transition(type(record), name)
    session.flush()
    against = objections(session, record, move, given)
    if against:
        tally.count_broken(session, against)
        raise PolicyError(against)
    with consequences() as act, seeing_all():
        _set_answers(record, move, given)
        _set_state(session, record, move, given)
        if move.effect:
            move.effect(session, record, facts_for(session, [record], {record: given})[record])
        _write(session, record)
        registry.hook.moved(session=session, record=record, transition=move, actor=act.actor, now=clock.now())
        session.flush()


def _set_answers(record: Record, move: Transition, given: Mapping[str, Any]) -> None:
    """Answers that are columns of the record are kept there; the others only in the audit."""
    columns = inspect(type(record)).columns
    for ask in move.asks:
        if ask.name in columns and ask.name in given:
            setattr(record, ask.name, given[ask.name])


def _write(session: Session, record: Record) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        # The transaction is lost, and with it the means to read what the record has become.
        sentence = _("Somebody else was faster: this has changed in the meantime. Nothing was changed by you.")
        raise ConflictError(sentence, record) from error


def _set_state(session: Session, record: Record, move: Transition, given: Mapping[str, Any]) -> None:
    """Announce the move to the gate, which refuses any other change of a state column."""
    words = {
        ask.name: str(given[ask.name])
        for ask in move.asks
        if given.get(ask.name) and ask.name not in inspect(type(record)).columns
    }
    session.info.setdefault(MOVES, {})[record] = (move, words)
    column = record.__entity__.state
    if column is not None:
        setattr(record, column, move.target)


def _answered(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _already_moved(record: Record) -> Words:
    state = state_of(record)
    return _(
        "Somebody else was faster: this is already “%(state)s”. Nothing was changed.",
        state=getattr(state, "label", state),
    )


def _vetoes(session: Session, record: Record, move: Transition) -> list[Violation]:
    act = current_act()
    answers = registry.hook.violations(
        session=session, record=record, transition=move, actor=act.actor, now=clock.now()
    )
    return [violation for answer in answers for violation in answer]
