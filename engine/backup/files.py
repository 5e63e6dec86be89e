"""The files that rows name: attachments and uploads. In a backup each row's file is the one of the backup's moment."""

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, inspect, text

UNFINISHED = ".part"


@dataclass(frozen=True)
class Shelf:
    """A folder below the installation's, and the column whose values are names of its files."""

    folder: str
    table: str
    column: str


SHELVES = (Shelf("attachments", "attachment", "stored"), Shelf("imports", "import_job", "stored_name"))


@contextmanager
def held(instance_dir: Path) -> Iterator[Path]:
    """A folder with another name of every file that is there now: what is deleted meanwhile stays readable.

    Enter it before the database's snapshot. A file's row is committed after the file is there, and goes before it:
    whatever the snapshot names is held, or has been added since.
    """
    holding = instance_dir / f".backup-{secrets.token_hex(8)}"
    holding.mkdir(mode=0o700, parents=True)
    try:
        for shelf in SHELVES:
            (holding / shelf.folder).mkdir(mode=0o700)
            if (instance_dir / shelf.folder).is_dir():
                for entry in os.scandir(instance_dir / shelf.folder):
                    if entry.is_file() and not entry.name.endswith(UNFINISHED):
                        _hold(Path(entry.path), holding / shelf.folder / entry.name)
        yield holding
    finally:
        shutil.rmtree(holding, ignore_errors=True)


def forget_holdings(instance_dir: Path) -> None:
    """Remove what a killed backup left; whoever calls it is the only one at work."""
    for left in instance_dir.glob(".backup-*"):
        shutil.rmtree(left, ignore_errors=True)


def named(connection: Connection, instance_dir: Path, holding: Path) -> Iterator[tuple[str, Path | None]]:
    """Each file that a row names, as (`attachments/3f…`, where it can be read); None where it is gone for good."""
    tables = set(inspect(connection).get_table_names())
    for shelf in (shelf for shelf in SHELVES if shelf.table in tables):
        for name in _names(connection, shelf):
            path = holding / shelf.folder / name
            if not path.exists():
                _hold(instance_dir / shelf.folder / name, path)
            yield f"{shelf.folder}/{name}", path if path.exists() else None


def put_back(instance_dir: Path, name: str, content: IO[bytes]) -> Path | None:
    """Write a file where it belongs and answer its place; None when it is there already: names are never used twice.

    Raises ValueError for a name that leads elsewhere.
    """
    shelf, _slash, last = name.partition("/")
    if shelf not in {shelf.folder for shelf in SHELVES} or Path(last).name != last or last.startswith("."):
        msg = f"no place for {name}"
        raise ValueError(msg)
    folder = instance_dir / shelf
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, unfinished = folder / last, folder / f"{last}{UNFINISHED}"
    if path.exists():
        return None
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    return path


def _names(connection: Connection, shelf: Shelf) -> Sequence[str]:
    query = text(f"SELECT {shelf.column} FROM {shelf.table} WHERE {shelf.column} <> '' ORDER BY 1")  # noqa: S608 our own names
    return connection.scalars(query).all()


def _hold(path: Path, other: Path) -> None:
    """A second name costs nothing; where the disk gives none, a copy."""
    try:
        os.link(path, other)
    except FileNotFoundError:
        return
    except OSError:
        shutil.copyfile(path, other)
