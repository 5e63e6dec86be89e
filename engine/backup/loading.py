"""Filling tables with the rows of a backup, on either database, inside one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, String, bindparam, insert, text
from sqlalchemy.exc import DBAPIError

from engine.backup import tables
from engine.backup.archive import TablePart
from engine.backup.errors import BackupError
from engine.backup.kinds import KINDS
from engine.backup.tables import Source, Sum
from models.words import _

BATCH = 1000


@dataclass(frozen=True)
class Difference:
    """A table that is not what it should be. None: there is no such table."""

    table: str
    expected: Sum | None
    found: Sum | None


@contextmanager
def unbound(connection: Connection) -> Iterator[None]:
    """No foreign key and no trigger speaks inside: tables are filled in any order. At the end each key is held again.

    Raises BackupError when rows then refer to nothing.
    """
    if connection.dialect.name == "postgresql":
        with _keys_dropped(connection):
            yield
        return
    yield
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise BackupError(_("Rows of %(table)s refer to rows that are not there.", table=broken[0]))


def empty_tables(connection: Connection) -> None:
    """Take out what migrations put in: the backup holds it too. Call inside `unbound`."""
    quote = connection.dialect.identifier_preparer.quote
    for name in tables.names(connection):
        connection.execute(text(f"DELETE FROM {quote(name)}"))  # noqa: S608 the database's own names


def load(connection: Connection, part: TablePart, sources: Mapping[str, Source]) -> None:
    """Write the rows of one table. Raises BackupError when the database has no place for them."""
    source = sources.get(part.name)
    if source is None or [name for name, _kind in source.columns] != [name for name, _kind in part.columns]:
        raise BackupError(_("The database has no table %(table)s as it stands in the backup.", table=part.name))
    fill = _copy if connection.dialect.name == "postgresql" else _insert
    try:
        fill(connection, source, part)
    except DBAPIError as error:
        raise _no_place(part.name, str(error.orig)) from error
    tables.go_on_from(connection, part.name, part.next)


def differences(connection: Connection, expected: Mapping[str, Sum]) -> list[Difference]:
    """Read every table again and compare: rows and sums, and that there is no table more or less."""
    found = {source.name: tables.sum_of(connection, source) for source in tables.sources(connection)}
    return [
        Difference(name, expected.get(name), found.get(name))
        for name in sorted({*expected, *found})
        if expected.get(name) != found.get(name)
    ]


def _insert(connection: Connection, source: Source, part: TablePart) -> None:
    table = source.table
    names = [name for name, _kind in part.columns]
    # A JSON column takes its text as it was, not a text made into JSON once more.
    as_it_was = {name: bindparam(name, type_=String()) for name, kind in part.columns if kind == "json"}
    statement = insert(table).values({name: as_it_was.get(name, bindparam(name)) for name in names})
    convert = [(place, KINDS[kind].for_sqlite) for place, (_name, kind) in enumerate(part.columns)]
    rows = (_converted(row, convert) for row in part.rows)
    while several := [dict(zip(names, row, strict=True)) for row in islice(rows, BATCH)]:
        connection.execute(statement, several)


def _copy(connection: Connection, source: Source, part: TablePart) -> None:
    """PostgreSQL reads each value as text, so that it is its own judge of what fits a column."""
    import psycopg  # noqa: PLC0415 an installation on SQLite alone may lack PostgreSQL's client library

    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name, _kind in part.columns)
    convert = [(place, KINDS[kind].for_postgres) for place, (_name, kind) in enumerate(part.columns)]
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {quote(source.name)} ({columns}) FROM STDIN") as copy:
            for row in part.rows:
                copy.write_row(_converted(row, convert))
    except psycopg.Error as error:
        raise _no_place(part.name, str(error)) from error


def _converted(row: list[Any], convert: Sequence[tuple[int, Any]]) -> list[Any]:
    for place, change in convert:
        if change is not None and row[place] is not None:
            row[place] = change(row[place])
    return row


def _no_place(table: str, reason: str) -> BackupError:
    # The first line says what does not fit; the lines after it may quote what people wrote.
    return BackupError(
        _("A row of %(table)s does not fit: %(reason)s", table=table, reason=reason.strip().splitlines()[0])
    )


FOREIGN_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(CAST(:tables AS regclass[]))
"""


@contextmanager
def _keys_dropped(connection: Connection) -> Iterator[None]:
    """Only a superuser may silence foreign keys, but the owner may take them away and put them back."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    ours = [quote(name) for name in tables.names(connection)]
    held = connection.execute(text(FOREIGN_KEYS), {"tables": ours}).all()
    _each(connection, (f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, _definition in held))
    _each(connection, (f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in ours))
    yield
    _each(connection, (f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in ours))
    try:
        _each(connection, (f"ALTER TABLE {table} ADD CONSTRAINT {name} {rest}" for table, name, rest in held))
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise BackupError(_("Rows refer to rows that are not there: %(reason)s", reason=reason)) from error


def _each(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)
