"""Which column of a file is which field of ours: a good first guess, or none."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from engine.tabular import dates, durations, times, values
from engine.tabular.problems import Cell
from engine.tabular.text import plain, spaced

NOTE_MARK = "※ "
"""Columns that Dutybook itself adds to a file begin with this; they are never mapped and change no fingerprint."""

THRESHOLD = 0.6
"""A guess below this is none: the user maps the column by hand."""

_TOO_CLOSE = 0.02
_STEP = 0.03
_WEIGHT_OF_SHAPE = 0.5
_CONTAINED = 0.5
_ALIKE = 0.85
_FILLER = {"the", "of", "in", "a", "an", "no", "is", "was", "的", "for", "by"}
_BRACKETS = re.compile(r"[(\[{【〔][^)\]}】〕]*[)\]}】〕]")
_WORD = re.compile(r"[^\W_]+")


class Kind(StrEnum):
    """What the cells of a field hold."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    RATING = "rating"
    YES_NO = "yes_no"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Field:
    """One field that a file may bring: its name in our records, its labels, other names for it, and what it holds.

    Where several columns bear names of a `ranked` field, the earlier name goes first: a person's number before their
    name, which others may share.
    """

    name: str
    label_zh: str
    label_en: str
    synonyms: tuple[str, ...] = ()
    kind: Kind = Kind.TEXT
    required: bool = False
    ranked: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Everything the field is called."""
        return (self.name, self.label_zh, self.label_en, *self.synonyms)


@dataclass(frozen=True, slots=True)
class Guess:
    """A column's index and how sure the guess is, from THRESHOLD to 1."""

    column: int
    confidence: float


def guess_mapping(
    header: Sequence[str], sample_rows: Sequence[Sequence[Cell]], fields: Sequence[Field]
) -> dict[str, Guess]:
    """The column of each field by its name, for the fields where that is clear.

    A column's name must resemble one of the field's; its cells then raise or lower the guess. One column serves one
    field. Where two columns suit a field, or two fields a column, equally well, neither is guessed.
    """
    scores = _scores(header, sample_rows, fields)
    found: dict[str, Guess] = {}
    while scores:
        (name, column), best = max(scores.items(), key=lambda item: item[1])
        rivals = [
            pair for pair, score in scores.items() if _is_rival(pair, (name, column)) and best - score < _TOO_CLOSE
        ]
        if not rivals:
            found[name] = Guess(column, round(best, 2))
        columns = {column, *(other for _name, other in rivals)} if rivals else {column}
        names = {name, *(other for other, _column in rivals)} if rivals else {name}
        scores = {pair: score for pair, score in scores.items() if pair[0] not in names and pair[1] not in columns}
    return found


def _is_rival(pair: tuple[str, int], best: tuple[str, int]) -> bool:
    return pair != best and (pair[0] == best[0] or pair[1] == best[1])


def _scores(
    header: Sequence[str], sample_rows: Sequence[Sequence[Cell]], fields: Sequence[Field]
) -> dict[tuple[str, int], float]:
    scores: dict[tuple[str, int], float] = {}
    for column, title in enumerate(header):
        if title.startswith(NOTE_MARK):
            continue
        cells = [row[column] for row in sample_rows if column < len(row) and not values.is_blank(row[column])]
        for field in fields:
            likeness = name_likeness(title, field)
            if likeness < THRESHOLD:
                continue
            score = likeness * (1 - _WEIGHT_OF_SHAPE * (1 - shape_likeness(cells, field.kind)))
            if score >= THRESHOLD:
                scores[field.name, column] = score - _rank(title, field) * _STEP
    return scores


def _rank(title: str, field: Field) -> int:
    """How many of the field's names go before the one that the title bears; 0 where that does not count."""
    alike = [place for place, name in enumerate(field.names) if _likeness(title, name) == 1] if field.ranked else []
    return min(alike, default=0)


def name_likeness(title: str, field: Field) -> float:
    """How much a column's title resembles a field's names, from 0 to 1 (the same but for case, width and brackets)."""
    return max(_likeness(title, name) for name in field.names)


def _likeness(title: str, name: str) -> float:
    first, second = _words(title), _words(name)
    if not first or not second:
        return 0.0
    whole_first, whole_second = "".join(first), "".join(second)
    if whole_first == whole_second:
        return 1.0
    if (
        first == second[-len(first) :]
        or second == first[-len(second) :]
        or set(first) <= set(second)
        or set(second) <= set(first)
    ):
        return _CONTAINED + (1 - _CONTAINED) * min(len(first), len(second)) / max(len(first), len(second))
    short, long = sorted((whole_first, whole_second), key=len)
    if not short.isascii() and short in long:
        return _CONTAINED + (1 - _CONTAINED) * len(short) / len(long)
    return _ALIKE * _common_pairs(whole_first, whole_second)


def _words(title: str) -> list[str]:
    """The words of a title without brackets and filler; Chinese stays one word: `AvgTalkDuration (s)` gives three."""
    text = unicodedata.normalize("NFKC", title)
    bare = _BRACKETS.sub(" ", text)
    words = _WORD.findall(spaced(bare)) or _WORD.findall(spaced(text))
    return [word for word in words if word not in _FILLER] or words


def _common_pairs(first: str, second: str) -> float:
    """Dice's coefficient over pairs of letters."""
    left, right = set(pairwise(first)), set(pairwise(second))
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def shape_likeness(cells: Sequence[Cell], kind: Kind) -> float:
    """The share of the filled cells that could be of this kind; 1 when there are none to judge by."""
    if not cells or kind == Kind.TEXT:
        return 1.0
    fits = _SHAPES[kind]
    return sum(fits(cell) for cell in cells) / len(cells)


def _is_rating(cell: Cell) -> bool:
    text = re.sub(r"\s*[分星]$", "", cell) if isinstance(cell, str) else cell
    number = values.read_number(text)
    return number is not None and 0 <= number <= 100  # noqa: PLR2004 - scales of 5, 10 and 100 points are in use


def _is_yes_no(cell: Cell) -> bool:
    return isinstance(cell, bool) or plain(str(cell)) in values.YES | values.NO


def _is_duration(cell: Cell) -> bool:
    return durations.read_duration(cell, durations.DurationFormat()) is not None


def _is_integer(cell: Cell) -> bool:
    number = values.read_number(cell)
    return number is not None and number == number.to_integral_value()


_SHAPES = {
    Kind.INTEGER: _is_integer,
    Kind.DECIMAL: lambda cell: values.read_number(cell) is not None,
    Kind.RATING: _is_rating,
    Kind.YES_NO: _is_yes_no,
    Kind.DATE: dates.reads_as_date,
    Kind.DATETIME: dates.reads_as_date,
    Kind.TIME: lambda cell: times.read_time(cell) is not None,
    Kind.DURATION: _is_duration,
}


def fingerprint(header: Sequence[str]) -> str:
    """A short text that is the same for files with the same columns in the same order, to remember a mapping by.

    Case, width and spacing do not matter, nor do the columns that Dutybook adds to a file of refused rows.
    """
    names = [plain(title) for title in header if not title.startswith(NOTE_MARK)]
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()[:32]


def columns_by_name(header: Sequence[str], mapping: Mapping[str, int]) -> dict[str, str]:
    """A mapping from fields to column indexes as one to column titles, which a file with other columns can use too."""
    return {field: header[column] for field, column in mapping.items()}
