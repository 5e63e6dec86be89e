"""Names in a file that the database does not know: create them, say whom they mean, or leave their rows out."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import Actor
from engine.circumstances import today_in
from engine.errors import NotAllowedError, NotFoundError
from engine.importing.choices import LEFT_OUT, Choices
from engine.importing.importable import Asked, Importable, Reference
from engine.importing.inner import SEVERAL, names_in, own_reference
from engine.importing.plan import index_of, names_of
from engine.importing.source import name_text
from engine.permissions import may
from engine.tabular.problems import At
from engine.tabular.reading import Table
from engine.tabular.values import is_blank, parse_text
from models.import_job import ImportJob


@dataclass(frozen=True)
class Unknown:
    """A name that stands for nobody yet, in `rows` rows; `several` when more than one bears it."""

    field: str
    text: str
    rows: int
    several: bool

    @property
    def key(self) -> str:
        """As the choices remember it."""
        return name_text(self.text)

    @property
    def code(self) -> str:
        """A short name for the control that asks about it."""
        return hashlib.sha256(f"{self.field}:{self.key}".encode()).hexdigest()[:12]


def unknown_names(session: Session, job: ImportJob, importable: Importable, table: Table) -> list[Unknown]:
    """Every name of every reference column that is neither known nor decided, the most frequent first.

    A name that a row of the file bears is known: that row is taken first.
    """
    choices = Choices.of(job.choices)
    own = own_reference(importable)
    in_file = names_in(importable, choices, table) if own is not None and own[0] in choices.columns else {}
    names = {
        field: (in_file if own is not None and field == own[0] else {})
        | names_of(session, reference, job.department_id)
        | dict(choices.resolved.get(field, {}))
        for field, reference in importable.references.items()
        if field in choices.columns
    }
    counts, texts = _count(table, {field: index_of(table, choices.columns[field]) for field in names})
    found = [
        Unknown(field, texts[field, key], rows, names[field].get(key) == SEVERAL)
        for (field, key), rows in counts.items()
        if names[field].get(key, SEVERAL) == SEVERAL
    ]
    return sorted(found, key=lambda each: (each.field, -each.rows, each.text))


def _count(table: Table, indexes: Mapping[str, int]) -> tuple[Counter[tuple[str, str]], dict[tuple[str, str], str]]:
    counts: Counter[tuple[str, str]] = Counter()
    texts: dict[tuple[str, str], str] = {}
    for row in table.rows():
        for field, index in indexes.items():
            cell = row.cells[index]
            text = parse_text(cell, At("", row.number)) if not is_blank(cell) else None
            if text is not None:
                key = (field, name_text(text))
                counts[key] += 1
                texts.setdefault(key, text)
    return counts, texts


def may_create(actor: Actor, reference: Reference) -> bool:
    """Whether the actor may create what a name is missing."""
    return reference.make is not None and may(actor, reference.entity.__tablename__, "create")


def create(  # noqa: PLR0913, PLR0917 an answer needs all of them
    session: Session, job: ImportJob, reference: Reference, text: str, answers: Mapping[str, Any], actor: Actor
) -> int:
    """Create the record that a name is missing; its id. Raises NotAllowedError, or PolicyError from the gate."""
    if reference.make is None or not may_create(actor, reference):
        raise NotAllowedError(reference.entity.__tablename__, "create")
    made = reference.make(text, answers, today_in(session, job.department_id))
    made.department_id = job.department_id
    session.add(made)
    session.flush()
    return made.id


def existing(session: Session, job: ImportJob, entity: type[Any], number: int) -> int:
    """The id, when it is one of the department's records that the actor may see. Raises NotFoundError."""
    found = session.scalar(select(entity.id).where(entity.id == number, entity.department_id == job.department_id))
    if found is None:
        raise NotFoundError
    return int(found)


def read_answers(
    session: Session, job: ImportJob, asks: tuple[Asked, ...], given: Mapping[str, str]
) -> tuple[dict[str, Any], list[Asked]]:
    """The answers as values, and what has not been answered. Raises NotFoundError for a row out of sight."""
    answers: dict[str, Any] = {}
    missing = []
    for ask in asks:
        text = given.get(ask.name, "").strip()
        answers[ask.name] = _read(session, job, ask, text) if text else None
        if ask.required and answers[ask.name] is None:
            missing.append(ask)
    return answers, missing


def _read(session: Session, job: ImportJob, ask: Asked, text: str) -> Any:  # noqa: ANN401 values of any kind pass through here
    if ask.entity is not None:
        return (
            existing(session, job, ask.entity, int(text))
            if text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 fits every database's integer
            else None
        )
    if ask.choices:
        return next((choice for choice in ask.choices if choice.value == text), None)
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def decide(choices: Choices, field: str, key: str, stands_for: int) -> Choices:
    """The choices with one more name decided; `stands_for` is an id or LEFT_OUT."""
    resolved = {name: dict(known) for name, known in choices.resolved.items()}
    resolved.setdefault(field, {})[key] = stands_for
    return replace(choices, resolved=resolved)


def left_out(choices: Choices) -> int:
    """How many names were decided to be left out."""
    return sum(value == LEFT_OUT for known in choices.resolved.values() for value in known.values())
