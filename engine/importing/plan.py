"""Everything about a job that stays the same from its first row to its last, looked up once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, inspect, select
from sqlalchemy.orm import Session

from engine.acting import Actor, seeing_all
from engine.circumstances import zone_of
from engine.importing.choices import Choices, format_of
from engine.importing.importable import Importable, Reference
from engine.importing.inner import SEVERAL, Inner, find
from engine.importing.source import Repeats, name_text
from engine.permissions import Sight, matrix
from engine.registry import registry
from engine.tabular.columns import Kind
from engine.tabular.problems import FileRefused
from engine.tabular.reading import Table
from engine.tabular.rows import Column, parser_for
from models.import_job import ImportJob
from models.words import _


@dataclass(frozen=True)
class Plan:
    """How the rows of one job are read.

    `columns`: the fields with column and parser. `constants`: values for every row. `names`: for each reference field,
    the id that a plain text stands for, SEVERAL or LEFT_OUT. `titles`: the file's column of each field.
    `lengths`: how many characters each column of the database holds. `uncompared`: columns by which a known record is
    not compared with its row: those that live on, and those of which the importer may not even learn that they differ.
    `inner`: how the rows name each other, where they can.
    """

    importable: Importable
    department_id: int
    columns: tuple[Column, ...]
    constants: Mapping[str, Any]
    names: Mapping[str, Mapping[str, int]]
    titles: Mapping[str, str]
    lengths: Mapping[str, int]
    uncompared: frozenset[str]
    zone: ZoneInfo
    overlong: frozenset[int]
    repeats: Repeats
    inner: Inner | None


def make(session: Session, job: ImportJob, table: Table, actor: Actor) -> Plan:
    """The plan of a mapped job that `actor` answers for. Raises FileRefused when the file has lost a chosen column."""
    importable = registry.importable(job.entity)
    choices = Choices.of(job.choices)
    columns = columns_of(importable, choices, table)
    indexes = {column.field.name: column.index for column in columns}
    return Plan(
        importable=importable,
        department_id=job.department_id,
        columns=columns,
        constants={name: constant(importable, name, value) for name, value in choices.constants.items()},
        names={
            name: names_of(session, reference, job.department_id) | dict(choices.resolved.get(name, {}))
            for name, reference in importable.references.items()
        },
        titles=choices.columns,
        lengths=_lengths(importable),
        uncompared=importable.volatile | _hidden(importable, actor),
        zone=ZoneInfo(zone_of(session, job.department_id)),
        overlong=table.overlong,
        repeats=Repeats(
            table, [indexes[name] for name in importable.recognized_by if name in indexes], sorted(indexes.values())
        ),
        inner=find(importable, choices, table),
    )


def _hidden(importable: Importable, actor: Actor) -> frozenset[str]:
    """The columns that the actor may not read: whether a guess was right would tell what stands there."""
    readable = {Sight.READ, Sight.WRITE}
    columns = inspect(importable.entity).column_attrs
    return frozenset(each.key for each in columns if matrix.sight(actor, importable.name, each.key) not in readable)


def _lengths(importable: Importable) -> dict[str, int]:
    columns = inspect(importable.entity).column_attrs
    kinds = {attribute.key: attribute.columns[0].type for attribute in columns}
    return {name: kind.length for name, kind in kinds.items() if isinstance(kind, String) and kind.length is not None}


def constant(importable: Importable, name: str, value: Any) -> Any:  # noqa: ANN401 values of any kind pass through here
    """A value for all rows as the choices keep it, read back: an id, yes or no, a choice's code, a date in ISO 8601."""
    if name in importable.words:
        return next((choice for choice in importable.words[name].values() if choice.value == value), None)
    return date.fromisoformat(value) if importable.field(name).kind is Kind.DATE else value


def columns_of(importable: Importable, choices: Choices, table: Table) -> tuple[Column, ...]:
    """The chosen columns with their parsers. Raises FileRefused for a title that the file has not."""
    return tuple(
        Column(importable.field(name), index_of(table, title), title, _parser(importable, choices, name))
        for name, title in choices.columns.items()
    )


def index_of(table: Table, title: str) -> int:
    """Where the column of this title stands. Raises FileRefused."""
    if title not in table.header:
        raise FileRefused(_("The file has no column “%(title)s” any more. Map its columns again.", title=title))
    return table.header.index(title)


def _parser(importable: Importable, choices: Choices, name: str) -> Any:  # noqa: ANN401 values of any kind pass through here
    code = choices.formats.get(name)
    return parser_for(importable.field(name), format_of(code) if code else None)


def names_of(session: Session, reference: Reference, department_id: int) -> dict[str, int]:
    """Every name of the department's records of this kind, as plain text, with the id or SEVERAL."""
    with seeing_all():
        rows = session.scalars(select(reference.entity).where(reference.entity.department_id == department_id)).all()
    found: dict[str, int] = {}
    for row in rows:
        for name in {name_text(name) for name in reference.names(row) if name}:
            found[name] = row.id if found.get(name, row.id) == row.id else SEVERAL
    return found


def stands_for(plan: Plan, field: str, text: str) -> int | None:
    """The id that a cell's text stands for, SEVERAL, LEFT_OUT, or None for an unknown name."""
    name = name_text(text)
    known = plan.names[field].get(name)
    inner = plan.inner if plan.inner is not None and plan.inner.field == field else None
    return known if inner is None else inner.stands_for(known, name)
