"""A paper drawn by rule: so many questions of each category and difficulty, the same ones for the same seed.

A question's place in the draw is the SHA-256 of seed and number (engine/sampling.py), so that anyone can draw again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.sampling import place
from models.question import Difficulty


@dataclass(frozen=True)
class Part:
    """A line of an exam's rule: how many questions of a category and a difficulty."""

    category: str
    difficulty: Difficulty
    count: int


@dataclass(frozen=True)
class Pooled:
    """A question that can be drawn."""

    id: int
    number: str
    category: str
    difficulty: Difficulty


@dataclass(frozen=True)
class Shortage:
    """A line of the rule that asks for more than the bank holds."""

    part: Part
    there: int


def parts_of(rules: Iterable[Mapping[str, Any]]) -> list[Part]:
    """An exam's rule as it is stored; lines without questions count for nothing."""
    parts = [Part(str(row["category"]), Difficulty(row["difficulty"]), int(row["count"])) for row in rules]
    return [part for part in parts if part.count > 0]


def shortages(parts: Sequence[Part], pool: Iterable[Pooled]) -> list[Shortage]:
    """Where the bank holds too little."""
    there: dict[tuple[str, Difficulty], int] = {}
    for row in pool:
        there[row.category, row.difficulty] = there.get((row.category, row.difficulty), 0) + 1
    found = ((part, there.get((part.category, part.difficulty), 0)) for part in parts)
    return [Shortage(part, count) for part, count in found if count < part.count]


def draw(parts: Sequence[Part], pool: Iterable[Pooled], seed: str, asked_before: Collection[int] = ()) -> list[int]:
    """The ids of the questions in the order of the paper; questions that were asked before come only when others lack.

    The order in which the pool comes in does not matter.
    """
    rows = sorted(pool, key=lambda row: (row.id in asked_before, place(seed, row.number)))
    drawn = [row for part in parts for row in _of(part, rows)]
    return [row.id for row in sorted(drawn, key=lambda row: place(f"{seed}/order", row.number))]


def _of(part: Part, rows: Sequence[Pooled]) -> list[Pooled]:
    fitting = [row for row in rows if (row.category, row.difficulty) == (part.category, part.difficulty)]
    return fitting[: part.count]


def shuffled(things: Sequence[Any], seed: str) -> list[Any]:
    """The same things in an order that the seed decides: each candidate's own order of questions and of options."""
    order = sorted(range(len(things)), key=lambda index: place(seed, str(index)))
    return [things[index] for index in order]
