from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tabular.problems import At, Cell, CellProblem
from engine.tabular.times import parse_time

HERE = At("时间", 3)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("9:05", time(9, 5)),
        ("09:05:33", time(9, 5, 33)),
        ("9：05", time(9, 5)),
        ("09:05:33.750", time(9, 5, 33)),
        ("下午3:05", time(15, 5)),
        ("下午 3:05:09", time(15, 5, 9)),
        ("上午12:05", time(0, 5)),
        ("下午12:05", time(12, 5)),
        ("凌晨1点", time(1)),
        ("中午12:30", time(12, 30)),
        ("中午11:30", time(11, 30)),
        ("中午1点10分", time(13, 10)),
        ("晚上9点05分", time(21, 5)),
        ("15时05分33秒", time(15, 5, 33)),
        ("3:05 PM", time(15, 5)),
        ("3:05pm", time(15, 5)),
        ("PM 3:05", time(15, 5)),
        ("3:05 a.m.", time(3, 5)),
        ("12:00 AM", time(0)),
        ("12 pm", time(12)),
        (0.5, time(12)),
        (0, time(0)),
        ("0.378472222", time(9, 5)),
        (time(9, 5, 33, 999999), time(9, 5, 33)),
        (timedelta(hours=9, minutes=5), time(9, 5)),
        (datetime.fromisoformat("2024-03-01 09:05"), time(9, 5)),
        (None, None),
        (" ", None),
    ],
)
def test_time_is_read_as_people_write_it(value: Cell, expected: time | None) -> None:
    assert parse_time(value, HERE) == expected


@pytest.mark.parametrize(
    "value",
    [
        "25:00",
        "24:00",
        "9:60",
        "9:05:60",
        "9",
        "9:",
        "上午14:00",
        "晚上12:10",
        "上午9:00 PM",
        "soon",
        1,
        44227,
        -0.5,
        True,
        date(2024, 3, 1),
        timedelta(hours=30),
        timedelta(seconds=-1),
    ],
)
def test_what_is_no_time_of_day_is_refused(value: Cell) -> None:
    with pytest.raises(CellProblem) as caught:
        parse_time(value, HERE)
    assert (caught.value.column, caught.value.row, caught.value.value) == ("时间", 3, value)


@given(st.times().map(lambda each: each.replace(microsecond=0)))
def test_any_time_reads_back_from_every_clock(clock: time) -> None:
    half = "上午" if clock.hour < 12 else "下午"
    twelve = clock.hour % 12 or 12
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    for written in (
        clock.isoformat(),
        clock.strftime("%I:%M:%S %p"),
        f"{half}{twelve}:{clock.minute:02}:{clock.second:02}",
        seconds / 86_400,
    ):
        assert parse_time(written, HERE) == clock
