"""The old binary xls. Its records are walked, not read: enough to know what the reader would lay out in memory."""

import struct
from collections.abc import Iterator

from engine.tabular.compound import CompoundFile, damaged
from engine.tabular.extent import check_extent
from engine.tabular.limits import Limits
from engine.tabular.problems import FileRefused
from models.words import _

_SHEET, _STRINGS, _DIMENSIONS, _END, _MANY_NUMBERS, _LOCKED = 0x85, 0xFC, 0x200, 0x0A, 0xBD, 0x2F
_VALUES = frozenset({0x06, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x206, 0x207, 0x27E, 0x406, _MANY_NUMBERS})
_SMALLEST_STRING = 3
_MOST_RECORDS = 3_000_000


def check_xls(data: bytes, limits: Limits) -> None:
    """Raises FileRefused when this is no workbook, is damaged or locked, or its sheets are larger than the limits."""
    file = CompoundFile(data)
    if "EncryptedPackage" in file.streams:
        raise _locked()
    name = next((name for name in ("Workbook", "Book", "WORKBOOK", "BOOK") if name in file.streams), None)
    if name is None:
        raise FileRefused(_("The file is no Excel workbook. Save the table as xlsx or csv and try again."))
    stream = file.read(name)
    try:
        _check_sheets(stream, limits)
    except struct.error as error:
        raise damaged() from error


def _locked() -> FileRefused:
    return FileRefused(_("The file is protected by a password. Save it without one and try again."))


def _check_sheets(stream: bytes, limits: Limits) -> None:
    others = records = 0
    for place in _sheet_places(stream):
        rows = columns = 0
        for kind, start, size in _records(stream, place):
            last_row, last_column = _reach(stream, kind, start, size)
            rows, columns, records = max(rows, last_row), max(columns, last_column), records + 1
            if records > _MOST_RECORDS:
                raise damaged()
        check_extent(rows, columns, limits, others=others)
        others += rows * columns


def _sheet_places(stream: bytes) -> list[int]:
    places = set()
    for kind, start, _size in _records(stream, 0):
        if kind == _LOCKED:
            raise _locked()
        if kind == _SHEET:
            places.add(struct.unpack_from("<I", stream, start)[0])
        if kind == _STRINGS and struct.unpack_from("<I", stream, start + 4)[0] * _SMALLEST_STRING > len(stream):
            raise damaged()
    return sorted(places)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, start and size of each record from here to the end of its sheet."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, size
        if kind == _END:
            return
        at += 4 + size


def _reach(stream: bytes, kind: int, start: int, size: int) -> tuple[int, int]:
    """The row and column, counted from 1, up to which this record makes the sheet grow."""
    if kind == _MANY_NUMBERS:
        row, last = struct.unpack_from("<H", stream, start)[0], struct.unpack_from("<H", stream, start + size - 2)[0]
        return row + 1, last + 1
    if kind in _VALUES:
        row, column = struct.unpack_from("<HH", stream, start)
        return row + 1, column + 1
    if kind == _DIMENSIONS:
        return _declared(stream, start, size)
    return 0, 0


def _declared(stream: bytes, start: int, size: int) -> tuple[int, int]:
    wide = size >= 14  # noqa: PLR2004 - from BIFF8 on, rows are counted in four bytes
    first_row, last_row, first, last = struct.unpack_from("<IIHH" if wide else "<HHHH", stream, start)
    if first_row > last_row or first > last:
        raise damaged()
    return last_row - first_row, last - first
