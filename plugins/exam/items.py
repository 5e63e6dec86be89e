"""A question as it stands in a paper: wording, options and key as they were asked, whatever comes later."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from models.question import BY_TRAINER, Difficulty, Question, QuestionKind


@dataclass(frozen=True)
class Item:
    """One question of a paper. `number` counts from 1 in the order of the draw; `points` are what full marks bring.

    `options` are the choices, or the lines of a practical's check list. `key` holds what is right: the letters of
    options, `true` or `false`, for each blank its accepted texts with `|` between. `guide` says to whoever marks what
    counts.
    """

    number: int
    question_id: int
    code: str
    kind: QuestionKind
    category: str
    difficulty: Difficulty
    text: str
    options: tuple[str, ...]
    key: tuple[str, ...]
    guide: str
    points: Decimal

    @property
    def is_marked_by_trainer(self) -> bool:
        """Whether somebody has to read (or watch) the answer."""
        return self.kind in BY_TRAINER

    @property
    def is_written(self) -> bool:
        """Whether the candidate answers it on the sitting page: a practical is shown, not written."""
        return self.kind is not QuestionKind.PRACTICAL

    @property
    def blanks(self) -> int:
        """How many gaps a fill-in has."""
        return len(self.key) if self.kind is QuestionKind.FILL_IN else 0

    @property
    def letters(self) -> Mapping[str, str]:
        """The options by their letters, in the order of the bank."""
        return dict(zip(LETTERS, self.options, strict=False))


LETTERS = "ABCDEFGHIJ"


def item_of(question: Question, number: int) -> Item:
    """The question as it reads now."""
    return Item(
        number,
        question.id,
        question.number,
        question.kind,
        question.category,
        question.difficulty,
        question.text,
        tuple(question.options or ()),
        tuple(question.key or ()),
        question.guide or "",
        question.points,
    )


def stored(items: Iterable[Item]) -> list[dict[str, Any]]:
    """A paper's items in JSON's words."""
    return [{**asdict(item), "points": str(item.points)} for item in items]


def loaded(rows: Iterable[Mapping[str, Any]]) -> list[Item]:
    """A paper's items from what was stored."""
    return [_loaded(row) for row in rows]


def _loaded(row: Mapping[str, Any]) -> Item:
    given = dict(row)
    return Item(
        **{
            **given,
            "kind": QuestionKind(given["kind"]),
            "difficulty": Difficulty(given["difficulty"]),
            "options": tuple(given["options"]),
            "key": tuple(given["key"]),
            "points": Decimal(given["points"]),
        }
    )


def full_points(items: Sequence[Item]) -> Decimal:
    """What a paper without a fault brings."""
    return sum((item.points for item in items), Decimal(0))
