"""Uploaded files on the disk: named at random, for their owner alone, and gone once nothing is to be read from them."""

import hashlib
import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from engine import clock, scanning
from engine.tabular.limits import MEGABYTE, Limits, Standing
from engine.tabular.problems import FileRefused
from models.words import _

CHUNK = 64 * 1024
LONGEST_NAME = 200
ORPHANED_AFTER = timedelta(hours=1)


class Folder:
    """Where the files are; set once at start-up, outside everything that is served."""

    path: Path = Path("imports")


@dataclass(frozen=True)
class Stored:
    """A file that has just been kept: its random name, its fingerprint, its size in bytes."""

    name: str
    sha256: str
    size: int


def store(stream: IO[bytes], limits: Limits | None = None) -> Stored:
    """Keep an upload. Raises FileRefused, and keeps nothing, when it is larger than the limits."""
    most = (limits or Standing.limits).file_bytes
    Folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = secrets.token_hex(16)
    path = Folder.path / name
    try:
        stored = _write(path, stream, most)
        _refuse_suspect(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return stored


def _refuse_suspect(path: Path) -> None:
    if not scanning.is_clean(path):
        raise FileRefused(scanning.SPEAKS_AGAINST)


def _write(path: Path, stream: IO[bytes], most: int) -> Stored:
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise FileRefused(
                    _("The file is larger than %(most)s MB. Split it and import the parts.", most=most // MEGABYTE)
                )
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Stored(path.name, digest.hexdigest(), size)


def path_of(stored_name: str) -> Path:
    """Where a file is. Raises FileRefused when it is gone."""
    path = Folder.path / Path(stored_name).name
    if not path.is_file():
        raise FileRefused(_("The uploaded file is no longer there. Upload it again."))
    return path


def remove(stored_name: str) -> None:
    """Take a file away for good."""
    (Folder.path / Path(stored_name).name).unlink(missing_ok=True)


def old_files() -> list[str]:
    """Files that have been here for so long that no upload can still be about to name them."""
    if not Folder.path.is_dir():
        return []
    before = (clock.now() - ORPHANED_AFTER).timestamp()
    return [path.name for path in Folder.path.iterdir() if path.is_file() and path.stat().st_mtime < before]


def keep_only(needed: Collection[str], among: Collection[str]) -> int:
    """Remove those of `among` that nobody needs; return how many."""
    orphans = [name for name in among if name not in needed]
    for name in orphans:
        remove(name)
    return len(orphans)


def plain_name(name: str) -> str:
    """The name a person gave, without folders and control characters; only ever shown."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable()).strip()[-LONGEST_NAME:] or "file"
