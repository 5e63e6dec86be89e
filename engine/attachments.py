"""Files of records on the disk: written beside, made sure of, named at random; row and file stand or fall together.

A file is there before its row is committed and goes only after the row's removal is committed: whatever fails, no row
points to nothing. What a failed commit left on the disk is no row's, and `sweep` takes it away.
"""

import hashlib
import os
import secrets
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from engine import clock, scanning
from engine.acting import seeing_all
from engine.gate.session import GatedSession
from models.attachment import Attachment
from models.base import Record

PLANS = "files"
"""Key in `session.info`: what happens to files when this transaction has ended, and in which way."""
COMMITTED, ROLLED_BACK = "committed", "rolled back"
LARGEST = 20 * 1024 * 1024
CHUNK = 64 * 1024
HEAD = 8192
LONGEST_NAME = 200
ORPHANED_AFTER = timedelta(hours=1)
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
UNKNOWN = "application/octet-stream"
SUSPECT = "application/x-suspect"
"""What the virus scanner speaks against, whatever it is otherwise."""
KINDS = frozenset({"image/png", "image/jpeg", "application/pdf", "text/plain", SHEET, DOCUMENT})
"""What may be attached: nothing that a browser would run."""
ENDINGS: dict[str, tuple[str, ...]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "application/pdf": (".pdf",),
    "text/plain": (".txt", ".csv", ".log", ".md"),
    SHEET: (".xlsx",),
    DOCUMENT: (".docx",),
}
"""How names of each kind end: whoever saves the file opens it with what its name says."""
MARKS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"%PDF-", "application/pdf"))
PARTS = (("xl/workbook.xml", SHEET), ("word/document.xml", DOCUMENT))


def keep(session: Session, folder: Path, record: Record, name: str, stream: IO[bytes]) -> Attachment:
    """Write the file and add its row; the caller commits. The flush refuses kinds and sizes that are not kept."""
    stored = secrets.token_hex(16)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / stored
    size, digest = _write(path, stream)
    _plan(session, ROLLED_BACK, lambda: path.unlink(missing_ok=True))
    kept = Attachment(
        department_id=record.department_id,
        entity=record.__tablename__,
        record_id=record.id,
        stored=stored,
        name=record.name_of_file(plain_name(name)),
        media_type=media_type(path) if scanning.is_clean(path) else SUSPECT,
        size=size,
        digest=digest,
    )
    session.add(kept)
    return kept


def remove(session: Session, folder: Path, attachment: Attachment) -> None:
    """Delete the row; the file goes once that is committed. The caller commits."""
    path = path_of(folder, attachment)
    session.delete(attachment)
    _plan(session, COMMITTED, lambda: path.unlink(missing_ok=True))


def of(session: Session, record: Record) -> list[Attachment]:
    """The record's files, oldest first, for whoever may see the record: the caller found it in scope."""
    query = select(Attachment).where(Attachment.entity == record.__tablename__, Attachment.record_id == record.id)
    with seeing_all():
        return list(session.scalars(query.order_by(Attachment.id)))


def path_of(folder: Path, attachment: Attachment) -> Path:
    """Where the bytes are. The stored name is ours, of hexadecimal digits only."""
    return folder / Path(attachment.stored).name


def sweep(session: Session, folder: Path) -> int:
    """Remove files that no row names and that are too old to be on their way; return how many."""
    if not folder.is_dir():
        return 0
    before = (clock.now() - ORPHANED_AFTER).timestamp()
    old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before]
    if not old:
        return 0
    with seeing_all():
        named = set(
            session.scalars(select(Attachment.stored).where(Attachment.stored.in_([path.name for path in old])))
        )
    orphans = [path for path in old if path.name not in named]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def plain_name(name: str) -> str:
    """The name a person gave, without folders and control characters; used in sentences and downloads only."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable()).strip()[-LONGEST_NAME:] or "file"


def media_type(path: Path) -> str:
    """The kind by what the file holds. UNKNOWN for everything that is not on the list."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for mark, kind in MARKS:
        if head.startswith(mark):
            return kind
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    return "text/plain" if head and _is_text(head) else UNKNOWN


def _office(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return UNKNOWN
    # A workbook with macros carries a part that the plain kinds never have.
    if any(name.endswith("vbaProject.bin") for name in names):
        return UNKNOWN
    return next((kind for part, kind in PARTS if part in names), UNKNOWN)


def _is_text(head: bytes) -> bool:
    """Text in UTF-8 (or GB 18030, as Chinese Windows writes it) without control characters and without markup."""
    if b"\x00" in head or b"<" in head.lstrip()[:1]:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            text = head.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(head) - 4:  # a character cut in two at the end of what was read
                continue
            text = head[: error.start].decode(encoding)
        return all(char.isprintable() or char in "\r\n\t\ufeff\u3000" for char in text)
    return False


def _write(path: Path, stream: IO[bytes]) -> tuple[int, str]:
    """Write to a neighbour, make sure of it, then give it its name. Stops past the largest size."""
    size, digest, neighbour = 0, hashlib.sha256(), path.with_suffix(".part")
    with neighbour.open("xb") as file:
        neighbour.chmod(0o600)
        while size <= LARGEST and (chunk := stream.read(CHUNK)):
            size += len(chunk)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    neighbour.rename(path)
    _sync_folder(path.parent)
    return size, digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _plan(session: Session, when: str, act: Callable[[], None]) -> None:
    session.info.setdefault(PLANS, []).append((when, act))


@event.listens_for(GatedSession, "after_commit")
def _committed(session: Session) -> None:
    _end(session, COMMITTED)


@event.listens_for(GatedSession, "after_rollback")
def _rolled_back(session: Session) -> None:
    _end(session, ROLLED_BACK)


def _end(session: Session, how: str) -> None:
    plans: list[tuple[str, Callable[[], None]]] = session.info.pop(PLANS, [])
    for when, act in plans:
        if when == how:
            act()
