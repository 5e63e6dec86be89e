"""Where a distributed queue hears of work. The engine knows none: whoever starts the process plugs one in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Turn:
    """A row that is to be looked at, not before `at`. `name` differs each time that there is something new to do."""

    job_id: int
    lane: str
    at: datetime
    name: str


class Carriage:
    """Called inside the transaction that writes the row, so that row and message stand or fall together."""

    @staticmethod
    def nobody(session: Session, turn: Turn) -> None:
        """No queue: threads look for rows by themselves."""

    carry: Callable[[Session, Turn], None] = staticmethod(nobody)


def turn_name(job_id: int, asked: int, attempts: int) -> str:
    """The name of the turn that a row has come to."""
    return f"{job_id}:{asked}:{attempts}"
