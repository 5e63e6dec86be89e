"""Many fresh records of one entity at once: the flush's questions and its consequences, without a unit of work a row.

For what nothing hangs on yet: SQLAlchemy's bookkeeping of identities costs a row of an import more than all rules.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, func, insert, inspect, select
from sqlalchemy.orm import Session

from engine import tally
from engine.errors import Violation
from engine.gate import bypass
from engine.gate.concluding import conclude
from engine.gate.review import judge
from engine.registry import registry
from engine.rules import CREATE
from engine.scope import SCOPED
from models.base import Record


def goes_at_once(model: type[Record]) -> bool:
    """Whether nothing more comes of a fresh record than its row: no duty, no follower, one table, plain defaults."""
    return _is_plain(model) and not registry.duties_for(model) and not registry.afters_for(model)


def write(session: Session, records: Sequence[Record]) -> list[Violation]:
    """Write what the gate lets through, and answer what it says of the others, which are left out and counted.

    The records are of one entity that `goes_at_once`, complete (engine.gate.review) and in no session; those written
    have their ids afterwards. The caller commits.
    """
    standing, broken = list(records), list[Violation]()
    while standing:
        judged = judge(session, dict.fromkeys(standing, CREATE))
        against = [violation for judgement in judged.values() for violation in judgement.violations]
        if not against:
            _insert(session, standing)
            conclude(session, judged)
            break
        # Rules may look at the whole batch: those that remain are asked again.
        broken += against
        standing = [record for record in standing if not judged[record].violations]
    tally.count_broken(session, broken)
    tally.keep_broken(session)
    return broken


def _insert(session: Session, records: Sequence[Record]) -> None:
    connection, model = session.connection(), type(records[0])
    for record, number in zip(records, _numbers(connection, model, len(records)), strict=True):
        record.id = number
    columns = _columns(model)
    rows = [{column: record.__dict__.get(name) for name, column in columns} for record in records]
    bypass.let_through(connection)
    try:
        connection.execute(insert(model), rows)
    finally:
        bypass.close(connection)


def _numbers(connection: Connection, model: type[Record], count: int) -> Sequence[int]:
    """Ids that nobody else gets, asked for beforehand: a database answers an INSERT of many rows slowly with theirs."""
    if connection.dialect.name == "postgresql":
        following = func.nextval(func.pg_get_serial_sequence(model.__tablename__, "id"))
        return connection.scalars(select(following).select_from(func.generate_series(1, count))).all()
    # Whoever writes to SQLite is alone in writing until the commit.
    last = connection.scalar(select(func.max(model.id)).execution_options(**{SCOPED: True})) or 0
    return range(last + 1, last + 1 + count)


@cache
def _columns(model: type[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((each.key, each.columns[0].key) for each in inspect(model).column_attrs)


@cache
def _is_plain(model: type[Any]) -> bool:
    mapper = inspect(model)
    defaults = [column.default for column in mapper.columns]
    return (
        len(mapper.tables) == 1
        and all(default is None or default.is_scalar for default in defaults)
        and all(column.server_default is None for column in mapper.columns)
    )
