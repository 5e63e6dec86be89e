"""Where a table begins: which row names its columns, and names that are there and unique."""

import re
from collections.abc import Iterable, Sequence
from statistics import median_high

from engine.tabular.problems import Cell

PROBE_ROWS = 50
_LETTERS = 26
_FULL = 0.8
_HALF = 0.5
_LOOKS_LIKE_VALUE = re.compile(r"[\d\s.,:/+\-%年月日时分秒]+")


def is_blank(cells: Iterable[Cell]) -> bool:
    """Whether a row holds nothing but blank cells."""
    return all(_is_empty(cell) for cell in cells)


def _is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def find_header(rows: Sequence[Sequence[Cell]]) -> int | None:
    """The index of the row that names the columns, of the first rows of a sheet; None when there is none.

    Titles and notes above it fill few of the table's columns; the header fills nearly all, with words rather than
    numbers or dates. A first full row of values means that the file has no header: it is data and is kept as such.
    """
    filled = [sum(not _is_empty(cell) for cell in row) for row in rows]
    usual = median_high([count for count in filled if count] or [0])
    for share in (_FULL, _HALF):
        for index, row in enumerate(rows[:-1] or rows):  # the last row has nothing below it to name
            if filled[index] and filled[index] >= usual * share:
                if _names_columns(row):
                    return index
                if share == _FULL:
                    break
    return None


def _names_columns(row: Sequence[Cell]) -> bool:
    cells = [cell for cell in row if not _is_empty(cell)]
    words = [cell for cell in cells if isinstance(cell, str) and not _LOOKS_LIKE_VALUE.fullmatch(cell)]
    return len(words) > len(cells) / 2


def column_letters(index: int) -> str:
    """The letters over a column in a spreadsheet; `index` counts from 0."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, _LETTERS)
        letters = chr(ord("A") + letter) + letters
    return letters


def unique_names(cells: Sequence[Cell], width: int, first_column: int = 0) -> tuple[str, ...]:
    """A name for each of `width` columns: the header's, the column's letters where it has none, `(2)` where it repeats.

    `first_column` is where in the sheet the table's first column stands, counted from 0.
    """
    names: list[str] = []
    taken: set[str] = set()
    for index in range(width):
        cell = cells[index] if index < len(cells) else None
        base = " ".join(str(cell).split()) if not _is_empty(cell) else column_letters(first_column + index)
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base} ({count})"
        taken.add(name)
        names.append(name)
    return tuple(names)
