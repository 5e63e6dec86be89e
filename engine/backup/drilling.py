"""The drill: a backup is put back into a scratch database, looked over from all sides, and thrown away.

A backup that nobody ever put back is a hope. The drill compares every table with the backup, holds every foreign key,
walks the audit, decrypts, and compares every file with its row.
"""

import hashlib
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from alembic.config import Config
from sqlalchemy import text

from engine.backup import schema
from engine.backup.connecting import snapshot, whole
from engine.backup.keys import BackupKeys
from engine.backup.restoring import Restored, Target, restore
from engine.backup.taking import Place, Progress, silent

SCRATCH = ".drill-"


@dataclass(frozen=True)
class Drilled:
    """How it went. `wrong_files` names files that are not what their row says, or are not there."""

    restored: Restored
    seconds: float
    files: int = 0
    wrong_files: list[str] = field(default_factory=list)

    @property
    def went_well(self) -> bool:
        """Whether everything is as it should be."""
        return not self.restored.audit_faults and not self.wrong_files


def drill(  # noqa: PLR0913, PLR0917 a drill has that many sides
    path: Path,
    place: Place,
    config: Config,
    opened_by: BackupKeys,
    into: str | None = None,
    progress: Progress = silent,
) -> Drilled:
    """Put the backup back into scratch (SQLite in a folder of its own, or the empty database at `into`) and look.

    Raises BackupError for what keeps it from being put back. Nothing of it stays.
    """
    began = time.monotonic()
    with _scratch(place, config, into) as scratch:
        restored = restore(path, Target(scratch, config), opened_by, progress=progress)
        files, wrong = _files(scratch)
    return Drilled(restored, time.monotonic() - began, files, wrong)


@contextmanager
def _scratch(place: Place, config: Config, into: str | None) -> Iterator[Place]:
    for left in place.instance_dir.glob(f"{SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)  # of a drill that was killed
    folder = place.instance_dir / f"{SCRATCH}{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    scratch = replace(place, url=into or f"sqlite:///{folder / 'scratch.sqlite'}", instance_dir=folder)
    begun = False
    try:
        begun = True
        yield scratch
    finally:
        if into and begun:
            _clear(into, config)
        shutil.rmtree(folder, ignore_errors=True)


def _clear(url: str, config: Config) -> None:
    with whole(url) as connection:
        schema.build(connection, config, [])


def _files(scratch: Place) -> tuple[int, list[str]]:
    """How many files the rows name, and which are not what their row says."""
    with snapshot(scratch.url) as connection:
        rows = connection.execute(text("SELECT stored, digest FROM attachment ORDER BY stored")).all()
    wrong = [name for name, digest in rows if _digest(scratch.instance_dir / "attachments" / name) != digest]
    return len(rows), wrong


def _digest(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
