"""The tables of a database as they are, read row by row in one form, and the sum by which two are compared."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Select, Table, Text, cast, inspect, select, text, type_coerce
from sqlalchemy.engine.interfaces import ReflectedColumn

from engine.backup.kinds import Kind, kind_of

VERSIONS = "alembic_version"
DERIVED = ("procrastinate_", "search_")
"""How tables begin that are made again from others, or hold what a process was just about to do: never backed up."""
BATCH = 2000
MODULUS = 1 << 256


@dataclass(frozen=True)
class Sum:
    """What a table holds: its rows, and a digest that is the same for the same rows in any order."""

    rows: int
    digest: str


class Adding:
    """Adds up rows. The digests of the rows are added, so their order does not matter and nothing is kept."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.rows, self._total = 0, 0

    def add(self, line: bytes) -> None:
        """One more row, in its written form."""
        self.rows += 1
        self._total += int.from_bytes(hashlib.sha256(line).digest(), "big")

    @property
    def sum(self) -> Sum:
        """Of what was added so far."""
        return Sum(self.rows, f"{self._total % MODULUS:064x}")


@dataclass(frozen=True)
class Source:
    """A table with its columns in the order of their names: how they stand in the database differs."""

    table: Table
    columns: tuple[tuple[str, Kind], ...]

    @property
    def name(self) -> str:
        """The table's."""
        return self.table.name

    def query(self) -> Select[Any]:
        """Every row. The text of a JSON column is read as it stands."""
        return select(*(self._read(self.table.c[name], kind) for name, kind in self.columns))

    def _read(self, column: Column[Any], kind: Kind) -> Any:  # noqa: ANN401 a column of any type
        if kind.name != "json":
            return column
        # SQLite keeps the text itself; a CAST there would make a number of what looks like one.
        return type_coerce(column, Text) if column.table.info.get("sqlite") else cast(column, Text)

    def lines(self, connection: Connection) -> Iterator[bytes]:
        """Each row as a line of JSON without its end, a batch at a time from the database."""
        convert = [(place, kind.written) for place, (_name, kind) in enumerate(self.columns) if kind.written]
        result = connection.execute(self.query().execution_options(yield_per=BATCH))
        for rows in result.partitions():
            for row in rows:
                yield written(row, convert)


def written(row: Sequence[Any], convert: Sequence[tuple[int, Callable[[Any], Any]]]) -> bytes:
    """A row in its one form."""
    values = list(row)
    for place, convert_value in convert:
        if values[place] is not None:
            values[place] = convert_value(values[place])
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def names(connection: Connection) -> list[str]:
    """The tables that hold what people did, in the order of their names."""
    found = inspect(connection).get_table_names()
    return sorted(name for name in found if name != VERSIONS and not name.startswith(DERIVED))


def sources(connection: Connection) -> list[Source]:
    """Those tables as the database describes them now. Raises BackupError for a column of an unknown type."""
    ours = names(connection)
    described = inspect(connection).get_multi_columns(filter_names=ours) if ours else {}
    on_sqlite = connection.dialect.name == "sqlite"
    found = (_source(name, columns, on_sqlite=on_sqlite) for (_schema, name), columns in described.items())
    return sorted(found, key=lambda source: source.name)


def _source(name: str, described: Sequence[ReflectedColumn], *, on_sqlite: bool) -> Source:
    # Keys and indexes are not asked for: nothing here needs them, and on sixty tables they take most of the time.
    columns = sorted((Column(each["name"], each["type"]) for each in described), key=lambda column: column.name)
    table = Table(name, MetaData(), *columns, info={"sqlite": on_sqlite})
    return Source(table, tuple((column.name, kind_of(str(column), column.type)) for column in columns))


def sum_of(connection: Connection, source: Source) -> Sum:
    """Read the whole table and add it up."""
    adding = Adding()
    for line in source.lines(connection):
        adding.add(line)
    return adding.sum


def is_empty(connection: Connection) -> bool:
    """Whether no table holds a row."""
    quote = connection.dialect.identifier_preparer.quote
    return not any(
        connection.execute(text(f"SELECT 1 FROM {quote(name)} LIMIT 1")).first()  # noqa: S608 names come from the database itself
        for name in names(connection)
    )


def next_number(connection: Connection, name: str) -> int | None:
    """The number that PostgreSQL would give the table's next row; None where there is no sequence."""
    if connection.dialect.name != "postgresql":
        return None
    sequence = _sequence(connection, name)
    if sequence is None:
        return None
    last, called = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 the database's own name
    return int(last) + bool(called)


def go_on_from(connection: Connection, name: str, at_least: int | None) -> None:
    """Let PostgreSQL number further rows behind every number that there is or was."""
    sequence = _sequence(connection, name) if connection.dialect.name == "postgresql" else None
    if sequence is None:
        return
    quote = connection.dialect.identifier_preparer.quote
    behind = f"SELECT max(id) + 1 FROM {quote(name)}"  # noqa: S608 the database's own name
    connection.execute(
        text(f"SELECT setval(:sequence, greatest(coalesce(({behind}), 1), :least), false)"),
        {"sequence": sequence, "least": at_least or 1},
    )


def _sequence(connection: Connection, name: str) -> str | None:
    if "id" not in {column["name"] for column in inspect(connection).get_columns(name)}:
        return None
    quoted = connection.dialect.identifier_preparer.quote_identifier(name)
    found: str | None = connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": quoted})
    return found
