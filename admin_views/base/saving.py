"""Writes through the gate and says what came of it, so that a page can tell the person at the right place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from engine.constraints import constraint_columns, is_unique
from engine.database import db
from engine.errors import ConflictError, PolicyError, Violation
from models.words import Words, _

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

    @property
    def text(self) -> str:
        """Why not, in a sentence or several."""
        return " ".join([*(violation.text for violation in self.violations), str(self.sentence or "")]).strip()


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
    if is_unique(error):
        return Refused(sentence=_("This already exists. Please choose another one."), fields=fields)
    return Refused(sentence=_("A value is missing, or points to something that is no longer there."), fields=fields)
