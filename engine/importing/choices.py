"""What a person decided about a file: kept with the job, and remembered for the next file with the same columns.

Holds column titles and the names of people, topics and channels; never a customer's data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from engine.tabular.dates import DateFormat
from engine.tabular.durations import DurationFormat, Pair, Unit
from engine.tabular.rows import ColumnFormat

LEFT_OUT = 0
"""Stands for "leave these rows out" where the id of a record would stand."""


@dataclass(frozen=True)
class Choices:
    """The decisions, in JSON's words.

    `columns`: the title of the column that each field is read from. `constants`: a value for every row, for fields that
    the file has not. `formats`: how dates and lengths of time are written, as codes. `resolved`: for each reference
    field, the id that a cell's plain text stands for, or LEFT_OUT. `header`: the file's columns.
    `header_row`: where the guess was wrong.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    resolved: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    header_row: int | None = None
    leave_out_refused: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Choices":
        """Read them back; what is not there is empty."""
        known = cls.__dataclass_fields__
        return cls(**{name: value for name, value in stored.items() if name in known})

    def stored(self) -> dict[str, Any]:
        """As the job keeps them."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}

    def memorable(self) -> dict[str, Any]:
        """As the next file with these columns may begin: nothing that belongs to this file alone."""
        return replace(self, header=(), header_row=None, leave_out_refused=False).stored()


def _plain(value: Any) -> Any:  # noqa: ANN401 values of any kind pass through here
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def format_code(chosen: ColumnFormat) -> str:
    """A format as a short text."""
    return chosen.code if isinstance(chosen, DateFormat) else f"{chosen.pair}/{chosen.unit}"


def format_of(code: str) -> ColumnFormat:
    """The format that a code stands for. Raises ValueError for another text."""
    if "/" in code:
        pair, unit = code.split("/", 1)
        return DurationFormat(Pair(pair), Unit(unit))
    return DateFormat.from_code(code)
