"""What the results say of an exam: the spread of scores, and of each question how hard it was and whether it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from engine.database import db
from models.exam import Exam
from models.exam_result import ExamResult, ResultState
from models.words import _
from plugins.exam.items import Item
from plugins.exam.papers import items_of
from plugins.exam.results import Mark, marks_of
from plugins.exam.statistics import TENS, Answered, ItemFigures, Spread, item_figures, spread

SCORED = (ResultState.RECORDED, ResultState.TOLD)


@dataclass(frozen=True)
class Band:
    """A band of ten points and how many scores lie in it."""

    name: str
    count: int


@dataclass(frozen=True)
class Asked:
    """A question of a paper with what became of it; `figures` is None until somebody's answer was marked."""

    item: Item
    right: Sequence[str]
    figures: ItemFigures | None


def scored(exam: Exam, attempt: int = 1) -> Sequence[ExamResult]:
    """The marked results of an attempt."""
    return db.session.scalars(
        select(ExamResult).where(
            ExamResult.exam_id == exam.id, ExamResult.attempt == attempt, ExamResult.state.in_(SCORED)
        )
    ).all()


def spread_of(results: Sequence[ExamResult]) -> Spread:
    """How the scores are spread."""
    scores = [result.score for result in results if result.score is not None]
    return spread(scores, sum(bool(result.passed) for result in results))


def bands_of(found: Spread) -> list[Band]:
    """The bands by name."""
    names = [f"{low}–{low + 9}" if low < TENS[-1] else f"{low}–100" for low in TENS]
    return [Band(name, count) for name, count in zip(names, found.bands, strict=True)]


def questions_of(exam: Exam, attempt: int, results: Sequence[ExamResult]) -> list[Asked]:
    """Every question of the paper with its figures, in the order of the paper."""
    figures = item_figures([each for result in results for each in _answered(result)])
    return [Asked(item, right_of(item), figures.get(item.number)) for item in items_of(db.session(), exam.id, attempt)]


def right_of(item: Item) -> list[str]:
    """What is right, in words a trainer reads."""
    words: Mapping[str, str] = {"true": str(_("True")), "false": str(_("False"))}
    return [f"{key} · {item.letters[key]}" if key in item.letters else words.get(key, key) for key in item.key]


def _answered(result: ExamResult) -> list[Answered]:
    return [
        Answered(result.staff_id, mark.item.number, _share(mark), _chosen(mark))
        for mark in marks_of(db.session(), result)
        if mark.points is not None
    ]


def _share(mark: Mark) -> float:
    return float((mark.points or Decimal(0)) / mark.item.points)


def _chosen(mark: Mark) -> tuple[str, ...]:
    return tuple(text for text in mark.answer if text in mark.item.letters)
