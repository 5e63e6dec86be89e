"""What a transaction has noted so far, so that a savepoint rolled back takes back its own notes and no others."""

from typing import Any

from sqlalchemy.orm import Session, SessionTransaction

MARKS = "savepoint_marks"
"""Key in `session.info`: what stood under each key when a savepoint began; of a list its length."""

Marks = dict[SessionTransaction, dict[str, Any]]


def mark(session: Session, savepoint: SessionTransaction, keys: tuple[str, ...]) -> None:
    """Remember what is noted under the keys of `session.info`."""
    marks: Marks = session.info.setdefault(MARKS, {})
    marks[savepoint] = {key: _mark(session.info[key]) for key in keys if key in session.info}


def forget(session: Session, savepoint: SessionTransaction) -> None:
    """The savepoint is over."""
    session.info.get(MARKS, {}).pop(savepoint, None)


def take_back(session: Session, savepoint: SessionTransaction | None, keys: tuple[str, ...]) -> None:
    """Undo what was noted since the savepoint began; without one, everything."""
    standing = session.info.get(MARKS, {}).get(savepoint, {})
    for key in keys:
        if key not in standing:
            session.info.pop(key, None)
        elif isinstance(standing[key], int):
            del session.info[key][standing[key] :]
        else:
            session.info[key] = standing[key].copy()


def _mark(noted: Any) -> Any:  # noqa: ANN401 a list or a mapping
    return len(noted) if isinstance(noted, list) else noted.copy()
