"""What the gate says to a pending write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engine.errors import PolicyError
from engine.transitions.performing import perform
from models.base import Record


def refusals(session: Session) -> list[str]:
    """Flush, which must be refused, and roll back: the names of the broken rules."""
    with pytest.raises(PolicyError) as error:
        session.flush()
    session.rollback()
    return [violation.rule for violation in error.value.violations]


def objections(session: Session, record: Record, move: str, **given: Any) -> list[str]:
    """Try a move, which must be refused: the names of the broken rules."""
    with pytest.raises(PolicyError) as error:
        perform(session, record, move, **given)
    return [violation.rule for violation in error.value.violations]


@contextmanager
def refused(session: Session, *rules: str) -> Iterator[None]:
    """The block, flushed, breaks exactly these rules, whatever their order; what it wrote is taken back."""
    with pytest.raises(PolicyError) as error:  # noqa: PT012 the block that it wraps, and its flush
        yield
        session.flush()
    session.rollback()
    broken = {violation.rule for violation in error.value.violations}
    assert broken == set(rules), f"refused by {sorted(broken)}"
