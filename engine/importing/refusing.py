"""Rows that were not taken and why: reasons in no language until somebody reads them, cells as they stood."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel.speaklater import LazyString

from engine.errors import Violation
from engine.tabular.problems import At, Cell, CellProblem
from engine.tabular.reading import Row
from models.import_job import ImportRefusal
from models.words import Words


@dataclass(frozen=True)
class Reason:
    """Why a row was not taken: the sentence as `stored`, the column's title and the clause where there are any."""

    words: Any
    column: str = ""
    clause: str = ""

    @property
    def text(self) -> str:
        """The sentence in the reader's language, with its clause."""
        text = told(self.words)
        return f"{text} ({self.clause})" if self.clause else text

    def stored(self) -> dict[str, Any]:
        """As the refusal keeps it."""
        return {"words": self.words, "column": self.column, "clause": self.clause}


def because(words: Words, column: str = "", clause: str = "") -> Reason:
    """A reason of the importer's own."""
    return Reason(stored(words), column, clause)


def of_problem(problem: CellProblem) -> Reason:
    """What is wrong with a cell; the cell's own text stays out, it may be a customer's."""
    return Reason(stored(problem.reason), problem.column)


def of_violation(broken: Violation, titles: Mapping[str, str]) -> Reason:
    """A broken clause. `titles` are the file's columns by field."""
    words = stored(broken.sentence)
    if broken.values and isinstance(words, dict):
        words = {**words, "values": {**words.get("values", {}), **stored(dict(broken.values))}}
    return Reason(words, titles.get(broken.field or "", ""), broken.clause)


def stored(words: Any) -> Any:  # noqa: ANN401 values of any kind pass through here
    """Words in JSON: the message and what stands in it, so that each reader gets them in their own language."""
    if isinstance(words, LazyString):
        message, *_more = words._args  # noqa: SLF001 the words are kept unread on purpose
        return {"message": message, "values": stored(words._kwargs)}  # noqa: SLF001 the words are kept unread on purpose
    if isinstance(words, Mapping):
        return {str(key): stored(value) for key, value in words.items()}
    if isinstance(words, list | tuple):
        return [stored(each) for each in words]
    return words if isinstance(words, bool | int | str | type(None)) else str(words)


def told(words: Any) -> str:  # noqa: ANN401 values of any kind pass through here
    """The same in the language of whoever reads it now."""
    if isinstance(words, Mapping):
        values = {name: told(value) for name, value in words.get("values", {}).items()}
        sentence = words["message"]
        text = str(gettext(sentence))
        return text % values if values else text
    return ", ".join(map(told, words)) if isinstance(words, list) else str(words)


def reasons_of(refusal: ImportRefusal) -> list[Reason]:
    """A refusal's reasons, read back."""
    return [Reason(each["words"], each["column"], each["clause"]) for each in refusal.reasons]


def refusal(job_id: int, row: Row, reasons: Sequence[Reason], *, dry: bool) -> ImportRefusal:
    """The row to be kept."""
    return ImportRefusal(
        job_id=job_id,
        row_number=row.number,
        dry=dry,
        cells=dump(row.cells),
        reasons=[each.stored() for each in reasons],
    )


def problems_of(refusal_: ImportRefusal) -> list[CellProblem]:
    """The reasons as the file to mend shows them."""
    return [CellProblem(At(reason.column, refusal_.row_number), None, reason.text) for reason in reasons_of(refusal_)]


def dump(cells: Sequence[Cell]) -> str:
    """Cells as text that keeps their types."""
    return json.dumps([_dumped(cell) for cell in cells], ensure_ascii=False)


def load(text: str) -> tuple[Cell, ...]:
    """The cells again."""
    return tuple(_loaded(each) for each in json.loads(text))


def _dumped(cell: Cell) -> Any:  # noqa: ANN401 values of any kind pass through here
    match cell:
        case datetime() | date() | time():
            return {type(cell).__name__: cell.isoformat()}
        case timedelta():
            return {"timedelta": cell.total_seconds()}
        case Decimal():
            return {"Decimal": str(cell)}
    return cell


_READ: Mapping[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
    "Decimal": Decimal,
}


def _loaded(value: Any) -> Cell:  # noqa: ANN401 values of any kind pass through here
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        found: Cell = _READ[kind](text)
        return found
    plain: Cell = value
    return plain
