"""Builds the index from the records: for what was there before it, for other columns, and whenever it is asked for."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.acting import seeing_all
from engine.registry import registry
from engine.search.columns import searched, signature
from engine.search.grams import TABLE_BITS, mark_of
from engine.search.keeping import put, row
from models.base import Record
from models.search import SearchEntry, SearchState

BATCH = 5_000

Say = Callable[[str, int], object]


def catch_up(session: Session, say: Say | None = None) -> int:
    """Build the index of every entity of which it does not hold what is declared; how many there were. Commits."""
    with seeing_all():
        known = {state.entity: state.columns for state in session.scalars(select(SearchState))}
    session.commit()
    missing = [model for model in _entities() if known.get(model.__tablename__) != signature(model)]
    for model in missing:
        _build(session, model, say)
    return len(missing)


def rebuild(session: Session, say: Say | None = None) -> int:
    """Build the whole index anew; returns how many records it holds. Commits batch by batch."""
    return sum(_build(session, model, say) for model in _entities())


def _entities() -> Sequence[type[Record]]:
    return [model for model in registry.entities.values() if searched(model)]


def _build(session: Session, model: type[Record], say: Say | None) -> int:
    """Until the last batch is in, searches read the records themselves: half an index would hide the other half."""
    table = model.__tablename__
    session.execute(delete(SearchState).where(SearchState.entity == table))
    session.commit()
    _empty(session, table)
    done, last = 0, 0
    while rows := _batch(session, model, last):
        put(session.connection(), [row(table, values["id"], _texts(model, values)) for values in rows])
        session.commit()
        done, last = done + len(rows), rows[-1]["id"]
        if say is not None:
            say(table, done)
    session.execute(delete(SearchState).where(SearchState.entity == table))
    session.add(SearchState(entity=table, columns=signature(model)))
    session.commit()
    return done


def _batch(session: Session, model: type[Record], after: int) -> Sequence[Any]:
    """The next records' texts, held fast until their entries are written: nobody changes them in between."""
    columns = [getattr(model, name) for name in ("id", *searched(model))]
    query = select(*columns).where(model.id > after).order_by(model.id).limit(BATCH).with_for_update(read=True)
    with seeing_all():
        return session.execute(query).mappings().all()


def _texts(model: type[Record], values: Any) -> dict[str, Any]:  # noqa: ANN401 a row of the database
    return {name: values[name] for name in searched(model)}


def _empty(session: Session, table: str) -> None:
    own = SearchEntry.id.op("&")((1 << TABLE_BITS) - 1) == mark_of(table)
    session.execute(delete(SearchEntry).where(own), execution_options={"synchronize_session": False})
    session.commit()
