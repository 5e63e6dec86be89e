"""How large a rectangle a sheet would take in memory, found without parsing it.

The readers lay a sheet out as a full rectangle, so a value in A1 and one in XFD1048576 are seventeen thousand million
cells from a file of two kilobytes. What is refused here never reaches them.
"""

import re

from engine.tabular.limits import Limits
from engine.tabular.problems import FileRefused
from models.words import _

# A place is counted wherever it is written, so that no odd markup can hide one.
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)(\d{1,9})""")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
# A cell that has a format and no value takes no room.
_BLANK = re.compile(rb"""<c(?:\s+[\w:]+="[^"<>]*")*\s*(?:/>|></c>)""")
_LETTERS = 26
_TITLE_ROWS = 100  # titles and blank rows do not count as rows of the table; the reader counts those exactly


def check_extent(rows: int, columns: int, limits: Limits, *, others: int = 0) -> None:
    """Raises FileRefused when a sheet whose last value stands in this row and column is larger than the limits.

    `others` are the cells of the sheets that are laid out at the same time.
    """
    if columns > limits.columns:
        raise FileRefused(_("The sheet has more than %(most)s columns.", most=limits.columns))
    if rows > limits.rows + _TITLE_ROWS:
        raise too_many_rows(limits)
    if rows * columns + others > limits.cells:
        raise FileRefused(
            _(
                "The sheet spreads over more than %(most)s cells. Delete what stands far from the table.",
                most=limits.cells,
            )
        )


def too_many_rows(limits: Limits) -> FileRefused:
    """The refusal of a table with more rows than the limits allow."""
    return FileRefused(_("The table has more than %(most)s rows. Split it and import the parts.", most=limits.rows))


def check_xlsx_part(content: bytes, limits: Limits) -> None:
    """Raises FileRefused when this part of an xlsx file, read as a sheet, would be larger than the limits."""
    row, column, last_row, cells = _places(content)
    if _count(_CELL, content) > cells:
        # Cells without a place of their own follow the last place before them, blank ones included.
        fullest = max(_count(_CELL, part) for part in _ROW.split(content))
        check_extent(max(row, last_row) + _count(_ROW, content), column + fullest, limits)
        return
    try:
        check_extent(row, column, limits)
    except FileRefused:
        if not _BLANK.search(content):
            raise
        row, column, _last_row, _cells = _places(_BLANK.sub(b"", content))
        check_extent(row, column, limits)


def _places(content: bytes) -> tuple[int, int, int, int]:
    """The last row and column that a cell names, the last row that a row names, and how many cells name a place."""
    rows: dict[bool, int] = {True: 0, False: 0}
    columns: dict[bytes, int] = {}
    last_column = cells = 0
    for letters, digits in _PLACE.findall(content):
        if letters:
            cells += 1
            if letters not in columns:
                columns[letters] = _column_number(letters)
                last_column = max(last_column, columns[letters])
        rows[bool(letters)] = max(rows[bool(letters)], int(digits))
    return rows[True], last_column, rows[False], cells


def _count(pattern: re.Pattern[bytes], content: bytes) -> int:
    return sum(1 for _match in pattern.finditer(content))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:8]:
        number = number * _LETTERS + letter - ord("A") + 1
    return number
