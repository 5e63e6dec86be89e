"""Which column is which field: guessed, remembered from the last file with these columns, checked before it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from engine.acting import Actor, current_act, seeing_all
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
LONGEST_NAME = 120
Questions = dict[str, Ambiguous[Any, Any]]


def fields_for(importable: Importable, actor: Actor) -> list[Field]:
    """The fields that the actor may bring: those that they may write, and those that they see masked.

    Whoever holds the file knows what stands in it; what is stored already stays as hidden from them as it is.
    """
    brought = {Sight.WRITE, Sight.MASKED}
    return [each for each in importable.fields if matrix.sight(actor, importable.name, each.name) in brought]


def veiled(importable: Importable, actor: Actor) -> frozenset[str]:
    """The fields that the actor may not see whole: examples of them are shown masked."""
    sights = {each.name: matrix.sight(actor, importable.name, each.name) for each in importable.fields}
    return frozenset(name for name, sight in sights.items() if sight in {Sight.MASKED, Sight.NONE})


def first_choices(session: Session, importable: Importable, table: Table, actor: Actor) -> Choices:
    """What was decided for the last file with these columns, else a good guess."""
    allowed = fields_for(importable, actor)
    known = remembered(session, importable, table)
    if known is not None:
        return fitted(known, importable, table, actor)
    guesses = guess_mapping(table.header, table.sample(SAMPLE), allowed)
    return Choices(columns={name: table.header[guess.column] for name, guess in guesses.items()}, header=table.header)


def fitted(known: Choices, importable: Importable, table: Table, actor: Actor) -> Choices:
    """Earlier decisions for this file: the columns that it has, the fields that the actor may bring."""
    names = {each.name for each in fields_for(importable, actor)}
    columns = {name: title for name, title in known.columns.items() if title in table.header and name in names}
    constants = {name: value for name, value in known.constants.items() if name in names}
    return replace(known, columns=columns, constants=constants, header=table.header)


def remembered(session: Session, importable: Importable, table: Table) -> Choices | None:
    """The decisions for files with this header: one's own, else the latest that one may see."""
    actor, of = current_act().actor, ImportMapping
    query = select(of).where(of.entity == importable.name, of.fingerprint == fingerprint(table.header))
    mine = case((of.created_by_id == actor.staff_id, 0), else_=1)
    found = session.scalars(query.order_by(mine, of.id.desc())).first()
    return Choices.of(found.choices) if found else None


def mappings(session: Session, entity: str | None = None) -> Sequence[ImportMapping]:
    """The remembered mappings that the reader may see, by what they bring and their names."""
    query = select(ImportMapping).order_by(ImportMapping.entity, ImportMapping.name, ImportMapping.id)
    return session.scalars(query.where(ImportMapping.entity == entity) if entity else query).all()


def named(session: Session, importable: Importable, name: str) -> Choices | None:
    """Remembered decisions by their name."""
    query = select(ImportMapping).where(ImportMapping.entity == importable.name, ImportMapping.name == name)
    found = session.scalars(query.order_by(ImportMapping.id.desc())).first()
    return Choices.of(found.choices) if found else None


def remember(session: Session, job: ImportJob, table: Table, choices: Choices) -> None:
    """Keep the decisions for one's next file with this header; another person's stay theirs. The caller commits."""
    mark, of = fingerprint(table.header), ImportMapping
    mine = of.created_by_id.is_not_distinct_from(current_act().actor.staff_id)
    query = select(of).where(of.department_id == job.department_id, of.entity == job.entity, of.fingerprint == mark)
    with seeing_all():
        found = session.scalars(query.where(mine)).first()
    if found is None:
        found = of(
            department_id=job.department_id, entity=job.entity, fingerprint=mark, name=job.filename[:LONGEST_NAME]
        )
        session.add(found)
    found.choices = choices.memorable()


def rename(found: ImportMapping, name: str) -> None:
    """Call a remembered mapping something else. Raises ValueError for a name that is none."""
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME:
        raise ValueError(name)
    found.name = plain


def objections(importable: Importable, choices: Choices, allowed: Sequence[Field]) -> dict[str, Words]:
    """What is missing before rows can be read, by field; empty when nothing is."""
    names = {each.name for each in allowed}
    found: dict[str, Words] = {
        each.name: _("Choose the column that holds this, or set it for all rows.")
        for each in importable.fields
        if each.required and each.name not in choices.columns and each.name not in choices.constants
    }
    if importable.recognized_by[0] not in choices.columns:
        found[importable.recognized_by[0]] = _(
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
