"""A new key for the encrypted fields: made, put to use, and every stored text moved over to it (CNF-2).

The older keys stay in the file: a backup from before still needs them. A rotation that was interrupted goes on where it
stopped: the file says that it is under way, and each stored text names its key. Blind indexes have a key of their own
and stay as they are.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Row, Table, inspect, select, type_coerce, update
from sqlalchemy.orm import Session

from engine import audit
from engine.crypto import FieldCipher, UnreadableError, encrypted_columns
from engine.gate.bypass import maintenance_write
from engine.secret_files import Secrets, ensure_secrets, new_key, replace_secret

BATCH = 500
FILE = "field_keys.json"
MOVING = "moving"
"""Set in the key file from the moment a key is made until every text is under it."""

Progress = Callable[[str, int], None]


@dataclass
class Rotation:
    """What was done: how many texts moved to the key, and where one could not be read (`table.column id`)."""

    key: str
    moved: int = 0
    unreadable: list[str] = field(default_factory=list)


def begin(instance_dir: Path) -> Secrets:
    """Make a new current key, written all at once and for its owner alone; or return to a rotation under way."""
    written = _read(instance_dir)
    if not written.get(MOVING):
        name = f"k{max(_numbers(written['keys']), default=0) + 1}"
        keys = {**written["keys"], name: new_key()}
        _write(instance_dir, {"current": name, MOVING: True, "keys": keys})
    return ensure_secrets(instance_dir)


def is_under_way(instance_dir: Path) -> bool:
    """Whether a rotation was begun and not ended."""
    return bool(_read(instance_dir).get(MOVING))


def end(instance_dir: Path) -> None:
    """Every text is under the current key."""
    written = _read(instance_dir)
    written.pop(MOVING, None)
    _write(instance_dir, written)


def move_to_current_key(session: Session, cipher: FieldCipher, progress: Progress) -> Rotation:
    """Encrypt anew what is under an older key, a batch a transaction; `progress` hears (`table.column`, moved so far).

    A text that somebody changes meanwhile is left to its writer. One that cannot be read stays as it is, and the answer
    names it. The caller acts.
    """
    rotation = Rotation(cipher.current)
    for column in _columns():
        for rows in column.batches(session):
            _move(session, column, rows, cipher, rotation)
            session.commit()
            progress(column.place, rotation.moved)
    audit.note(session, "rotate_keys", "field_keys", None, cipher.current, {"moved": [None, rotation.moved]})
    session.commit()
    return rotation


@dataclass(frozen=True)
class _Column:
    """An encrypted column as raw bytes, past the type that would decrypt it."""

    table: Table
    name: str

    @property
    def place(self) -> str:
        return f"{self.table.name}.{self.name}"

    @property
    def key(self) -> ColumnElement[Any]:
        (key,) = self.table.primary_key.columns
        return key

    @property
    def stored(self) -> ColumnElement[bytes]:
        return type_coerce(self.table.c[self.name], LargeBinary)

    def batches(self, session: Session) -> Iterator[Sequence[Row[Any, bytes]]]:
        """Rows of (key, bytes) in the order of their keys. Each batch is read after the one before was committed."""
        query = (
            select(self.key, self.stored).where(self.table.c[self.name].is_not(None)).order_by(self.key).limit(BATCH)
        )
        rows = session.connection().execute(query).all()
        while rows:
            yield rows
            rows = session.connection().execute(query.where(self.key > rows[-1][0])).all()


def _move(
    session: Session, column: _Column, rows: Sequence[Row[Any, bytes]], cipher: FieldCipher, rotation: Rotation
) -> None:
    with maintenance_write(session.connection()) as connection:
        for key, stored in rows:
            if cipher.is_current(stored):
                continue
            try:
                text = cipher.decrypt(stored, column.place)
            except UnreadableError:
                rotation.unreadable.append(f"{column.place} {key}")
                continue
            same = (column.key == key) & (column.stored == stored)
            rotation.moved += connection.execute(update(column.table).where(same).values({column.name: text})).rowcount


def _columns() -> Iterator[_Column]:
    for model, attribute in encrypted_columns():
        mapper = inspect(model)
        if isinstance(mapper.local_table, Table):
            yield _Column(mapper.local_table, mapper.columns[attribute].name)


def _numbers(names: Sequence[str]) -> Iterator[int]:
    return (int(name[1:]) for name in names if name[:1] == "k" and name[1:].isdigit())


def _read(instance_dir: Path) -> dict[str, Any]:
    written: dict[str, Any] = json.loads((instance_dir / FILE).read_text(encoding="ascii"))
    return written


def _write(instance_dir: Path, written: dict[str, Any]) -> None:
    replace_secret(instance_dir / FILE, json.dumps(written, indent=1))
