"""Which column is which field: guessed, remembered from the last file with these columns, checked before it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import Actor
from engine.importing.choices import Choices, format_code, format_of
from engine.importing.importable import Importable
from engine.importing.plan import index_of
from engine.permissions import Sight, matrix
from engine.tabular.ambiguity import Ambiguous
from engine.tabular.columns import Field, Kind, fingerprint, guess_mapping
from engine.tabular.reading import Table
from engine.tabular.rows import detect_format
from engine.tabular.values import is_blank
from models.import_job import ImportJob, ImportMapping
from models.words import Words, _

SAMPLE = 200
Questions = dict[str, Ambiguous[Any, Any]]


def fields_for(importable: Importable, actor: Actor) -> list[Field]:
    """The fields that the actor may write: a file gives nobody a way to write what a form would not."""
    return [each for each in importable.fields if matrix.sight(actor, importable.name, each.name) is Sight.WRITE]


def first_choices(session: Session, importable: Importable, table: Table, actor: Actor) -> Choices:
    """What was decided for the last file with these columns, else a good guess."""
    allowed = fields_for(importable, actor)
    known = remembered(session, importable, table)
    if known is not None:
        names = {each.name for each in allowed}
        columns = {name: title for name, title in known.columns.items() if title in table.header and name in names}
        return replace(known, columns=columns, header=table.header)
    guesses = guess_mapping(table.header, table.sample(SAMPLE), allowed)
    return Choices(columns={name: table.header[guess.column] for name, guess in guesses.items()}, header=table.header)


def remembered(session: Session, importable: Importable, table: Table) -> Choices | None:
    """The decisions for files with this header, where there are any that the actor may see."""
    found = _mapping(session, importable.name, table)
    return Choices.of(found.choices) if found else None


def named(session: Session, importable: Importable, name: str) -> Choices | None:
    """Remembered decisions by their name."""
    query = select(ImportMapping).where(ImportMapping.entity == importable.name, ImportMapping.name == name)
    found = session.scalars(query.order_by(ImportMapping.id.desc())).first()
    return Choices.of(found.choices) if found else None


def remember(session: Session, job: ImportJob, table: Table, choices: Choices) -> None:
    """Keep the decisions for the next file with this header. The caller commits."""
    found = _mapping(session, job.entity, table)
    if found is None:
        found = ImportMapping(
            department_id=job.department_id,
            entity=job.entity,
            fingerprint=fingerprint(table.header),
            name=job.filename[:120],
        )
        session.add(found)
    found.choices = choices.memorable()


def _mapping(session: Session, entity: str, table: Table) -> ImportMapping | None:
    query = select(ImportMapping).where(
        ImportMapping.entity == entity, ImportMapping.fingerprint == fingerprint(table.header)
    )
    return session.scalars(query).first()


def objections(importable: Importable, choices: Choices, allowed: Sequence[Field]) -> dict[str, Words]:
    """What is missing before rows can be read, by field; empty when nothing is."""
    names = {each.name for each in allowed}
    found: dict[str, Words] = {
        each.name: _("Choose the column that holds this, or set it for all rows.")
        for each in importable.fields
        if each.required and each.name not in choices.columns and each.name not in choices.constants
    }
    if importable.key not in choices.columns:
        found[importable.key] = _(
            "Choose the column by which a row is recognized: without it nobody can tell what is already there."
        )
    found |= {name: _("Your role may not write this field.") for name in {*choices.columns, *choices.constants} - names}
    return found


def settle_formats(
    importable: Importable, choices: Choices, table: Table
) -> tuple[Choices, Questions, dict[str, Words]]:
    """Formats that the cells decide, the questions that remain, and columns that hold nothing of their kind.

    Every row is looked at: one day above 12 decides a column. What was answered before counts where it was a candidate.
    """
    timed = {
        name: title
        for name, title in choices.columns.items()
        if importable.field(name).kind in {Kind.DATE, Kind.DATETIME, Kind.DURATION}
    }
    cells = _cells(table, timed)
    formats: dict[str, str] = {}
    questions: Questions = {}
    unreadable: dict[str, Words] = {}
    for name, title in timed.items():
        found = detect_format(importable.field(name), cells[name], title)
        if not isinstance(found, Ambiguous):
            formats |= {name: format_code(found)} if found is not None else {}
        elif not found.candidates:
            unreadable[name] = _("No cell of “%(column)s” can be read as this. Choose another column.", column=title)
        else:
            questions[name] = found
    return replace(choices, formats=formats), questions, unreadable


def _cells(table: Table, timed: Mapping[str, str]) -> dict[str, list[Any]]:
    """The different cells of each column, in the order of the file."""
    indexes = {name: index_of(table, title) for name, title in timed.items()}
    found: dict[str, dict[tuple[type, Any], None]] = {name: {} for name in timed}
    for row in table.rows():
        for name, index in indexes.items():
            if not is_blank(row.cells[index]):
                found[name][type(row.cells[index]), row.cells[index]] = None
    return {name: [cell for _kind, cell in seen] for name, seen in found.items()}


def answer(choices: Choices, questions: Questions, answers: Mapping[str, str]) -> Choices:
    """The choices with the formats that the person picked; only candidates count."""
    picked = {
        name: code
        for name, code in answers.items()
        if name in questions and any(format_code(candidate.format) == code for candidate in questions[name].candidates)
    }
    return replace(choices, formats={**choices.formats, **picked})


def is_settled(importable: Importable, choices: Choices) -> bool:
    """Whether every date and length of time has its format."""
    timed = {Kind.DATE, Kind.DATETIME, Kind.DURATION}
    return all(
        importable.field(name).kind not in timed
        or (name in choices.formats and format_of(choices.formats[name]) is not None)
        for name in choices.columns
    )
