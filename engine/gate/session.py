"""The session whose flush is the gate."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.unitofwork import UOWTransaction

from engine import audit, tally
from engine.acting import consequences, seeing_all
from engine.errors import PolicyError
from engine.gate import bypass, savepoints
from engine.gate.concluding import conclude
from engine.gate.review import Judgement, review
from engine.gate.stamping import touch
from engine.packs import parameters
from engine.registry import registry
from engine.rules import CREATE, EDIT, Fill
from engine.scope import limit_rows
from engine.transitions.performing import MOVES
from engine.workdays import forget_calendar
from models.base import Record

JUDGED = "judged"
"""Key in `session.info`: what the gate found out about the records of the flush under way."""
FOLLOWING = "following"
"""Key in `session.info`: what follows before the commit, each time with the record whose write it follows."""
NOTED = (FOLLOWING, MOVES, audit.PENDING, tally.KEPT)
"""Keys in `session.info` of what a transaction notes on its way and what a rollback takes back."""


class GatedSession(FlaskSession):
    """A session that asks every rule before it writes and keeps obligations, audit and counts with it."""


@event.listens_for(GatedSession, "before_flush")
def _ask(session: Session, context: UOWTransaction, instances: Any) -> None:  # noqa: ANN401, ARG001 SQLAlchemy's signature
    judged = review(session)
    if not judged:
        return
    violations = [violation for judgement in judged.values() for violation in judgement.violations]
    if violations:
        tally.count_broken(session, violations)
        raise PolicyError(violations)
    for record, judgement in judged.items():
        if judgement.moment == EDIT:
            touch(record)
    session.info[JUDGED] = judged


@event.listens_for(GatedSession, "before_flush")
def _open_way(session: Session, context: UOWTransaction, instances: Any) -> None:  # noqa: ANN401, ARG001 SQLAlchemy's signature
    bypass.let_through(session.connection())


@event.listens_for(GatedSession, "after_flush")
def _close_way(session: Session, context: UOWTransaction) -> None:  # noqa: ARG001 SQLAlchemy's signature
    bypass.close(session.connection())


@event.listens_for(GatedSession, "after_flush_postexec")
def _consequences(session: Session, context: UOWTransaction) -> None:  # noqa: ARG001 SQLAlchemy's signature
    judged: dict[Record, Judgement] = session.info.pop(JUDGED, {})
    moves = session.info.get(MOVES, {})
    for record in judged:
        moves.pop(record, None)
    conclude(session, judged)
    following = session.info.setdefault(FOLLOWING, [])
    for record, judgement in judged.items():
        following.extend((after, record) for after in _afters(record, judgement))


def _afters(record: Record, judgement: Judgement) -> tuple[Fill, ...]:
    if judgement.moment == CREATE:
        return registry.afters_for(type(record))
    return registry.afters_of_edits(type(record), judgement.changes) if judgement.moment == EDIT else ()


@event.listens_for(GatedSession, "after_transaction_create")
def _begin(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        savepoints.mark(session, transaction, NOTED)


@event.listens_for(GatedSession, "after_transaction_end")
def _end(session: Session, transaction: SessionTransaction) -> None:
    savepoints.forget(session, transaction)


@event.listens_for(GatedSession, "before_commit")
def _finish(session: Session) -> None:
    if session.in_nested_transaction():
        # The end of a savepoint settles nothing yet: audit and counts are written once, with the whole.
        return
    while not session._is_clean() or session.info.get(FOLLOWING):  # noqa: SLF001 the commit itself asks the same; audit comes last
        session.flush()
        _follow_up(session, session.info.pop(FOLLOWING, []))
    tally.write_kept(session)
    audit.write_pending(session)


@event.listens_for(GatedSession, "after_rollback")
def _give_up(session: Session) -> None:
    session.info.pop(JUDGED, None)
    savepoints.take_back(session, session.get_nested_transaction(), NOTED)
    _settle(session)


@event.listens_for(GatedSession, "after_commit")
def _settle(session: Session) -> None:
    """What was read may have changed. Refusals outlive a rollback, and are stored when nobody holds the database."""
    parameters.forget(session)
    forget_calendar(session)
    if not session.in_nested_transaction():
        tally.write_broken(session)


event.listen(GatedSession, "do_orm_execute", limit_rows)


def _follow_up(session: Session, following: Sequence[tuple[Fill, Record]]) -> None:
    if not following:
        return
    records: defaultdict[Fill, dict[Record, None]] = defaultdict(dict)
    for after, record in following:
        records[after][record] = None
    with consequences(), seeing_all():
        for after, written in records.items():
            after.fill(session, list(written))
        session.flush()
