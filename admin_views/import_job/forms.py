"""What the pages of an import show and what a person sent back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import get_locale
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from admin_views.formats import shown, words
from engine.acting import Actor
from engine.errors import NotFoundError
from engine.importing.choices import Choices, format_code
from engine.importing.importable import Asked, Importable
from engine.importing.mapping import Questions, fields_for, veiled
from engine.importing.unknown import existing
from engine.masking import masked
from engine.tabular.columns import NOTE_MARK, Field, Kind, guess_mapping
from engine.tabular.durations import DurationFormat, Pair, Unit
from engine.tabular.problems import Cell
from engine.tabular.reading import Table
from models.import_job import ImportJob
from models.types import Labelled
from models.words import Words, _, in_language

SAMPLES = 4
LONGEST_SAMPLE = 40
MOST_CHOICES = 2000
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Option:
    """One line of a select."""

    value: str
    label: str


@dataclass(frozen=True)
class Line:
    """One of our fields on the mapping page: the column chosen for it, or the value for all rows."""

    name: str
    label: str
    required: bool
    column: str
    constants: Sequence[Option]
    constant: str
    dated: bool
    problem: Words | None
    veiled: bool


def label_of(field: Field) -> str:
    """A field's label in the reader's language."""
    return in_language({"zh": field.label_zh, "en": field.label_en}, str(get_locale()))


def lines(  # noqa: PLR0913, PLR0917 an answer needs all of them
    session: Session,
    importable: Importable,
    actor: Actor,
    department_id: int,
    choices: Choices,
    problems: Mapping[str, Words],
) -> list[Line]:
    """The fields in the order in which the entity declares them."""
    hidden = veiled(importable, actor)
    return [
        Line(
            each.name,
            label_of(each),
            each.required,
            choices.columns.get(each.name, ""),
            constants_for(session, importable, each, department_id),
            _as_text(choices.constants.get(each.name)),
            each.kind is Kind.DATE,
            problems.get(each.name),
            each.name in hidden,
        )
        for each in fields_for(importable, actor)
    ]


def constants_for(session: Session, importable: Importable, field: Field, department_id: int) -> list[Option]:
    """What may be set for all rows; nothing for fields in which every row differs."""
    if reference := importable.references.get(field.name):
        return options(session, reference.entity, department_id)
    if chosen := importable.words.get(field.name):
        return [Option(each.value, str(each.label)) for each in dict.fromkeys(chosen.values())]
    if field.kind is Kind.YES_NO:
        return [Option(YES, str(_("Yes"))), Option(NO, str(_("No")))]
    return []


def options(session: Session, entity: type[Any], department_id: int) -> list[Option]:
    """The department's records of an entity that the reader may see."""
    query = select(entity).where(entity.department_id == department_id).order_by(entity.id).limit(MOST_CHOICES)
    rows = [Option(str(row.id), name_of(row)) for row in session.scalars(query) if getattr(row, "active", True)]
    return sorted(rows, key=lambda option: option.label)


def name_of(row: Any) -> str:
    """What a list of choices calls a record."""
    name = getattr(row, "name", None)
    return words(name) if isinstance(name, dict) else str(row)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return "" if value is None else str(value)


def read_choices(
    session: Session, job: ImportJob, importable: Importable, table: Table, form: MultiDict[str, str]
) -> Choices:
    """The mapping as it was sent; what was decided about names stays. Columns that the file has not are ignored."""
    before = Choices.of(job.choices)
    columns = {
        each.name: title for each in importable.fields if (title := form.get(f"column-{each.name}", "")) in table.header
    }
    constants = {
        each.name: value
        for each in importable.fields
        if each.name not in columns
        and (value := _constant(session, job, importable, each, form.get(f"constant-{each.name}", ""))) is not None
    }
    return replace(before, columns=columns, constants=constants, formats={})


