from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tabular.ambiguity import Ambiguous
from engine.tabular.dates import (
    DateFormat,
    Order,
    detect_date_format,
    has_time,
    parse_date,
    parse_datetime,
    reads_as_date,
)
from engine.tabular.problems import At, Cell, CellProblem

HERE = At("日期", 7)
DAY = date(2021, 1, 31)
DMY, MDY, YMD = (DateFormat(order) for order in (Order.DMY, Order.MDY, Order.YMD))
DAYS = st.dates(min_value=date(1955, 1, 1), max_value=date(2068, 12, 31))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "value",
    [
        "2021-01-31",
        "2021/1/31",
        "2021.1.31",
        "2021 - 01 - 31",
        "2021年1月31日",
        "2021年01月31号",
        "２０２１／０１／３１",
        " 2021-01-31 星期日 ",
        "2021-01-31(周日)",
        "20210131",
        20210131,
        44227,
        44227.0,
        Decimal(44227),
        "44227",
        "31 Jan 2021",
        "31-January-2021",
        "Jan 31, 2021",
        "Sun, 31st Jan 2021",
        "2021-Jan-31",
        "2021-01-31 00:00:00",
        DAY,
        moment("2021-01-31 09:05"),
    ],
)
@pytest.mark.parametrize("choice", [YMD, DMY, MDY])
def test_date_that_reads_one_way_needs_no_choice(value: Cell, choice: DateFormat) -> None:
    assert detect_date_format([value]) == YMD
    assert parse_date(value, choice, HERE) == DAY


@pytest.mark.parametrize(
    ("values", "choice"),
    [
        (["01/02/2021", "31/01/2021", None], DMY),
        (["01/02/2021", "01/31/2021", ""], MDY),
        (["1-2-2021", "13-2-2021", "2021-02-01"], DMY),
        (["01022021", "31012021"], DMY),
        (["1/2/2021", "31/1/2021", "not known", "45/45/2021"], DMY),
        ([], YMD),
        ([None, " "], YMD),
    ],
)
def test_detect_takes_the_order_that_a_value_decides(values: list[Cell], choice: DateFormat) -> None:
    assert detect_date_format(values) == choice


def candidates(values: list[Cell]) -> list[tuple[str, str, date]]:
    found = detect_date_format(values)
    assert isinstance(found, Ambiguous)
    return [(each.format.code, each.example, each.reading) for each in found.candidates]


def test_detect_asks_when_no_value_decides_and_shows_one_that_differs() -> None:
    assert candidates(["05/05/2021", "01/02/2021"]) == [
        ("dmy", "01/02/2021", date(2021, 2, 1)),
        ("mdy", "01/02/2021", date(2021, 1, 2)),
    ]


def test_detect_asks_when_values_contradict_each_other() -> None:
    assert candidates(["31/01/2021", "02/28/2021"]) == [
        ("dmy", "31/01/2021", DAY),
        ("mdy", "02/28/2021", date(2021, 2, 28)),
    ]


@pytest.mark.parametrize(
    ("value", "readings"),
    [
        ("01/02/03", {"ymd+short": "2001-02-03", "dmy+short": "2003-02-01", "mdy+short": "2003-01-02"}),
        ("21-01-31", {"ymd+short": "2021-01-31", "dmy+short": "2031-01-21"}),
        ("31-12-99", {"dmy+short": "1999-12-31"}),
        ("21年1月31日", {"ymd+short": "2021-01-31"}),
        ("05-Jan-21", {"ymd+short": "2005-01-21", "dmy+short": "2021-01-05"}),
    ],
)
def test_detect_asks_about_every_two_digit_year(value: str, readings: dict[str, str]) -> None:
    assert candidates([value]) == [(code, value, date.fromisoformat(day)) for code, day in readings.items()]


@pytest.mark.parametrize(
    "value", ["hello", "2021-13-01", "2021-02-29", "5:30", "1/2", "12", 7, True, "31/31/2021", "1.2.3.4"]
)
def test_detect_finds_no_candidate_in_what_is_no_date(value: Cell) -> None:
    assert candidates([value]) == []
    assert not reads_as_date(value)
    with pytest.raises(CellProblem) as caught:
        parse_date(value, DMY, HERE)
    problem = caught.value
    assert (problem.column, problem.row, problem.value, str(problem.reason)) == ("日期", 7, value, "This is no date.")


def test_detect_asks_when_a_spreadsheet_seems_to_have_swapped_day_and_month() -> None:
    natives = [date(2021, month, 3) for month in (4, 5, 6)]
    assert candidates([*natives, "31/03/2021"]) == [
        ("dmy", "2021-04-03", date(2021, 4, 3)),
        ("dmy+swapped", "2021-04-03", date(2021, 3, 4)),
    ]
    assert parse_date(natives[0], DateFormat.from_code("dmy+swapped"), HERE) == date(2021, 3, 4)
    assert detect_date_format([*natives, date(2021, 4, 20), "31/03/2021"]) == DMY


