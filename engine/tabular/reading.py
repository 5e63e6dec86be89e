"""Opening what another system exported: xlsx, xls, ods or delimited text, told apart by content (DAT-1)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from engine.tabular import compound
from engine.tabular.delimited import Delimited, read_delimited
from engine.tabular.extent import check_extent, too_many_rows
from engine.tabular.header import PROBE_ROWS, find_header, is_blank, unique_names
from engine.tabular.limits import MEGABYTE, Limits, Standing
from engine.tabular.problems import Cell, FileRefused
from engine.tabular.workbook import open_workbook
from models.words import _

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")

_Source = Callable[[], Iterator[tuple[int, Sequence[Cell]]]]


class Row(NamedTuple):
    """One row of the table: its number as the user sees it in the sheet, and one cell for each column."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """One sheet of a file as a table.

    `sheets`: all that can be chosen (one for text); `sheet`: the one read. `header`: a unique name for each column;
    `header_row`: its number in the sheet, None when the file names no columns. `row_count`: rows that hold anything.
    `overlong`: numbers of text rows with more cells than the header, whose cells may have shifted. `encoding` and
    `delimiter`: of a text file, else None.
    """

    sheets: tuple[str, ...]
    sheet: str
    header: tuple[str, ...]
    header_row: int | None
    row_count: int
    overlong: frozenset[int] = frozenset()
    encoding: str | None = None
    delimiter: str | None = None
    _source: _Source = field(default=lambda: iter(()), repr=False)

    def rows(self) -> Iterator[Row]:
        """The rows below the header in the file's order, blank ones left out, all as wide as the header."""
        width = len(self.header)
        for number, cells in _below(self._source(), self.header_row):
            short = width - len(cells)
            yield Row(number, (*cells[:width], *(None,) * short))

    def sample(self, count: int = 200) -> list[tuple[Cell, ...]]:
        """The cells of the first `count` rows, for guessing what the columns are."""
        return [row.cells for row in islice(self.rows(), count)]


def open_table(
    data: bytes | Path,
    filename: str,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    limits: Limits | None = None,
) -> Table:
    """The table in a file that a user handed in, as bytes or as a path.

    `filename` is the name it came with and is only shown. `sheet` chooses one sheet (default: the first with a
    table), `header_row` states the header's number where the guess is wrong. Without `limits`, those of the
    installation hold. Raises FileRefused.
    """
    limits = limits or Standing.limits
    content = _content(data, limits)
    if not content.strip():
        raise FileRefused(_("The file %(name)s is empty.", name=filename))
    if content.startswith((_ZIP, compound.SIGNATURE)):
        return _open_workbook(content, sheet, header_row, limits)
    if content.startswith(_OLD_EXCEL):
        raise FileRefused(_("The file comes from an Excel older than 1997. Save it as xlsx and try again."))
    text = read_delimited(content)
    return _open_text(text, filename, header_row, limits)


def _content(data: bytes | Path, limits: Limits) -> bytes:
    size = data.stat().st_size if isinstance(data, Path) else len(data)
    if size > limits.file_bytes:
        most = limits.file_bytes // MEGABYTE
        raise FileRefused(_("The file is larger than %(most)s MB. Split it and import the parts.", most=most))
    return data.read_bytes() if isinstance(data, Path) else data


def _open_workbook(content: bytes, name: str | None, header_row: int | None, limits: Limits) -> Table:
    book = open_workbook(content, limits, zipped=content.startswith(_ZIP))
    names = (name,) if name is not None else book.sheets
    for candidate in names:
        sheet = book.open(candidate)
        if name is not None or candidate == names[-1] or not is_blank(c for _n, row in sheet.rows() for c in row):
            found = _lay_out(sheet.rows, header_row, limits, first_column=sheet.first_column)
            return Table(book.sheets, candidate, found.header, found.header_row, found.row_count, _source=sheet.rows)
    raise FileRefused(_("The file holds no sheet with cells."))


def _open_text(text: Delimited, filename: str, header_row: int | None, limits: Limits) -> Table:
    def source() -> Iterator[tuple[int, Sequence[Cell]]]:
        for number, row in text.rows():
            yield number, [cell or None for cell in row]

    found = _lay_out(source, header_row, limits, first_column=0)
    return Table(
        (filename,),
        filename,
        found.header,
        found.header_row,
        found.row_count,
        found.overlong,
        encoding=text.encoding,
        delimiter=text.delimiter,
        _source=source,
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    header: tuple[str, ...]
    header_row: int | None
    row_count: int
    overlong: frozenset[int]


def _lay_out(source: _Source, header_row: int | None, limits: Limits, *, first_column: int) -> _Layout:
    """What the sheet's rows make of a table. Raises FileRefused when it has none, or too many."""
    at = header_row if header_row is not None else _guess_header(source)
    names: Sequence[Cell] = ()
    if at is not None:
        names = next((cells for number, cells in source() if number == at), ())
    named = _filled_width(names)
    count, width, overlong = _measure(_below(source(), at), named, limits)
    check_extent(count, width, limits)
    return _Layout(unique_names(names, width, first_column), at, count, overlong)


def _measure(rows: Iterator[tuple[int, Sequence[Cell]]], named: int, limits: Limits) -> tuple[int, int, frozenset[int]]:
    """How many rows there are, how wide the widest is, and which are wider than the `named` columns."""
    count, width, overlong = 0, named, set()
    for number, cells in rows:
        count += 1
        filled = _filled_width(cells)
        if named and filled > named:
            overlong.add(number)
        width = max(width, filled)
        if count > limits.rows:
            raise too_many_rows(limits)
    if not count:
        raise FileRefused(_("The sheet holds no rows below its column names."))
    return count, width, frozenset(overlong)


def _guess_header(source: _Source) -> int | None:
    probe = [(number, cells) for number, cells in islice(source(), PROBE_ROWS) if not is_blank(cells)]
    index = find_header([cells for _number, cells in probe])
    return probe[index][0] if index is not None else None


def _below(rows: Iterator[tuple[int, Sequence[Cell]]], header_row: int | None) -> Iterator[tuple[int, Sequence[Cell]]]:
    for number, cells in rows:
        if (header_row is None or number > header_row) and not is_blank(cells):
            yield number, cells


def _filled_width(cells: Sequence[Cell]) -> int:
    width = len(cells)
    while width and is_blank(cells[width - 1 : width]):
        width -= 1
    return width
