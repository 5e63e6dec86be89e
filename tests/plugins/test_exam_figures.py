"""Pure calculation: what an answer is worth, how a paper is drawn, what results say."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.question import Difficulty, QuestionKind
from plugins.exam.drawing import Part, Pooled, draw, parts_of, shortages, shuffled
from plugins.exam.items import Item, full_points, loaded, stored
from plugins.exam.marking import alike, points_for, score
from plugins.exam.papers import asked_of
from plugins.exam.statistics import Answered, item_figures, spread

pytestmark = [pytest.mark.sqlite, pytest.mark.clause("TRN-6")]
EASY, HARD = Difficulty.EASY, Difficulty.HARD
quick = settings(max_examples=60, deadline=None)


def item(kind: QuestionKind, key: tuple[str, ...], points: str = "2", number: int = 1) -> Item:
    options = ("甲", "乙", "丙", "丁") if kind in {QuestionKind.SINGLE, QuestionKind.MULTIPLE} else ()
    return Item(number, number, f"K{number}", kind, "章", EASY, "题", options, key, "要点", Decimal(points))


@pytest.mark.parametrize(
    ("kind", "key", "answer", "points"),
    [
        (QuestionKind.SINGLE, ("B",), ["B"], "2"),
        (QuestionKind.SINGLE, ("B",), ["A"], "0"),
        (QuestionKind.SINGLE, ("B",), [], "0"),
        (QuestionKind.TRUE_FALSE, ("true",), ["true"], "2"),
        (QuestionKind.MULTIPLE, ("A", "C"), ["C", "A"], "2"),
        (QuestionKind.MULTIPLE, ("A", "C"), ["A"], "1"),
        (QuestionKind.MULTIPLE, ("A", "C"), ["A", "B"], "0"),
        (QuestionKind.MULTIPLE, ("A", "C"), ["A", "B", "C", "D"], "0"),
        (QuestionKind.FILL_IN, ("7|七", "小时"), ["七", "小时。"], "2"),
        (QuestionKind.FILL_IN, ("7|七", "小时"), ["７.0", ""], "1"),
        (QuestionKind.FILL_IN, ("Refund",), [" refund "], "2"),
    ],
)
def test_answer_is_worth_what_the_key_says(
    kind: QuestionKind, key: tuple[str, ...], answer: list[str], points: str
) -> None:
    assert points_for(item(kind, key), answer, partial=True) == Decimal(points)


def test_incomplete_choice_brings_nothing_without_partial_credit() -> None:
    assert points_for(item(QuestionKind.MULTIPLE, ("A", "C")), ["A"], partial=False) == 0


@pytest.mark.parametrize("kind", [QuestionKind.SHORT_ANSWER, QuestionKind.PRACTICAL])
def test_trainer_marks_what_no_key_decides(kind: QuestionKind) -> None:
    assert points_for(item(kind, ()), ["很好"], partial=True) is None


answers = st.lists(st.sampled_from("ABCD"), max_size=4, unique=True)


@quick
@given(st.sets(st.sampled_from("ABCD"), min_size=1), answers, st.booleans(), st.decimals(1, 99, places=2))
def test_no_answer_brings_less_than_nothing_or_more_than_full_marks(
    key: set[str], answer: list[str], partial: bool, points: Decimal
) -> None:
    each = item(QuestionKind.MULTIPLE, tuple(sorted(key)), str(points))
    got = points_for(each, answer, partial=partial)
    assert got is not None
    assert 0 <= got <= points
    assert points_for(each, list(reversed(answer)), partial=partial) == got
    assert (got == points) == (set(answer) == key)


@quick
@given(st.text(max_size=20))
def test_texts_are_compared_as_a_reader_would(text: str) -> None:
    assert alike(f"  {text}。") == alike(text) == alike(alike(text))


def test_score_is_out_of_a_hundred() -> None:
    assert score([Decimal(1), Decimal(2)], Decimal(9)) == Decimal("33.33")
    assert score([], Decimal(0)) == 0


def test_paper_reads_back_as_it_was_stored() -> None:
    items = [item(QuestionKind.MULTIPLE, ("A",)), item(QuestionKind.FILL_IN, ("7|七",), number=2)]
    assert loaded(stored(items)) == items
    assert full_points(items) == 4


pools = st.lists(st.tuples(st.sampled_from(["甲", "乙"]), st.sampled_from(list(Difficulty))), max_size=30).map(
    lambda rows: [Pooled(n, f"K{n:03}", category, difficulty) for n, (category, difficulty) in enumerate(rows)]
)
rules = st.dictionaries(
    st.tuples(st.sampled_from(["甲", "乙"]), st.sampled_from(list(Difficulty))), st.integers(1, 6), max_size=6
).map(lambda counts: [Part(category, difficulty, count) for (category, difficulty), count in counts.items()])


@quick
@given(rules, pools, st.text(min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_draw_takes_what_the_rule_says_whatever_the_order_of_the_bank(
    parts: list[Part], pool: list[Pooled], seed: str, chance: Random
) -> None:
    drawn = draw(parts, pool, seed)
    assert len(set(drawn)) == len(drawn)
    by_id = {row.id: row for row in pool}
    lacking = {(each.part.category, each.part.difficulty): each.there for each in shortages(parts, pool)}
    for part in parts:
        pair = (part.category, part.difficulty)
        count = sum((by_id[number].category, by_id[number].difficulty) == pair for number in drawn)
        assert count == lacking.get(pair, part.count)
    mixed = list(pool)
    chance.shuffle(mixed)
    assert draw(parts, mixed, seed) == drawn


def test_resit_asks_what_was_not_asked_before() -> None:
    pool = [Pooled(n, f"K{n}", "甲", EASY) for n in range(4)]
    first = draw([Part("甲", EASY, 2)], pool, "s/1")
    assert not set(first) & set(draw([Part("甲", EASY, 2)], pool, "s/2", first))
    assert set(first) & set(draw([Part("甲", EASY, 3)], pool, "s/2", first))


def test_lines_without_questions_count_for_nothing() -> None:
    assert parts_of([{"category": "甲", "difficulty": "easy", "count": 0}]) == []


def test_order_is_each_candidates_own_and_stays() -> None:
    things = list(range(20))
    assert shuffled(things, "s/1") == shuffled(things, "s/1") != shuffled(things, "s/2")
    assert sorted(shuffled(things, "s/1")) == things


def test_candidate_sees_nothing_that_tells_the_answer() -> None:
    items = [item(QuestionKind.SINGLE, ("B",)), item(QuestionKind.PRACTICAL, (), number=2)]
    asked = asked_of(items, "s/1")
    assert [each.number for each in asked] == [1]
    assert set(vars(asked[0])) == {"number", "kind", "text", "options", "blanks", "points"}
    assert sorted(asked[0].options) == [("A", "甲"), ("B", "乙"), ("C", "丙"), ("D", "丁")]
    assert "要点" not in repr(asked)


def test_item_that_the_good_pass_and_the_poor_fail_discriminates() -> None:
    rows = [Answered(c, 1, float(c > 2), ("A",) if c > 2 else ("B",)) for c in range(1, 5)]
    rows += [Answered(c, 2, float(c > 2)) for c in range(1, 5)]
    rows += [Answered(c, 3, float(c <= 2)) for c in range(1, 5)]
    rows += [Answered(c, 4, float(c > 2)) for c in range(1, 5)]
    figures = item_figures(rows)
    assert figures[1].difficulty == 0.5
    assert figures[1].discrimination == pytest.approx(1.0)
    assert figures[3].is_suspect
    assert figures[1].choices == {"A": 2, "B": 2}


def test_figures_of_too_few_candidates_say_nothing() -> None:
    assert item_figures([Answered(1, 1, 1.0), Answered(2, 1, 0.0)])[1].discrimination is None


@quick
@given(
    st.lists(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=4, max_size=4), min_size=1, max_size=12),
)
def test_figures_stay_within_their_bounds(table: list[list[float]]) -> None:
    rows = [Answered(c, n, share) for c, shares in enumerate(table) for n, share in enumerate(shares)]
    for figures in item_figures(rows).values():
        assert 0 <= figures.difficulty <= 1
        assert figures.discrimination is None or -1 <= figures.discrimination <= 1


@quick
@given(st.lists(st.decimals(0, 100, places=2), max_size=30))
def test_every_score_lies_in_one_band(scores: list[Decimal]) -> None:
    passed = sum(each >= 80 for each in scores)
    found = spread(scores, passed)
    assert sum(found.bands) == found.count == len(scores)
    assert (found.pass_rate is None) == (not scores)
