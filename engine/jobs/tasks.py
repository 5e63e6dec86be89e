"""What can be asked for: a function under a name that stays the same as long as rows may hold it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from models.job import Lane
from models.words import Words


class LaterError(Exception):
    """The work is not over and nothing is wrong: look again after a while. Counts as no failure."""

    def __init__(self, after: timedelta = timedelta()) -> None:
        """`after` is how long to wait."""
        super().__init__()
        self.after = after


class HopelessError(Exception):
    """No further attempt can succeed: give it up now. Its text stands on the page and holds nobody's data."""


@dataclass(frozen=True)
class Work:
    """One attempt, as the task's function sees it.

    `go_on` says no once the process is told to stop, or once the work is no longer its own: a long task then commits
    what it has and raises LaterError. `tell(done, total)` notes progress inside the transaction under way.
    """

    job_id: int
    key: str
    args: Mapping[str, Any]
    account_id: int | None
    department_id: int | None
    attempt: int
    go_on: Callable[[], bool] = field(repr=False)
    tell: Callable[[int, int], None] = field(repr=False)


Run = Callable[[Session, Work], None]


@dataclass(frozen=True)
class Task:
    """A kind of long work.

    `run` acts as the system unless it says otherwise. What it has written and not committed when it returns is
    committed together with the row's end. It may be begun more than once (a worker died) and must do nothing twice:
    it keeps its progress in the same commit as its effect. `gave_up` tidies up after the last failed attempt. After
    `longest` a worker that still seems busy is held to be stuck, and another one may begin.
    """

    name: str
    label: Words
    run: Run = field(repr=False)
    lane: Lane = Lane.LONG
    attempts: int = 5
    longest: timedelta = timedelta(hours=2)
    gave_up: Run | None = field(default=None, repr=False)


def task(name: str, label: Words, **more: Any) -> Callable[[Run], Task]:  # noqa: ANN401 the fields of Task
    """Declare the decorated function as a task; `more` are further fields of Task."""
    return lambda run: Task(name, label, run, **more)
