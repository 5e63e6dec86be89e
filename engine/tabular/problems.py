"""What can be wrong with a file or with one cell of it, in words that its owner can act on."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.errors import DutybookError
from models.words import Words

Cell = str | int | float | Decimal | bool | datetime | date | time | timedelta | None
"""One cell as the file holds it. Blank cells are None; numbers without a fraction are int."""


@dataclass(frozen=True, slots=True)
class At:
    """Where a cell stands: the name of its column and the number of its row, both as the user sees them."""

    column: str
    row: int


class FileRefused(DutybookError):  # noqa: N818 - a refusal is an answer to the user, not an error of the program
    """The whole file cannot be read, or must not be. `reason` is a translatable sentence."""

    def __init__(self, reason: Words) -> None:
        super().__init__(reason)
        self.reason = reason


class CellProblem(DutybookError):  # noqa: N818 - as above: the answer about one cell
    """One cell cannot be taken.

    `column` and `row` as in `At`, `value` the cell as it was read, `reason` a translatable sentence.
    Whoever reads rows collects these, so that a row shows all its problems at once and none is lost (DAT-1).
    """

    def __init__(self, at: At, value: Cell, reason: Words) -> None:
        super().__init__(at.column, at.row, value, reason)
        self.column = at.column
        self.row = at.row
        self.value = value
        self.reason = reason
