from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from engine.tabular.problems import At, Cell, CellProblem
from engine.tabular.values import parse_decimal, parse_integer, parse_rating, parse_text, parse_yes_no

HERE = At("分数", 5)


def test_yes_and_no_are_understood_in_both_languages() -> None:
    for word in ("Y", "yes", "是", "TRUE", True, 1, "１", "已接", "Answered", " 已解决 ", "√"):
        assert parse_yes_no(word, HERE) is True, word
    for word in ("N", "no", "否", "false", False, 0, "0", "未接", "abandoned", "未解决", "×"):
        assert parse_yes_no(word, HERE) is False, word
    assert parse_yes_no("转人工", HERE, yes={"转人工"}, no={"自助"}) is True


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1,234,567.50", "1234567.50"),
        ("１，２３４", "1234"),
        ("－3.5", "-3.5"),
        ("+4", "4"),
        (".5", "0.5"),
        ("1e3", "1000"),
        (0.1, "0.1"),
        (7, "7"),
        (Decimal("2.50"), "2.50"),
    ],
)
def test_decimal_is_exact(value: Cell, number: str) -> None:
    assert parse_decimal(value, HERE) == Decimal(number)


def test_integer_takes_whole_numbers_only() -> None:
    assert [parse_integer(value, HERE) for value in ("4.0", 4.0, "1,000", "００７", 12)] == [4, 4, 1000, 7, 12]


def test_rating_stays_within_its_bounds() -> None:
    assert [parse_rating(value, HERE) for value in (5, "5分", "5星", "4 stars", "３", 1.0)] == [5, 5, 5, 4, 3, 1]
    assert parse_rating(0, HERE, lowest=0, highest=10) == 0
    with pytest.raises(CellProblem) as caught:
        parse_rating("6分", HERE)
    assert (caught.value.value, str(caught.value.reason)) == ("6分", "The rating must be from 1 to 5.")


def test_text_keeps_what_was_typed() -> None:
    values: list[Cell] = [
        " 甲 ",
        13800138000,
        2.5,
        True,
        date(2024, 3, 1),
        time(9, 5),
        datetime.fromisoformat("2024-03-01 09:05"),
    ]
    assert [parse_text(value, HERE) for value in values] == [
        "甲",
        "13800138000",
        "2.5",
        "TRUE",
        "2024-03-01",
        "09:05:00",
        "2024-03-01 09:05:00",
    ]


@pytest.mark.parametrize("parse", [parse_text, parse_yes_no, parse_decimal, parse_integer, parse_rating])
@pytest.mark.parametrize("value", [None, "", " \u3000"])
def test_blank_is_none(parse: Callable[[Cell, At], object], value: Cell) -> None:
    assert parse(value, HERE) is None


@pytest.mark.parametrize(
    ("parse", "value"),
    [
        (parse_yes_no, "maybe"),
        (parse_yes_no, 2),
        (parse_decimal, "1,23"),
        (parse_decimal, "1.234,5"),
        (parse_decimal, "12%"),
        (parse_decimal, "x"),
        (parse_decimal, True),
        (parse_decimal, float("nan")),
        (parse_decimal, date(2024, 3, 1)),
        (parse_integer, "4.5"),
        (parse_rating, "4.5"),
        (parse_rating, "good"),
        (parse_rating, -1),
    ],
)
def test_what_cannot_be_taken_is_a_problem_of_its_cell(parse: Callable[[Cell, At], object], value: Cell) -> None:
    with pytest.raises(CellProblem) as caught:
        parse(value, HERE)
    problem = caught.value
    assert (problem.column, problem.row) == ("分数", 5)
    assert problem.value is value
    assert str(problem.reason).startswith(("This is n", "The rating must"))