def _constant(session: Session, job: ImportJob, importable: Importable, field: Field, text: str) -> Any:
    if not text:
        return None
    if reference := importable.references.get(field.name):
        return _existing(session, job, reference.entity, text)
    if field.kind is Kind.YES_NO:
        return {YES: True, NO: False}.get(text)
    if field.name in importable.words:
        return text if text in {each.value for each in importable.words[field.name].values()} else None
    return text if field.kind is Kind.DATE and _is_day(text) else None


def _existing(session: Session, job: ImportJob, entity: type[Any], text: str) -> int | None:
    number = whole_number(text)
    try:
        return existing(session, job, entity, number) if number is not None else None
    except NotFoundError:
        return None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def whole_number(text: str) -> int | None:
    """A number that fits every database's integer, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 fits every database's integer


def samples(table: Table, hidden: Collection[str] = ()) -> dict[str, list[str]]:
    """For each column its first few different values, as a person reads them; of the `hidden` ones their masks."""
    found: dict[str, dict[str, None]] = {title: {} for title in table.header if not title.startswith(NOTE_MARK)}
    for cells in table.sample():
        for title, cell in zip(table.header, cells, strict=True):
            if title in found and cell is not None and len(found[title]) < SAMPLES:
                found[title][masked(cell) if title in hidden else sample(cell)] = None
    return {title: list(values) for title, values in found.items()}


def hidden_columns(importable: Importable, actor: Actor, table: Table, choices: Choices) -> set[str]:
    """The file's columns that hold, by their choice or by their looks, what the actor sees masked."""
    hidden = veiled(importable, actor)
    guesses = guess_mapping(table.header, table.sample(), importable.fields)
    chosen = {title for name, title in choices.columns.items() if name in hidden}
    return chosen | {table.header[guess.column] for name, guess in guesses.items() if name in hidden}


def sample(cell: Cell) -> str:
    """A cell, shortened."""
    text = " ".join(str(cell).split())
    return text if len(text) <= LONGEST_SAMPLE else text[: LONGEST_SAMPLE - 1] + "…"


@dataclass(frozen=True)
class Question:
    """A column that can be read in several ways, each shown by an example."""

    name: str
    label: str
    column: str
    answers: Sequence[tuple[str, str, str, str]]
    """Code, what it means, a cell as it stands, and how that would be read."""
    chosen: str


def questions_for(
    importable: Importable, choices: Choices, questions: Questions, before: Mapping[str, str]
) -> list[Question]:
    """The questions with their candidates; what was answered last time is chosen beforehand and still asked."""
    return [
        Question(
            name,
            label_of(importable.field(name)),
            choices.columns[name],
            [(format_code(c.format), _meaning(c.format), c.example, _reading(c.reading)) for c in asked.candidates],
            before.get(name, ""),
        )
        for name, asked in questions.items()
    ]


def _reading(value: Any) -> str:
    return str(_("%(seconds)s seconds", seconds=value)) if isinstance(value, int) else shown(value)


def _meaning(chosen: Any) -> str:
    if isinstance(chosen, DurationFormat):
        pairs = {Pair.MINUTES_SECONDS: _("minutes:seconds"), Pair.HOURS_MINUTES: _("hours:minutes")}
        units = {
            Unit.SECONDS: _("numbers are seconds"),
            Unit.MINUTES: _("numbers are minutes"),
            Unit.HOURS: _("numbers are hours"),
            Unit.DAYS: _("numbers are days"),
        }
        return f"{pairs[chosen.pair]} · {units[chosen.unit]}"
    orders = {"ymd": _("year, month, day"), "dmy": _("day, month, year"), "mdy": _("month, day, year")}
    text = str(orders[chosen.order])
    return str(_("%(order)s; the spreadsheet had exchanged day and month", order=text)) if chosen.swapped else text


def ask_options(session: Session, job: ImportJob, ask: Asked) -> list[Option]:
    """What may be answered to a question about something to be created; empty for a date."""
    if ask.entity is not None:
        return options(session, ask.entity, job.department_id)
    return [Option(each.value, str(each.label)) for each in ask.choices if isinstance(each, Labelled)]
