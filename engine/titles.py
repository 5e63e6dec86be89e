"""What linked records are called, asked once for a whole page: never a query a row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from flask_babel import get_locale
from sqlalchemy import ColumnElement, inspect, select
from sqlalchemy.orm import InstrumentedAttribute, Mapper, defer, joinedload, selectinload

from engine.acting import reader
from engine.database import db
from engine.permissions import Sight, matrix
from engine.scope import HOPS
from models.types import Encrypted
from models.words import in_language

DEPTH = 3
_relations: defaultdict[type[Any], set[str]] = defaultdict(set)
"""Relations that the titles of a model's records were found to read: learnt once per process."""


def titles_of(model: type[Any], ids: Iterable[Any]) -> Mapping[int, str]:
    """The titles of those records that whoever acts may see, by id."""
    wanted = sorted({number for number in ids if number is not None})
    if not wanted:
        return {}
    return {record.id: title_of(record) for record in titled(model, model.id.in_(wanted))}


def title_of(record: Any) -> str:  # noqa: ANN401 any record
    """What a page calls the record: its name in the reader's language where it is titled by a code or that name.

    A record of a person whose name does not last is called by it before whoever may read it, beside its title.
    """
    if who := _person(record):
        return f"{who} · {record.title}"
    entity, name = getattr(record, "__entity__", None), getattr(record, "name", None)
    if entity is not None and entity.title in {"code", "name"} and isinstance(name, dict):
        return in_language(name, str(get_locale())) or str(record.title)
    return str(getattr(record, "title", None) or record)


def _person(record: Any) -> str | None:  # noqa: ANN401 any record
    """The name that `called` of the record's entity leads to, for a reader who may read it."""
    way = getattr(getattr(record, "__entity__", None), "called", "").split(".")
    for step in way[:-1]:
        record = getattr(record, step, None)
    return getattr(record, way[-1]) if record is not None and _reads(type(record), way[-1]) else None


def _reads(model: type[Any], name: str) -> bool:
    """Whether somebody looks who may read the field; the engine itself, which keeps what it writes, is nobody."""
    who = reader()
    return bool(name) and who is not None and matrix.sight(who, model.__tablename__, name) in {Sight.READ, Sight.WRITE}


def titled(
    model: type[Any],
    *conditions: ColumnElement[bool],
    limit: int | None = None,
    order: ColumnElement[Any] | InstrumentedAttribute[Any] | None = None,
) -> Sequence[Any]:
    """Records loaded so that reading their titles asks the database nothing more."""
    known = len(_relations[model])
    query = select(model).where(*conditions).options(*title_loads(model)).order_by(order).limit(limit)
    records = db.session.scalars(query).all()
    if records and _learn(records[0]) and len(_relations[model]) > known:
        return db.session.scalars(
            select(model).where(*conditions).options(*title_loads(model)).order_by(order).limit(limit)
        ).all()
    return records


def title_loads(model: type[Any]) -> list[Any]:
    """What to load of a model for its title: nothing encrypted but the name, and the relations that the title reads."""
    called = model.__entity__.called if hasattr(model, "__entity__") else ""
    return _loads(model, called, DEPTH)


def _loads(model: type[Any], called: str, depth: int) -> list[Any]:
    unread = [name for name in _secrets(inspect(model)) if name != called or not _reads(model, name)]
    return [*(defer(getattr(model, name)) for name in unread), *_ways(model, called, depth)]


@cache
def _secrets(mapper: Mapper[Any]) -> Sequence[str]:
    return [c.key for c in mapper.column_attrs if isinstance(getattr(c.columns[0], "type", None), Encrypted)]


def _ways(model: type[Any], called: str, depth: int) -> list[Any]:
    ways, (step, _dot, rest) = [], called.partition(".")
    for name in sorted(_relations[model]) if depth else ():
        relation = inspect(model).relationships[name]
        # Joined only as far as the scope of one statement reaches.
        load = selectinload if relation.uselist or depth <= DEPTH - HOPS else joinedload
        loads = _loads(relation.mapper.class_, rest if name == step else "", depth - 1)
        ways.append(load(getattr(model, name)).options(*loads))
    return ways


def _learn(record: Any, depth: int = DEPTH) -> bool:  # noqa: ANN401 any record
    """Read one title and remember which relations it loaded on the way; whether there were any."""
    state = inspect(record)
    before = set(state.unloaded)
    title_of(record)
    read = [name for name in state.mapper.relationships.keys() if name in before and name not in state.unloaded]  # noqa: SIM118 a mapper's collection has no membership of its own
    _relations[type(record)].update(read)
    for name in read if depth else ():
        other = getattr(record, name)
        if other is not None and not isinstance(other, list):
            loaded = set(inspect(type(other)).relationships.keys()) - set(inspect(other).unloaded)
            _relations[type(other)].update(loaded)
    return bool(read)
