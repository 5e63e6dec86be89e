"""The rows of a stored file by position, read on from where the last batch ended; which of them repeat a key."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice

from engine.importing import files
from engine.importing.choices import Choices
from engine.tabular.problems import Cell
from engine.tabular.reading import Row, Table, open_table
from engine.tabular.text import plain
from engine.tabular.values import is_blank
from models.import_job import ImportJob

BITS_A_ROW = 32


class Source:
    """A file that is open for reading row by row. Positions count the rows of the table from 0."""

    def __init__(self, table: Table) -> None:
        """Begin before the first row."""
        self.table = table
        self._rows: Iterator[Row] = table.rows()
        self._at = 0
        self._levels: list[list[Row]] = []

    def arrange(self, levels: Sequence[Sequence[int]]) -> None:
        """Hand the rows out level by level, each given by places in the file; they are kept in memory for that."""
        rows = list(self.table.rows())
        self._levels = [[rows[position] for position in level] for level in levels]

    def rows(self, start: int, count: int) -> list[Row]:
        """Up to `count` rows from position `start`, of one level; going back costs a new reading."""
        for level in self._levels:
            if start < len(level):
                return level[start : start + count]
            start -= len(level)
        if self._levels:
            return []
        if start < self._at:
            self._rows, self._at = self.table.rows(), 0
        next(islice(self._rows, start - self._at, start - self._at), None)
        found = list(islice(self._rows, count))
        self._at = start + len(found)
        return found


def open_source(job: ImportJob) -> Source:
    """The job's file with its sheet and header as chosen. Raises FileRefused."""
    return Source(open_job_table(job))


def open_job_table(job: ImportJob) -> Table:
    """The job's table. Raises FileRefused when the file is gone or cannot be read."""
    header_row = Choices.of(job.choices).header_row
    return open_table(files.path_of(job.stored_name), job.filename, sheet=job.sheet, header_row=header_row)


class Repeats:
    """Rows that bring a key which an earlier row of the same file has brought already.

    Four bytes a row tell which keys may have come before; those few, and no others, are looked at once more.
    """

    def __init__(self, table: Table, keys: list[int], compared: list[int]) -> None:
        """`keys` and `compared` are column indexes; a row without the first of its keys repeats none."""
        self._keys, self._compared = keys, compared
        again = set(self._perhaps_again(table))
        self._first: dict[bytes, tuple[int, bytes]] = {}
        for row in table.rows() if again else ():
            mark = self._mark(row)
            if mark in again and mark is not None:
                self._first.setdefault(mark, (row.number, self._content(row)))

    def _perhaps_again(self, table: Table) -> Iterator[bytes]:
        """The keys whose place in a table of bits was taken already: by themselves, or now and then by another."""
        places = BITS_A_ROW * (table.row_count + 1)
        taken = bytearray(places // 8 + 1)
        for row in table.rows():
            mark = self._mark(row)
            if mark is not None:
                byte, bit = divmod(int.from_bytes(mark, "big") % places, 8)
                if taken[byte] & 1 << bit:
                    yield mark
                taken[byte] |= 1 << bit

    def before(self, row: Row) -> tuple[int, bool] | None:
        """The number of the first row with the same key and whether it says the same; None for that row itself."""
        mark = self._mark(row)
        first = self._first.get(mark) if mark is not None else None
        if first is None or first[0] >= row.number:
            return None
        return first[0], first[1] == self._content(row)

    def _mark(self, row: Row) -> bytes | None:
        cells = [row.cells[index] for index in self._keys]
        return None if is_blank(cells[0]) else _digest("\x1f".join(map(key_text, cells)))

    def _content(self, row: Row) -> bytes:
        return _digest("\x1f".join(repr(row.cells[index]) for index in self._compared))


def key_text(cell: Cell) -> str:
    """The key as text, spaced and written as its field will read it; case counts."""
    return " ".join(str(cell).split())


def name_text(cell: Cell) -> str:
    """A name in a cell as names are compared: width, case and spacing do not matter."""
    return plain(str(cell))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()
