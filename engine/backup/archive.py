"""What stands in a backup, in which order: one stream, written once and read once, whatever its size.

Inside the seal lies a gzip stream of lines of JSON. An object begins or ends a part, an array is a row:

    {"made_at": …, "database": "sqlite", "revisions": ["0007"], "program": "0.1.0"}
    {"file": "attachments/3f…", "size": 1234}          then so many bytes, and a line's end
    {"table": "staff", "columns": [["id", "whole"], …]}
    [1, …]
    {"rows": 1, "digest": "…", "next": 2}
    {"tables": 62, "rows": 10934, "files": 3, "missing": 0, "keys": {"field_keys.json k1": "…", …}}
"""

import gzip
import io
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from engine.backup.errors import DamagedError
from engine.backup.keys import BackupKeys
from engine.backup.sealing import DAMAGED, SealedReader, SealedWriter
from engine.backup.tables import Adding, Sum

COMPRESSION = 1
"""Rows shrink to a quarter already; more would take the time of several backups."""
BUFFER = 64 * 1024
ROW = b"["


@dataclass(frozen=True)
class Head:
    """When and of what the backup was made. `revisions` are the migrations that the database had."""

    made_at: str
    database: str
    revisions: Sequence[str]
    program: str


@dataclass(frozen=True)
class Tail:
    """How much there is, how many files were gone when they were read, and the marks of the keys that are needed."""

    tables: int
    rows: int
    files: int
    missing: int
    keys: Mapping[str, str]


@dataclass
class FilePart:
    """A file: read `content` before the next part is asked for."""

    name: str
    size: int
    content: IO[bytes]


@dataclass
class TablePart:
    """A table: go through `rows` before the next part is asked for; then `sum` and `next` are known."""

    name: str
    columns: Sequence[tuple[str, str]]
    rows: Iterator[list[Any]] = field(repr=False)
    sum: Sum | None = None
    next: int | None = None


Part = Head | FilePart | TablePart | Tail


class ArchiveWriter:
    """Writes the parts in their order."""

    def __init__(self, out: IO[bytes], keys: BackupKeys) -> None:
        """`out` takes the file from its first byte; the caller closes it."""
        self._sealed = SealedWriter(out, keys)
        self._gzip = gzip.GzipFile(fileobj=self._sealed, mode="wb", compresslevel=COMPRESSION, mtime=0)

    def head(self, head: Head) -> None:
        """The first part."""
        self._line(asdict(head))

    def file(self, name: str, size: int, content: IO[bytes]) -> None:
        """One file. Raises OSError when there are fewer bytes than `size`."""
        self._line({"file": name, "size": size})
        before = self._gzip.tell()
        shutil.copyfileobj(content, self._gzip)
        if self._gzip.tell() - before != size:
            msg = f"{name} changed while it was read"
            raise OSError(msg)
        self._gzip.write(b"\n")

    def table(
        self, name: str, columns: Sequence[tuple[str, str]], lines: Iterator[bytes], following: int | None
    ) -> Sum:
        """One table with all its rows; answers their sum."""
        self._line({"table": name, "columns": columns})
        adding, several = Adding(), bytearray()
        for line in lines:
            adding.add(line)
            several += line + b"\n"
            if len(several) > BUFFER:
                self._gzip.write(several)
                several.clear()
        self._gzip.write(several)
        self._line({**asdict(adding.sum), "next": following})
        return adding.sum

    def close(self, tail: Tail) -> None:
        """The last part; the file is complete."""
        self._line(asdict(tail))
        self._gzip.close()
        self._sealed.close()

    def _line(self, said: Mapping[str, Any]) -> None:
        self._gzip.write(json.dumps(said, ensure_ascii=False).encode() + b"\n")


class ArchiveReader:
    """Reads the parts in their order. Raises WrongKeyError and DamagedError."""

    def __init__(self, source: IO[bytes], keys: BackupKeys) -> None:
        """`source` stands at the file's first byte; the caller closes it."""
        self._sealed = SealedReader(source, keys)
        self._gzip = gzip.GzipFile(fileobj=io.BufferedReader(self._sealed), mode="rb")
        self._lines = io.BufferedReader(self._gzip, 1 << 20)

    def parts(self) -> Iterator[Part]:
        """Head, files, tables, tail; then nothing may follow."""
        yield Head(**self._said())
        while "tables" not in (said := self._said()):
            if "file" in said:
                yield from self._file(said["file"], said["size"])
            else:
                yield from self._table(said["table"], said["columns"])
        yield Tail(**said)
        if self._lines.read(1):
            raise DamagedError(DAMAGED)

    def _file(self, name: str, size: int) -> Iterator[FilePart]:
        content = _Limited(self._lines, size)
        yield FilePart(name, size, io.BufferedReader(content))
        content.skip()
        if self._lines.read(1) != b"\n":
            raise DamagedError(DAMAGED)

    def _table(self, name: str, columns: Sequence[tuple[str, str]]) -> Iterator[TablePart]:
        adding = Adding()
        part = TablePart(name, [(column, kind) for column, kind in columns], iter(()))
        part.rows = self._rows(part, adding)
        yield part
        for _unread in part.rows:
            pass
        if part.sum != adding.sum:
            raise DamagedError(DAMAGED)

    def _rows(self, part: TablePart, adding: Adding) -> Iterator[list[Any]]:
        while (line := self._line()).startswith(ROW):
            row = line[:-1]
            adding.add(row)
            yield json.loads(row)
        end = json.loads(line)
        part.sum, part.next = Sum(end["rows"], end["digest"]), end["next"]

    def _said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self._line())
        return said

    def _line(self) -> bytes:
        line = self._lines.readline()
        if not line.endswith(b"\n"):
            raise DamagedError(DAMAGED)
        return line


class _Limited(io.RawIOBase):
    """The next so many bytes of a stream."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        super().__init__()
        self._stream, self._left = stream, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # the buffer protocol has no name before Python 3.12
        content = self._stream.read(min(len(buffer), self._left))
        buffer[: len(content)] = content
        self._left -= len(content)
        return len(content)

    def skip(self) -> None:
        """Past what nobody read."""
        while self._left and (content := self._stream.read(min(1 << 20, self._left))):
            self._left -= len(content)
