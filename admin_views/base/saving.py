"""Writes through the gate and says what came of it, so that a page can tell the person at the right place."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from engine.database import db
from engine.errors import ConflictError, PolicyError, Violation
from models.base import Base
from models.words import Words, _

SQLITE_COLUMNS = re.compile(r"(?:UNIQUE|NOT NULL) constraint failed: (.+)")
SCOPING = frozenset({"department_id", "id", "version"})


@dataclass(frozen=True)
class Refused:
    """Why nothing was saved: broken clauses, a database constraint on `fields`, or somebody who was faster."""

    violations: Sequence[Violation] = ()
    sentence: Words | None = None
    fields: Sequence[str] = ()
    is_conflict: bool = False

    @property
    def status(self) -> int:
        """The HTTP status that says so."""
        return 409 if self.is_conflict else 422


def write(work: Callable[[], Any]) -> Refused | None:
    """Do the work and commit. On a refusal everything is rolled back and the reasons come back; None: saved."""
    try:
        work()
        db.session.commit()
    except PolicyError as error:
        return _undone(Refused(violations=error.violations))
    except ConflictError as error:
        return _undone(Refused(sentence=error.sentence, is_conflict=True))
    except StaleDataError:
        return _undone(
            Refused(sentence=_("Somebody else saved this record while you were working on it."), is_conflict=True)
        )
    except IntegrityError as error:
        return _undone(_constraint(error))
    except DataError:
        return _undone(Refused(sentence=_("A value does not fit its field. Please check what you typed.")))
    except BaseException:
        db.session.rollback()
        raise
    return None


def _undone(refused: Refused) -> Refused:
    db.session.rollback()
    return refused


def _constraint(error: IntegrityError) -> Refused:
    """The fields that a constraint is about. The database's own text stays here: it holds SQL and values."""
    fields = tuple(name for name in constraint_columns(error) if name not in SCOPING)
    if _is_unique(error):
        return Refused(sentence=_("This already exists. Please choose another one."), fields=fields)
    return Refused(sentence=_("A value is missing, or points to something that is no longer there."), fields=fields)


def constraint_columns(error: IntegrityError) -> list[str]:
    """The columns of the broken constraint, as far as the database names them."""
    found = SQLITE_COLUMNS.search(str(error.orig))
    if found:
        return [part.strip().split(".")[-1] for part in found[1].split(",")]
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is None:
        return []
    if diagnosis.column_name:
        return [diagnosis.column_name]
    return _columns_of(diagnosis.table_name, diagnosis.constraint_name)


def _is_unique(error: IntegrityError) -> bool:
    return "UNIQUE" in str(error.orig).upper().split("\n")[0]


def _columns_of(table: str | None, constraint: str | None) -> list[str]:
    known = Base.metadata.tables.get(table or "")
    if known is None:
        return []
    parts = [*known.constraints, *known.indexes]
    return [column.name for part in parts if part.name == constraint for column in part.columns]
