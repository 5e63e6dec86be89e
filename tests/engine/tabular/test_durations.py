from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tabular.ambiguity import Ambiguous
from engine.tabular.durations import DurationFormat, Pair, Unit, detect_duration_format, parse_duration
from engine.tabular.problems import At, Cell, CellProblem

HERE = At("通话时长", 3)
USUAL = DurationFormat()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("00:03:44", 224),
        ("30:00:00", 108_000),
        ("0:00:09.6", 9),
        ("3分44秒", 224),
        ("1小时2分", 3720),
        ("59秒", 59),
        ("1h 2m 3s", 3723),
        ("2 min", 120),
        (time(0, 3, 44), 224),
        (timedelta(hours=30), 108_000),
        (None, None),
        ("", None),
    ],
)
def test_clear_duration_needs_no_choice(value: Cell, seconds: int | None) -> None:
    assert detect_duration_format([value]) == USUAL
    assert parse_duration(value, DurationFormat(Pair.HOURS_MINUTES, Unit.HOURS), HERE) == seconds


def readings(values: list[Cell], header: str = "") -> list[tuple[str, str, int]]:
    found = detect_duration_format(values, header)
    assert isinstance(found, Ambiguous)
    return [(each.format.pair, each.format.unit, each.reading) for each in found.candidates]


def test_pair_is_asked() -> None:
    assert readings(["03:44", "00:05:00"]) == [("m:s", "s", 224), ("h:m", "s", 13_440)]


def test_plain_number_is_asked_unless_the_title_says_the_unit() -> None:
    assert readings([90, "120"]) == [("m:s", "s", 90), ("m:s", "m", 5400)]
    assert readings([0.5, 0.25]) == [("m:s", "d", 43_200), ("m:s", "m", 30), ("m:s", "h", 1800)]
    for title, unit in (("通话时长（秒）", "s"), ("Talk time (min)", "m"), ("工时/小时", "h"), ("talk_seconds", "s")):
        assert detect_duration_format([90], title) == DurationFormat(unit=Unit(unit)), title


def test_nothing_readable_gives_no_candidates() -> None:
    assert readings(["long", "short"]) == []


@pytest.mark.parametrize(
    "value",
    ["1:75", "00:61:00", "long", -5, "-5", True, date(2024, 3, 1), datetime.fromisoformat("2024-03-01"), "1:2:3:4"],
)
def test_what_is_no_duration_is_refused(value: Cell) -> None:
    with pytest.raises(CellProblem) as caught:
        parse_duration(value, USUAL, HERE)
    assert (caught.value.row, caught.value.value) == (3, value)


@given(st.integers(min_value=0, max_value=9999 * 3600))
def test_any_length_reads_back_from_every_form(seconds: int) -> None:
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    for written in (f"{hours}:{minutes:02}:{rest:02}", f"{hours}小时{minutes}分{rest}秒", timedelta(seconds=seconds)):
        assert parse_duration(written, USUAL, HERE) == seconds
    assert parse_duration(seconds, USUAL, HERE) == seconds