@pytest.mark.parametrize(
    ("value", "choice", "words"),
    [
        ("31/01/2021", MDY, "month comes first"),
        ("01/31/2021", DMY, "day comes first"),
        ("01/02/2021", YMD, "year comes first"),
        ("01/02/21", DMY, "two digits"),
    ],
)
def test_parse_says_why_a_date_does_not_fit_the_choice(value: str, choice: DateFormat, words: str) -> None:
    with pytest.raises(CellProblem) as caught:
        parse_date(value, choice, HERE)
    assert words in str(caught.value.reason)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2021-01-31 09:05:33", "2021-01-31 09:05:33"),
        ("2021-01-31T09:05:33.250", "2021-01-31 09:05:33"),
        ("2021-01-31T01:05:33Z", "2021-01-31 01:05:33+00:00"),
        ("2021-01-31 09:05:33 +0800", "2021-01-31 09:05:33+08:00"),
        ("2021-01-31 04:05-05:30", "2021-01-31 04:05-05:30"),
        ("2021年1月31日 下午3:05", "2021-01-31 15:05"),
        ("2021年1月31日15时05分", "2021-01-31 15:05"),
        ("31/01/2021 3:05 PM", "2021-01-31 15:05"),
        ("2021-01-31 星期日 15:05", "2021-01-31 15:05"),
        ("20210131150533", "2021-01-31 15:05:33"),
        (20210131150533, "2021-01-31 15:05:33"),
        (44227.628530092594, "2021-01-31 15:05:05"),
        (44226.9999999, "2021-01-31"),
        (DAY, "2021-01-31"),
    ],
)
def test_parse_datetime_takes_date_and_time_together(value: Cell, expected: str) -> None:
    assert parse_datetime(value, DMY, HERE) == moment(expected)


@pytest.mark.parametrize("value", ["2021-01-31 25:00", "2021-01-31 9", "2021-01-31 soon", "20210131256000"])
def test_parse_datetime_refuses_a_date_with_a_broken_time(value: str) -> None:
    with pytest.raises(CellProblem):
        parse_datetime(value, YMD, HERE)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_parse_date_blank_is_none(value: Cell) -> None:
    assert parse_date(value, YMD, HERE) is None


def test_has_time_tells_moments_from_days() -> None:
    assert [has_time(value) for value in ("2021-01-31 9:05", 44227.5, moment("2021-01-31 09:05"))] == [True] * 3
    assert [has_time(value) for value in ("2021-01-31", 44227, DAY, "x")] == [False] * 4


def test_format_code_comes_back_as_the_same_format() -> None:
    for choice in (YMD, DateFormat(Order.MDY, short_year=True), DateFormat(Order.DMY, short_year=True, swapped=True)):
        assert DateFormat.from_code(choice.code) == choice
    for code in ("ydm", "dmy+x", ""):
        with pytest.raises(ValueError, match=r".*"):
            DateFormat.from_code(code)


@given(day=DAYS, pattern=st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%d %b %Y", "%B %d, %Y"]))
def test_any_clear_date_reads_back(day: date, pattern: str) -> None:
    text = day.strftime(pattern)
    assert detect_date_format([text]) == YMD
    assert parse_date(text, DMY, HERE) == day


@given(days=st.lists(DAYS, min_size=1, max_size=5), day_first=st.booleans())
def test_numeric_dates_are_decided_only_by_a_day_above_twelve(days: list[date], *, day_first: bool) -> None:
    pattern, choice = ("%d/%m/%Y", DMY) if day_first else ("%m/%d/%Y", MDY)
    texts = [day.strftime(pattern) for day in days]
    found = detect_date_format(texts)
    if any(day.day > 12 for day in days):
        assert found == choice
    else:
        same = all(day.day == day.month for day in days)
        assert found == DMY if same else isinstance(found, Ambiguous)
    assert [parse_date(text, choice, HERE) for text in texts] == days


@given(day=DAYS, order=st.sampled_from(Order))
def test_two_digit_years_offer_the_true_reading_and_take_it_once_chosen(day: date, order: Order) -> None:
    pattern = {Order.YMD: "%y.%m.%d", Order.DMY: "%d.%m.%y", Order.MDY: "%m.%d.%y"}[order]
    in_window = day if day.year >= 1970 else day.replace(year=day.year + 100, day=min(day.day, 28))
    text = in_window.strftime(pattern)
    found = detect_date_format([text])
    assert isinstance(found, Ambiguous)
    assert in_window in {candidate.reading for candidate in found.candidates}
    assert parse_date(text, DateFormat(order, short_year=True), HERE) == in_window


@given(day=DAYS)
def test_excel_serials_read_as_the_day_that_excel_shows(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert parse_date(serial, YMD, HERE) == day
    assert parse_datetime(serial + 0.5, YMD, HERE) == moment(f"{day} 12:00") + timedelta(0)


@given(st.text(max_size=20))
def test_no_text_breaks_detection_or_parsing(text: str) -> None:
    found = detect_date_format([text])
    if isinstance(found, Ambiguous) and not found.candidates:
        with pytest.raises(CellProblem):
            parse_date(text, YMD, HERE)
