"""Tables on their way out: the rows that were refused, to mend, and csv that no spreadsheet takes for formulas."""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from engine.tabular.columns import NOTE_MARK
from engine.tabular.mark import Mark
from engine.tabular.problems import Cell, CellProblem
from engine.tabular.reading import Row
from engine.tabular.values import is_blank
from models.words import _

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORMULA_STARTS = frozenset(_FORMULA)
_HARMLESS = frozenset({int, float, Decimal, date, datetime, type(None)})
"""What the csv writer writes as `safe_cell` would."""
_KNOWN = _HARMLESS | {str}
_MOST_IN_CELL = 32_767
_MOST_IN_FOOTER = 220
_CHUNK_ROWS = 500
_EXACT = 10**15


def safe_cell(value: object) -> object:
    """A value for csv: text that a spreadsheet would take for a formula gets an apostrophe in front.

    Covers `= + - @`, their full-width forms, tab and line breaks at the start. Numbers stay numbers.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_chunks(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The csv as bytes, some hundred rows at a time: UTF-8 with its mark, so that Excel shows Chinese."""
    buffer = StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow([safe_cell(title) for title in header])
    remaining = iter(rows)
    while True:
        columns = zip(*islice(remaining, _CHUNK_ROWS), strict=True)
        writer.writerows(zip(*map(_safe_column, columns), strict=True))
        if not (written := _drained(buffer)):
            return
        yield written


def _safe_column(cells: Sequence[object]) -> Sequence[object]:
    # In most columns by far no cell needs a thing: that is told at once, without a call for each.
    kinds = set(map(type, cells))
    if kinds <= _HARMLESS:
        return cells
    if kinds <= _KNOWN and _FORMULA_STARTS.isdisjoint({cell[:1] for cell in set(cells) if type(cell) is str}):
        return cells
    return [safe_cell(cell) for cell in cells]


def _drained(buffer: StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def write_csv(
    target: Path | IO[bytes], header: Sequence[object], rows: Iterable[Sequence[object]], mark: Mark | None = None
) -> None:
    """Writes `csv_chunks` to a path or a binary stream, which stays open; a `mark` heads a column of its own."""
    header = [*header, mark.title] if mark else header
    if isinstance(target, Path):
        with target.open("wb") as stream:
            stream.writelines(csv_chunks(header, rows))
    else:
        target.writelines(csv_chunks(header, rows))


def write_xlsx(
    target: Path | IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Cell]], mark: Mark | None = None
) -> int:
    """Writes a table as a workbook, one row at a time, no text as a formula; returns how many rows.

    A `mark` heads a column of its own, stands at the foot of every printed page and in the file's properties.
    """
    with _open_sheet(target) as sheet:
        sheet.write_header([*header, mark.title] if mark else header)
        if mark:
            sheet.bear(mark)
        for row in rows:
            sheet.write_row(row)
    return sheet.written


def rows_to_xlsx(
    target: Path | IO[bytes],
    header: Sequence[str],
    rows: Iterable[Row],
    problems: Mapping[int, Sequence[CellProblem]],
) -> int:
    """Writes the rows that have problems, as they came, to mend and import again; returns how many.

    The file's own columns first and unchanged, then the row's number in the original file and the reasons in the
    reader's language. `problems` are by row number. Dates and times stay dates and times; text stays text, and no
    text becomes a formula even when it is edited. Rows are taken one at a time.
    """
    original = [title for title in header if not title.startswith(NOTE_MARK)]
    kept = [index for index, title in enumerate(header) if not title.startswith(NOTE_MARK)]
    notes = (NOTE_MARK + str(_("Row in the file")), NOTE_MARK + str(_("Why it was refused")))
    with _open_sheet(target) as sheet:
        sheet.write_header([*original, *notes])
        for row in rows:
            if row.number in problems:
                reasons = "\n".join(dict.fromkeys(_sentence(problem) for problem in problems[row.number]))
                sheet.write_row([*(row.cells[index] for index in kept), row.number, reasons])
    return sheet.written


def _sentence(problem: CellProblem) -> str:
    """A problem in one line: its column, the cell, the reason."""
    if is_blank(problem.value):
        return str(_("%(column)s: %(reason)s", column=problem.column, reason=str(problem.reason)))
    return str(
        _("%(column)s “%(value)s”: %(reason)s", column=problem.column, value=problem.value, reason=str(problem.reason))
    )


def set_mark(book: xlsxwriter.Workbook, sheets: Iterable[Any], mark: Mark) -> None:
    """Put a mark into a workbook's properties and at the foot of its sheets, where it is printed."""
    book.set_properties({"author": mark.taker, "subject": mark.purpose, "keywords": mark.number, "comments": mark.text})
    for sheet in sheets:
        sheet.set_footer(f"&L&8{mark.text.replace('&', '&&')[:_MOST_IN_FOOTER]}&R&8&P / &N")


@contextmanager
def _open_sheet(target: Path | IO[bytes]) -> "Iterator[_Sheet]":
    """A new workbook's sheet; the workbook is closed behind it, also when the rows fail to come."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options) as book:
        yield _Sheet(book)


class _Sheet:
    """A sheet that is written row by row and holds none of them in memory. `written` counts the rows."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._sheet = self._book.add_worksheet()
        self._bold = self._book.add_format({"bold": True})
        self._inert = self._book.add_format({"quote_prefix": True})
        self._formats = {
            datetime: self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            date: self._book.add_format({"num_format": "yyyy-mm-dd"}),
            time: self._book.add_format({"num_format": "hh:mm:ss"}),
            timedelta: self._book.add_format({"num_format": "[h]:mm:ss"}),
        }
        self.written = 0

    def write_header(self, titles: Sequence[str]) -> None:
        self._sheet.freeze_panes(1, 0)
        for column, title in enumerate(titles):
            self._sheet.write_string(0, column, title, self._bold)

    def bear(self, mark: Mark) -> None:
        set_mark(self._book, [self._sheet], mark)

    def write_row(self, cells: Sequence[Cell]) -> None:
        self.written += 1
        for column, cell in enumerate(cells):
            self._write(column, cell)

    def _write(self, column: int, cell: Cell) -> None:
        if is_blank(cell):
            return
        if isinstance(cell, bool):
            self._sheet.write_boolean(self.written, column, cell)
        elif isinstance(cell, int | float | Decimal) and math.isfinite(cell) and abs(float(cell)) < _EXACT:
            self._sheet.write_number(self.written, column, cell)
        elif isinstance(cell, date | time | timedelta) and _fits(cell):
            self._sheet.write_datetime(self.written, column, cell, self._formats[type(cell)])
        else:
            self._write_text(column, str(cell))

    def _write_text(self, column: int, text: str) -> None:
        style: Any = self._inert if text.startswith(_FORMULA) else None
        self._sheet.write_string(self.written, column, text[:_MOST_IN_CELL], style)


def _fits(cell: date | time | timedelta) -> bool:
    """Whether Excel can hold this as a date or time: not before 1900, no time zone."""
    if isinstance(cell, datetime | time) and cell.tzinfo is not None:
        return False
    return not isinstance(cell, date) or cell.year >= 1900  # noqa: PLR2004 - where Excel's calendar begins
