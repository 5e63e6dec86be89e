"""Whether the keys in the instance folder are those under which this database was written.

A machine that joins without the key files, or a folder that was lost, would make new keys and write under them from
then on: two halves that cannot read each other. So the start looks first.
"""

from collections.abc import Iterator

from sqlalchemy import LargeBinary, inspect, select, type_coerce
from sqlalchemy.orm import Session

from engine.config import Settings, StartUpError
from engine.crypto import UnreadableError, encrypted_columns
from engine.secret_files import Problem
from models.types import Cipher
from models.words import _


def refuse_other_keys(session: Session, settings: Settings) -> None:
    """Raises StartUpError when there are encrypted fields and none of those looked at can be read. Only reads."""
    if settings.keys_lost:
        return
    readable = [_is_readable(stored, place) for stored, place in _samples(session)]
    session.rollback()
    if readable and not any(readable):
        sentence = _(
            "This database was written under other keys than those in %(path)s. Put the key files back from your copy; "
            "where there is none, DUTYBOOK_KEYS_LOST=true starts without what they closed.",
            path=settings.instance_dir,
        )
        raise StartUpError([Problem("D004", sentence)])


def _samples(session: Session) -> Iterator[tuple[bytes, str]]:
    """The newest text of each encrypted column, as it rests, with its place."""
    for model, attribute in encrypted_columns():
        mapper = inspect(model)
        column, (key,) = mapper.columns[attribute], mapper.primary_key
        raw = type_coerce(column, LargeBinary)
        newest = select(raw).where(column.is_not(None)).order_by(key.desc()).limit(1)
        stored = session.connection().execute(newest).scalar()
        if stored is not None:
            yield bytes(stored), f"{mapper.local_table.name}.{column.name}"  # type: ignore[attr-defined]  # a table


def _is_readable(stored: bytes, place: str) -> bool:
    try:
        Cipher.decrypt(stored, place)
    except UnreadableError:
        return False
    return True
