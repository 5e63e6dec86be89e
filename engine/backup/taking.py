"""Taking a backup: one moment of the database and its files, in one file, whole or not at all."""

import errno
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from engine import clock
from engine.backup import files, keys, tables
from engine.backup.archive import ArchiveReader, ArchiveWriter, FilePart, Head, TablePart, Tail
from engine.backup.connecting import snapshot
from engine.backup.errors import BackupError, DamagedError, NotNowError
from engine.backup.keys import BackupKeys
from engine.backup.sealing import DAMAGED
from engine.backup.tables import Sum
from engine.secret_files import Secrets
from models.words import _

SUFFIX = ".backup"
STAMP = "%Y%m%dT%H%M%SZ"
ABANDONED = 6 * 3600
"""Seconds after which an unfinished file is nobody's any more."""

Progress = Callable[[str, int], None]
"""Hears of each table that is done, or `files`, with its rows."""


@dataclass(frozen=True)
class Contents:
    """What a backup holds."""

    head: Head
    tail: Tail
    sums: dict[str, Sum] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """A backup on the disk."""

    path: Path
    size: int
    seconds: float
    contents: Contents


@dataclass(frozen=True)
class Place:
    """The installation that is backed up: its database, its folder with files, its keys' marks."""

    url: str
    instance_dir: Path
    secrets: Secrets


def silent(_what: str, _rows: int) -> None:
    """Says nothing."""


def take(place: Place, folder: Path, sealed_by: BackupKeys, label: str, progress: Progress = silent) -> Taken:
    """Write a backup into `folder` (made 0700) and read it back whole before it gets its name, which ends in `label`.

    Raises BackupError; what was there before stays, and nothing unfinished is left.
    """
    began = time.monotonic()
    with _disk():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget_abandoned(folder)
        now = clock.now()
        path = folder / f"dutybook-{now.strftime(STAMP)}-{label}-{secrets.token_hex(2)}{SUFFIX}"
        with _beside(path) as out:
            sums = _write(place, ArchiveWriter(out, sealed_by), now, progress)
            out.flush()
            out.seek(0)
            contents = _read(out, sealed_by)
            if contents.sums != sums:
                raise DamagedError(DAMAGED)
    return Taken(path, path.stat().st_size, time.monotonic() - began, contents)


def check(path: Path, opened_by: BackupKeys) -> Contents:
    """Read a backup from its first byte to its last. Raises WrongKeyError, DamagedError; says what is in it."""
    try:
        with path.open("rb") as file:
            return _read(file, opened_by)
    except OSError as error:
        raise BackupError(
            _("The backup %(path)s cannot be read: %(reason)s.", path=path, reason=error.strerror)
        ) from error


def _read(file: IO[bytes], opened_by: BackupKeys) -> Contents:
    sums: dict[str, Sum] = {}
    head = tail = None
    for part in parts_of(file, opened_by):
        if isinstance(part, Head):
            head = part
        elif isinstance(part, Tail):
            tail = part
        elif isinstance(part, TablePart):
            for _row in part.rows:
                pass
            if part.sum is not None:
                sums[part.name] = part.sum
    if head is None or tail is None or len(sums) != tail.tables:
        raise DamagedError(DAMAGED)
    return Contents(head, tail, sums)


def parts_of(file: IO[bytes], opened_by: BackupKeys) -> Iterator[Head | FilePart | TablePart | Tail]:
    """The parts of a backup. What cannot be understood was not written by us, or is damaged."""
    try:
        yield from ArchiveReader(file, opened_by).parts()
    except (ValueError, KeyError, TypeError, EOFError) as error:
        raise DamagedError(DAMAGED) from error


def _write(place: Place, archive: ArchiveWriter, now: datetime, progress: Progress) -> dict[str, Sum]:
    with ExitStack() as stack:
        holding = stack.enter_context(files.held(place.instance_dir))
        connection = stack.enter_context(snapshot(place.url))
        heads = MigrationContext.configure(connection).get_current_heads()
        archive.head(Head(now.isoformat(), connection.dialect.name, sorted(heads), program_version()))
        kept, missing = _write_files(connection, place, holding, archive)
        progress("files", kept)
        sums = _write_tables(connection, archive, progress)
    rows = sum(each.rows for each in sums.values())
    archive.close(Tail(len(sums), rows, kept, missing, keys.marks(place.secrets)))
    return sums


def _write_files(connection: Connection, place: Place, holding: Path, archive: ArchiveWriter) -> tuple[int, int]:
    kept = missing = 0
    for name, path in files.named(connection, place.instance_dir, holding):
        if path is None:
            missing += 1
            continue
        with path.open("rb") as content:
            archive.file(name, os.fstat(content.fileno()).st_size, content)
        kept += 1
    return kept, missing


def _write_tables(connection: Connection, archive: ArchiveWriter, progress: Progress) -> dict[str, Sum]:
    sums = {}
    for source in tables.sources(connection):
        following = tables.next_number(connection, source.name)
        columns = [(name, kind.name) for name, kind in source.columns]
        sums[source.name] = archive.table(source.name, columns, source.lines(connection), following)
        progress(source.name, sums[source.name].rows)
    return sums


@contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    """A file for its owner alone that gets its name when all of it is safely on the disk, and else goes."""
    unfinished = path.with_name(f".{path.name}{files.UNFINISHED}")
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
            os.fsync(file.fileno())
        unfinished.rename(path)
        _sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget_abandoned(folder: Path) -> None:
    """What a killed backup left unfinished."""
    for left in folder.glob(f".dutybook-*{SUFFIX}{files.UNFINISHED}"):
        if left.stat().st_mtime < clock.now().timestamp() - ABANDONED:
            left.unlink(missing_ok=True)


@contextmanager
def _disk() -> Iterator[None]:
    """Errors of the disk in words."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise NotNowError(_("There is no room left on the disk for the backup.")) from error
        raise BackupError(_("The backup cannot be written: %(reason)s.", reason=error.strerror or error)) from error


def program_version() -> str:
    """The program's version, where it is installed as a package."""
    try:
        return version("dutybook")
    except PackageNotFoundError:
        return "source"
