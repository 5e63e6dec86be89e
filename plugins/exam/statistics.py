"""What results say of an exam: how hard each question was, whether it tells good from poor, how scores are spread."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import StatisticsError, correlation, mean, median, pstdev

TENS = tuple(range(0, 100, 10))
FEWEST = 3
"""With fewer candidates a correlation says nothing."""
TOO_HARD, TOO_EASY, WEAK = 0.3, 0.9, 0.2


@dataclass(frozen=True)
class Answered:
    """One candidate's share of one item: from 0 (nothing) to 1 (full marks), and what was chosen."""

    candidate: int
    item: int
    share: float
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True)
class ItemFigures:
    """Of one item: how many answered, `difficulty` (mean share of the points; high is easy), `discrimination`.

    Discrimination is the correlation of the item with the rest of the paper, from -1 to 1; None where there are too few
    candidates or nothing varies. `choices` counts how often each option was taken.
    """

    answered: int
    difficulty: float
    discrimination: float | None
    choices: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_suspect(self) -> bool:
        """Whether those who did well fail here: the key or the wording wants a look."""
        return self.discrimination is not None and self.discrimination < 0

    @property
    def is_weak(self) -> bool:
        """Whether it hardly tells who knows the subject."""
        return self.discrimination is not None and 0 <= self.discrimination < WEAK

    @property
    def is_extreme(self) -> bool:
        """Whether nearly all or hardly any got it right."""
        return self.difficulty < TOO_HARD or self.difficulty > TOO_EASY


@dataclass(frozen=True)
class Spread:
    """The scores of an exam: how many lie in each band of ten, and what they come to."""

    bands: tuple[int, ...]
    count: int
    passed: int
    mean: float | None = None
    median: float | None = None
    deviation: float | None = None
    lowest: Decimal | None = None
    highest: Decimal | None = None

    @property
    def pass_rate(self) -> float | None:
        """The share of those who passed, from 0 to 1."""
        return self.passed / self.count if self.count else None


def item_figures(answers: Sequence[Answered]) -> dict[int, ItemFigures]:
    """Figures of every item, from the answers of all candidates."""
    totals: Counter[int] = Counter()
    by_item: dict[int, list[Answered]] = {}
    for each in answers:
        totals[each.candidate] += each.share  # type: ignore[assignment]  # a Counter adds fractions as well
        by_item.setdefault(each.item, []).append(each)
    return {item: _figures(rows, totals) for item, rows in by_item.items()}


def _figures(rows: Sequence[Answered], totals: Mapping[int, float]) -> ItemFigures:
    shares = [row.share for row in rows]
    rest = [totals[row.candidate] - row.share for row in rows]
    choices = Counter(letter for row in rows for letter in row.chosen)
    return ItemFigures(len(rows), mean(shares), _correlated(shares, rest), dict(sorted(choices.items())))


def _correlated(shares: Sequence[float], rest: Sequence[float]) -> float | None:
    if len(shares) < FEWEST or _is_even(shares) or _is_even(rest):
        return None
    try:
        return max(-1.0, min(1.0, correlation(shares, rest)))
    except StatisticsError:
        return None


def _is_even(values: Sequence[float]) -> bool:
    return max(values) - min(values) < 1e-9  # noqa: PLR2004 sums of fractions differ in their last digits


def spread(scores: Sequence[Decimal], passed: int) -> Spread:
    """The distribution of scores from 0 to 100; full marks lie in the last band."""
    bands = Counter(min(int(score) // 10, len(TENS) - 1) for score in scores)
    counts = tuple(bands[band] for band in range(len(TENS)))
    if not scores:
        return Spread(counts, 0, passed)
    plain = [float(score) for score in scores]
    return Spread(counts, len(scores), passed, mean(plain), median(plain), pstdev(plain), min(scores), max(scores))
