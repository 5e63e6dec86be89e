from datetime import date, datetime, time
from decimal import Decimal

import pytest

from engine.tabular.ambiguity import Ambiguous
from engine.tabular.columns import Field, Kind
from engine.tabular.dates import DateFormat, Order
from engine.tabular.durations import DurationFormat, Unit
from engine.tabular.problems import At
from engine.tabular.reading import Row
from engine.tabular.rows import Column, detect_format, parse_row, parser_for


def field(kind: Kind, *, required: bool = False) -> Field:
    return Field(kind.value, "字段", "field", kind=kind, required=required)


def test_row_shows_all_its_problems_at_once() -> None:
    fields = [field(kind, required=kind == Kind.TEXT) for kind in (Kind.TEXT, Kind.INTEGER, Kind.RATING, Kind.YES_NO)]
    columns = [Column(each, index, f"第{index}列", parser_for(each)) for index, each in enumerate(fields)]
    parsed = parse_row(Row(9, (" ", "x", 9, "是")), columns)
    assert parsed.values == {"text": None, "integer": None, "rating": None, "yes_no": True}
    assert [(problem.column, problem.row, problem.value, str(problem.reason)) for problem in parsed.problems] == [
        ("第0列", 9, " ", "This must not be blank."),
        ("第1列", 9, "x", "This is no number."),
        ("第2列", 9, 9, "The rating must be from 1 to 5."),
    ]


def test_required_cell_that_cannot_be_read_is_one_problem() -> None:
    needed = field(Kind.TIME, required=True)
    parsed = parse_row(Row(2, ("soon",)), [Column(needed, 0, "时间", parser_for(needed))])
    assert [str(problem.reason) for problem in parsed.problems] == ["This is no time of day."]


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        (Kind.DATE, "1/2/2024", date(2024, 2, 1)),
        (Kind.DATETIME, "1/2/2024 9:05", datetime.fromisoformat("2024-02-01 09:05")),
        (Kind.TIME, "9:05", time(9, 5)),
        (Kind.DURATION, "2", 120),
        (Kind.DECIMAL, "1,000.5", Decimal("1000.5")),
        (Kind.TEXT, 5, "5"),
        (Kind.RATING, 9, 9),
    ],
)
def test_parser_reads_its_kind(kind: Kind, cell: str | int, expected: object) -> None:
    chosen = DurationFormat(unit=Unit.MINUTES) if kind == Kind.DURATION else DateFormat(Order.DMY)
    assert parser_for(field(kind), chosen, highest=10)(cell, At("x", 1)) == expected


@pytest.mark.parametrize("kind", [Kind.DATE, Kind.DATETIME, Kind.DURATION])
def test_parser_without_its_format_is_a_mistake_of_the_caller(kind: Kind) -> None:
    with pytest.raises(TypeError):
        parser_for(field(kind))


def test_detect_format_asks_only_where_the_kind_needs_one() -> None:
    assert detect_format(field(Kind.DATE), ["2024-03-01"]) == DateFormat()
    assert isinstance(detect_format(field(Kind.DATETIME), ["1/2/2024 9:05"]), Ambiguous)
    assert detect_format(field(Kind.DURATION), [90], "时长(分)") == DurationFormat(unit=Unit.MINUTES)
    assert detect_format(field(Kind.TIME), ["9:05"]) is None
