"""A row of any entity, whatever its columns, with the rows it refers to: put in past the gate, as if long there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Integer, LargeBinary, Numeric, Table, Time, inspect
from sqlalchemy.orm import Session

from engine import clock
from engine.gate.bypass import maintenance_write
from models.base import Base, Record
from models.organisation import Department
from models.types import Bilingual, Choice, Encrypted

DAY, MOMENT = date(2026, 5, 4), datetime(2026, 5, 4, 2, 0, tzinfo=UTC)
PLAIN: dict[type, Any] = {
    Boolean: False,
    Integer: 1,
    Numeric: Decimal(1),
    DateTime: MOMENT,
    Date: DAY,
    Time: time(9),
    LargeBinary: b"x",
    JSON: {},
}
KNOWN = {"adoption.pack": "C", "adoption.pack_version": "0.9", "data_share_request.contents": ["qa_inspection"]}
"""What only a pack's file or the entity itself knows."""


def row_of(session: Session, model: type[Record], home: Department) -> int:
    """Insert a row and return its id. What it must refer to is inserted first."""
    return _insert(session, inspect(model).local_table, home)


def values_of(session: Session, model: type[Record], home: Department) -> dict[str, Any]:
    """Attribute by attribute, a value for every column that must have one; what it refers to is inserted."""
    table = inspect(model).local_table
    values = dict(_values(session, table, home))
    names = {column.name: attribute.key for attribute in inspect(model).column_attrs for column in attribute.columns}
    bookkeeping = {"id", "version", "created_at", "updated_at"}
    return {names[name]: value for name, value in values.items() if name not in bookkeeping}


def _insert(session: Session, table: Table, home: Department) -> int:
    if table.name == "department":
        return home.id
    values = dict(_values(session, table, home))
    with maintenance_write(session.connection()) as connection:
        return connection.execute(table.insert().values(values)).inserted_primary_key[0]


def _values(session: Session, table: Table, home: Department) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        if column.primary_key or (column.nullable and not column.name.startswith("created")):
            continue
        if column.foreign_keys:
            (key,) = column.foreign_keys
            target = key.column.table
            yield column.name, _insert(session, target, home) if target is not table else None
        else:
            yield column.name, _plausible(column)


def _plausible(column: Column[Any]) -> Any:
    kind = column.type
    if str(column) in KNOWN:
        return KNOWN[str(column)]
    if column.default is not None and column.default.is_scalar:
        return column.default.arg
    if isinstance(kind, Choice):
        return next(iter(kind.choices))
    if isinstance(kind, Bilingual | Encrypted):
        return {"zh": "名称", "en": "Name"} if isinstance(kind, Bilingual) else "13800000000"
    if column.name in {"created_at", "updated_at"}:
        return clock.now()
    impl = getattr(kind, "impl_instance", kind)
    return next((value for base, value in PLAIN.items() if isinstance(impl, base)), f"x{next(_numbers)}")


def _count() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


_numbers = _count()


def tables() -> list[Table]:
    """Every table of policy records."""
    return [mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, Record)]
