"""The small file system inside a binary office file, read as far as finding one stream takes."""

import struct
from dataclasses import dataclass

from engine.tabular.problems import FileRefused
from models.words import _

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # this number and those above it mark ends, free sectors and tables
_IN_HEADER = 109
_ENTRY = 128
_MINI_SECTOR = 64
_ROOT = 5
_SHIFTS = (9, 12)


def damaged() -> FileRefused:
    """The refusal of a binary file whose parts do not fit together."""
    return FileRefused(_("The file is damaged: it is no complete Excel workbook."))


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int
    first: int
    size: int


class CompoundFile:
    """`streams` names what the file holds; `read` gives one. Raises FileRefused for a file that contradicts itself."""

    def __init__(self, data: bytes) -> None:
        try:
            self._open(data)
        except struct.error as error:
            raise damaged() from error

    def _open(self, data: bytes) -> None:
        self._data = data
        (shift,) = struct.unpack_from("<H", data, 30)
        if shift not in _SHIFTS:
            raise damaged()
        self._sector = 1 << shift
        self._count = len(data) // self._sector
        tables, directory, self._cutoff, mini_first, minis, more_first, more = struct.unpack_from(
            "<II4xIIIII", data, 44
        )
        if max(tables, minis, more) > self._count:
            raise damaged()
        self._table = self._read_table(struct.unpack_from(f"<{_IN_HEADER}I", data, 76), more_first)
        self._entries = self._read_entries(self._chain(directory))
        self._mini_table = _numbers(self._chain(mini_first)) if minis else ()
        self.streams = {entry.name: entry for entry in self._entries}

    def _read_table(self, places: tuple[int, ...], more: int) -> tuple[int, ...]:
        all_places = list(places)
        while more < _END and len(all_places) <= self._count:
            numbers = _numbers(self._at(more))
            all_places += numbers[:-1]
            more = numbers[-1]
        return _numbers(b"".join(self._at(place) for place in all_places[: self._count] if place < _END))

    def _at(self, number: int) -> bytes:
        start = (number + 1) * self._sector
        if start >= len(self._data):
            raise damaged()
        return self._data[start : start + self._sector]

    def _chain(self, first: int) -> bytes:
        return b"".join(self._at(number) for number in _follow(self._table, first))

    def _read_entries(self, directory: bytes) -> list[_Entry]:
        entries = [_entry(directory[at : at + _ENTRY]) for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
        if not entries or any(entry.size > len(self._data) for entry in entries):
            raise damaged()
        return entries

    def read(self, name: str) -> bytes:
        """The contents of one stream of `streams`."""
        entry = self.streams[name]
        if entry.size >= self._cutoff or entry.kind == _ROOT:
            return self._chain(entry.first)[: entry.size]
        store = self._chain(self._entries[0].first)
        numbers = _follow(self._mini_table, entry.first)
        return b"".join(store[at * _MINI_SECTOR : (at + 1) * _MINI_SECTOR] for at in numbers)[: entry.size]


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack_from(f"<{len(data) // 4}I", data)


def _follow(table: tuple[int, ...], number: int) -> list[int]:
    chain: list[int] = []
    while number < _END:
        if number >= len(table) or len(chain) > len(table):
            raise damaged()
        chain.append(number)
        number = table[number]
    return chain


def _entry(data: bytes) -> _Entry:
    length, kind = struct.unpack_from("<HB", data, 64)
    first, size = struct.unpack_from("<II", data, 116)
    name = data[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    empty = kind == 0
    return _Entry(name, kind, _END if empty else first, 0 if empty else size)
