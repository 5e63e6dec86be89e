"""A row of a file as values of fields, with everything that is wrong with it at once (DAT-1)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import partial
from typing import Any

from engine.tabular.ambiguity import Ambiguous
from engine.tabular.columns import Field, Kind
from engine.tabular.dates import DateFormat, detect_date_format, parse_date, parse_datetime
from engine.tabular.durations import DurationFormat, detect_duration_format, parse_duration
from engine.tabular.problems import At, Cell, CellProblem
from engine.tabular.reading import Row
from engine.tabular.times import parse_time
from engine.tabular.values import is_blank, parse_decimal, parse_integer, parse_rating, parse_text, parse_yes_no
from models.words import _

Parser = Callable[[Cell, At], Any]
ColumnFormat = DateFormat | DurationFormat
REMEMBERED = 4096
"""Different cells of a column whose readings are kept: dates, lengths of time, yes and no come again and again."""


@dataclass(frozen=True, slots=True)
class Column:
    """How one field is read: from which column (`index`, under `title`) and by which parser."""

    field: Field
    index: int
    title: str
    parse: Parser
    known: dict[str, Any] = attribute(default_factory=dict, compare=False, repr=False)

    def value(self, cell: Cell, at: At) -> Any:  # noqa: ANN401 whatever the field's kind holds
        """The cell as the field's value. Raises CellProblem."""
        if type(cell) is not str or self.field.kind is Kind.TEXT:
            return self.parse(cell, at)
        if cell not in self.known:
            read = self.parse(cell, at)
            if len(self.known) >= REMEMBERED:
                return read
            self.known[cell] = read
        return self.known[cell]


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """What one row says: `values` by field (None: blank or refused), and every problem with it."""

    row: Row
    values: Mapping[str, Any]
    problems: tuple[CellProblem, ...]


def detect_format(field: Field, cells: Sequence[Cell], title: str = "") -> ColumnFormat | Ambiguous[Any, Any] | None:
    """The format that a column's cells decide, the candidates to ask about, or None where the kind needs none."""
    if field.kind in {Kind.DATE, Kind.DATETIME}:
        return detect_date_format(cells)
    if field.kind == Kind.DURATION:
        return detect_duration_format(cells, title)
    return None


def parser_for(field: Field, chosen: ColumnFormat | None = None, *, lowest: int = 1, highest: int = 5) -> Parser:
    """The parser of a field's cells; `chosen` as `detect_format` or the user decided, bounds for ratings.

    Raises TypeError when a date or a length of time comes without its format.
    """
    if field.kind in {Kind.DATE, Kind.DATETIME}:
        return _dated(parse_date if field.kind == Kind.DATE else parse_datetime, chosen)
    if field.kind == Kind.DURATION:
        if not isinstance(chosen, DurationFormat):
            raise TypeError(field.name)
        return lambda cell, at: parse_duration(cell, chosen, at)
    if field.kind == Kind.RATING:
        return partial(parse_rating, lowest=lowest, highest=highest)
    return _PLAIN[field.kind]


def _dated(parse: Callable[[Cell, DateFormat, At], Any], chosen: ColumnFormat | None) -> Parser:
    if not isinstance(chosen, DateFormat):
        raise TypeError(chosen)
    return lambda cell, at: parse(cell, chosen, at)


_PLAIN: dict[Kind, Parser] = {
    Kind.TEXT: parse_text,
    Kind.INTEGER: parse_integer,
    Kind.DECIMAL: parse_decimal,
    Kind.YES_NO: parse_yes_no,
    Kind.TIME: parse_time,
}


def parse_row(row: Row, columns: Sequence[Column]) -> ParsedRow:
    """Every field of a row, and every problem: no cell's failure hides another's."""
    values: dict[str, Any] = {}
    problems: list[CellProblem] = []
    for column in columns:
        cell, at = row.cells[column.index], At(column.title, row.number)
        try:
            values[column.field.name] = column.value(cell, at)
        except CellProblem as problem:
            values[column.field.name] = None
            problems.append(problem)
        if column.field.required and is_blank(cell):
            problems.append(CellProblem(at, cell, _("This must not be blank.")))
    return ParsedRow(row, values, tuple(problems))
