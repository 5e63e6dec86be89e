"""Rows for every table of a database as its schema stands, whatever the models say today: past the gate, in bulk."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, func, insert, select, types

from engine.backup import tables
from models.base import Base
from models.types import Choice

FIRST = datetime(2026, 1, 1, 1, 2, 3, 456789, tzinfo=UTC)
TEXT = "职守 Duty’s “Book” É\\%\n"
BATCH = 1000
KNOWN = {"department.timezone": "Asia/Shanghai", "department.language": "zh_Hans_CN"}
"""What is read before anybody asks what it means."""

Cipher = Callable[[str, str], bytes]


def fill(connection: Connection, count: int, cipher: Cipher | None = None, *, leave: Collection[str] = ()) -> int:
    """`count` rows in each table that has none; how many tables were filled. With `cipher` texts rest encrypted."""
    metadata = MetaData()
    metadata.reflect(connection, only=tables.names(connection))
    filled = 0
    for table in _parents_first(metadata):
        if table.name not in leave and connection.scalar(select(func.count()).select_from(table)) == 0:
            rows = _rows(connection, table, count, cipher)
            while several := list(islice(rows, BATCH)):
                connection.execute(insert(table), several)
            tables.go_on_from(connection, table.name, None)
            filled += 1
    return filled


def _parents_first(metadata: MetaData) -> Sequence[Table]:
    order: list[Table] = []

    def add(table: Table, on_the_way: frozenset[str]) -> None:
        for column in table.columns:
            for key in column.foreign_keys:
                if not column.nullable and key.column.table.name not in on_the_way:
                    add(key.column.table, on_the_way | {key.column.table.name})
        if table not in order:
            order.append(table)

    for table in metadata.tables.values():
        add(table, frozenset({table.name}))
    return order


def _rows(connection: Connection, table: Table, count: int, cipher: Cipher | None) -> Iterator[dict[str, Any]]:
    parents = {column.name: _numbers(connection, column) for column in table.columns if column.foreign_keys}
    for number in range(1, count + 1):
        yield {column.name: _value(column, number, parents, cipher) for column in table.columns}


def _numbers(connection: Connection, column: Column[Any]) -> Sequence[Any]:
    """What the column may refer to; nothing where its table is filled later."""
    (key,) = column.foreign_keys
    return connection.scalars(select(key.column).order_by(key.column)).all()


def _value(column: Column[Any], number: int, parents: Mapping[str, Sequence[Any]], cipher: Cipher | None) -> Any:
    if column.name in parents:
        held = parents[column.name]
        return held[(number - 1) % len(held)] if held else None
    if column.nullable and number % 3 == 0:
        return None
    if isinstance(column.type, types.LargeBinary):
        return _bytes(column, number, cipher)
    return _plain(column, number)


def _bytes(column: Column[Any], number: int, cipher: Cipher | None) -> bytes:
    return cipher(f"{number}{TEXT}", str(column)) if cipher else b"\x00\xff" + str(number).encode()


def _plain(column: Column[Any], number: int) -> Any:
    if str(column) in KNOWN:
        return KNOWN[str(column)]
    kind = column.type
    codes = _codes(column)
    if codes:
        return codes[number % len(codes)]
    moment = FIRST + timedelta(days=number)
    by_type: tuple[tuple[type, Callable[[], Any]], ...] = (
        (types.Boolean, lambda: number % 2 == 0),
        (types.JSON, lambda: {"zh": TEXT, "b": [number, 1.5, None], "a": str(number)}),
        (types.DateTime, lambda: moment if getattr(kind, "timezone", False) else moment.replace(tzinfo=None)),
        (types.Date, moment.date),
        (types.Time, moment.time),
        (types.Integer, lambda: number),
        (types.Float, lambda: number / 7),
        (types.Numeric, lambda: _decimal(kind, number)),
        (types.String, lambda: _text(kind, number)),
    )
    return next(make() for base, make in by_type if isinstance(kind, base))


def _codes(column: Column[Any]) -> Sequence[str]:
    """What an enum's column may hold, where today's models know it."""
    table = Base.metadata.tables.get(column.table.name)
    kind = table.columns[column.name].type if table is not None and column.name in table.columns else None
    return [choice.value for choice in kind.choices] if isinstance(kind, Choice) else []


def _decimal(kind: Any, number: int) -> Decimal:
    digits, scale = kind.precision or 12, kind.scale or 0
    return Decimal(number % 10 ** min(digits, 9)) / 10**scale - 1


def _text(kind: Any, number: int) -> str:
    return f"{number}{'aA'[number % 2]}{TEXT}"[: kind.length or 200]
