"""Files that were made by long work, from their making to their end a day later."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from engine import clock
from models.prepared_file import PreparedFile, PreparedPart

PART = 768 * 1024
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Made:
    """A file as it was made; `content` is read once, piece by piece."""

    name: str
    media_type: str
    content: Iterable[bytes]


def keep(session: Session, job_id: int, account_id: int, made: Made) -> None:
    """Keep a file in place of an earlier one of the same work. The caller commits."""
    _remove(session, select(PreparedFile.id).where(PreparedFile.job_id == job_id))
    kept = PreparedFile(
        job_id=job_id,
        account_id=account_id,
        name=made.name,
        media_type=made.media_type,
        size=0,
        created_at=clock.now(),
    )
    session.add(kept)
    session.flush()
    for number, piece in enumerate(_pieces(made.content)):
        kept.size += len(piece)
        part = PreparedPart(file_id=kept.id, number=number, content=base64.b64encode(piece).decode("ascii"))
        session.add(part)
        session.flush()
        session.expunge(part)


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size, whatever size they come in."""
    held = bytearray()
    for more in content:
        held += more
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)


def of_job(session: Session, job_id: int, account_id: int | None) -> PreparedFile | None:
    """The file that the work has made, for the account that asked; None for anybody else."""
    query = select(PreparedFile).where(PreparedFile.job_id == job_id, PreparedFile.account_id == account_id)
    return session.scalars(query).one_or_none()


def content_of(session: Session, kept: PreparedFile) -> Iterator[bytes]:
    """Its bytes, a part at a time."""
    parts = select(PreparedPart.content).where(PreparedPart.file_id == kept.id).order_by(PreparedPart.number)
    for text in session.scalars(parts.execution_options(yield_per=1)):
        yield base64.b64decode(text)


def forget_old(session: Session, now: datetime) -> None:
    """Remove what was there for long enough. The caller commits."""
    _remove(session, select(PreparedFile.id).where(PreparedFile.created_at < now - KEPT))


def _remove(session: Session, which: Select[int]) -> None:
    ids = list(session.scalars(which))
    session.connection().execute(delete(PreparedPart).where(PreparedPart.file_id.in_(ids)))
    session.connection().execute(delete(PreparedFile).where(PreparedFile.id.in_(ids)))
