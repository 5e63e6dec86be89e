from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from engine.tabular.header import column_letters, find_header, unique_names
from engine.tabular.limits import Limits
from engine.tabular.problems import FileRefused
from engine.tabular.reading import Row, open_table
from tests.engine.tabular.making import ods, ods_cell, xlsx

NINE = datetime.fromisoformat("2024-03-01 09:05")
CALLS_XLS = Path(__file__).parent / "calls.xls"
PLAIN = "工号,日期,是否接听\nA1,2024-03-01,是\nA2,2024-03-02,否\n"


def test_xlsx_gives_typed_cells_and_row_numbers_of_the_sheet() -> None:
    rows: list[list[object]] = [
        ["三月通话记录"],
        [],
        ["工号", "时刻", "日期", "时间", "时长", "次数", "分数", "接听"],
        ["001", NINE, datetime.fromisoformat("2024-03-01"), time(9, 5), timedelta(hours=30), 3.0, 2.5, True],
        [],
        ["002", None, None, None, None, None, None, False],
        [" "],
    ]
    table = open_table(xlsx(rows), "calls.xlsx")
    assert (table.header_row, table.row_count, table.encoding) == (3, 2, None)
    assert list(table.rows()) == [
        Row(4, ("001", NINE, date(2024, 3, 1), time(9, 5), timedelta(hours=30), 3, 2.5, True)),
        Row(6, ("002", None, None, None, None, None, None, False)),
    ]
    assert type(next(table.rows()).cells[5]) is int


def test_xlsx_table_that_starts_away_from_the_corner_keeps_its_row_numbers() -> None:
    rows: list[list[str | None]] = [[], [], [None, None, "工号", None], [None, None, "A1", "x"]]
    table = open_table(xlsx(rows), "calls.xlsx")
    assert table.header == ("工号", "D")
    assert list(table.rows()) == [Row(4, ("A1", "x"))]


def test_sheets_first_with_cells_is_read_unless_another_is_chosen() -> None:
    data = xlsx([], [["a", "b"], [1, 2]], [["c", "d"], [3, 4]], names=("空", "一月", "二月"))
    assert open_table(data, "x.xlsx").sheet == "一月"
    chosen = open_table(data, "x.xlsx", sheet="二月")
    assert (chosen.sheets, chosen.header) == (("空", "一月", "二月"), ("c", "d"))
    with pytest.raises(FileRefused, match="三月"):
        open_table(data, "x.xlsx", sheet="三月")


def test_xls_is_read_by_its_content_whatever_its_name() -> None:
    table = open_table(CALLS_XLS.read_bytes(), "calls.csv")
    assert table.header == ("工号", "日期", "时间", "通话时长", "是否接听", "评分")
    assert next(table.rows()) == Row(4, ("A001", date(2024, 3, 1), time(9, 5, 33), time(0, 3, 44), "是", 5))
    assert open_table(CALLS_XLS, "calls.xls").row_count == 3


def test_ods_with_repeated_blank_tail_is_read() -> None:
    when = '<table:table-cell office:value-type="date" office:date-value="2024-03-01"><text:p>1.3.</text:p>'
    rows = (
        f"<table:table-row>{ods_cell('工号')}{ods_cell('日期')}</table:table-row>"
        f"<table:table-row>{ods_cell('A1')}{when}</table:table-cell></table:table-row>"
        '<table:table-row table:number-rows-repeated="1048574">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    table = open_table(ods(rows), "calls.ods")
    assert (table.sheets, list(table.rows())) == (("话务",), [Row(2, ("A1", date(2024, 3, 1)))])


@pytest.mark.parametrize(
    ("codec", "seen"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_csv_encoding_is_decided_by_the_bytes(codec: str, seen: str) -> None:
    table = open_table(PLAIN.encode(codec), "calls.csv")
    assert (table.encoding, table.header) == (seen, ("工号", "日期", "是否接听"))
    assert [row.cells[2] for row in table.rows()] == ["是", "否"]


def test_csv_big_endian_utf16_with_mark_is_read() -> None:
    assert open_table(b"\xfe\xff" + PLAIN.encode("utf-16-be"), "x").header[0] == "工号"


def test_csv_utf8_with_one_broken_character_is_refused_rather_than_read_as_gb18030() -> None:
    broken = ("工号,备注\n" + "A1,客户来电咨询账单\n" * 20).encode()
    with pytest.raises(FileRefused, match="damaged"):
        open_table(broken[:40] + b"\xe5" + broken[40:], "calls.csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_delimiter_is_the_one_that_cuts_evenly(delimiter: str) -> None:
    lines = [["姓名", "备注", "分数"], ["甲", "好, 快; 准", "5"], ["乙", "a|b", "4"]]
    text = "\n".join(
        delimiter.join(f'"{cell}"' if index == 1 else cell for index, cell in enumerate(line)) for line in lines
    )
    table = open_table(text.encode(), "calls.csv")
    assert (table.delimiter, [row.cells for row in table.rows()]) == (
        delimiter,
        [("甲", "好, 快; 准", "5"), ("乙", "a|b", "4")],
    )


def test_csv_first_line_may_state_the_delimiter() -> None:
    table = open_table(b"sep=;\na;b\n1,5;2\n", "x.csv")
    assert (table.header, table.header_row, list(table.rows())) == (("a", "b"), 2, [Row(3, ("1,5", "2"))])


def test_csv_cell_with_line_breaks_counts_as_one_row() -> None:
    table = open_table(b'a,b\r\n"x\r\ny",1\r\n\r\nz,2\r\n', "x.csv")
    assert list(table.rows()) == [Row(2, ("x\r\ny", "1")), Row(4, ("z", "2"))]


@pytest.mark.parametrize("tail", ['z,"2\nw,3\n', 'z,"2'])
def test_csv_quotation_mark_that_is_never_closed_is_refused_with_its_row(tail: str) -> None:
    with pytest.raises(FileRefused, match="Row 3 "):
        open_table(f"a,b\nx,1\n{tail}".encode(), "x.csv")


def test_csv_row_longer_than_the_header_is_named_and_loses_nothing() -> None:
    table = open_table(b"a,b\n1,2\n3,4,5\n6\n", "x.csv")
    assert (table.header, table.overlong) == (("a", "b", "C"), frozenset({3}))
    assert [row.cells for row in table.rows()] == [("1", "2", None), ("3", "4", "5"), ("6", None, None)]


def test_header_none_when_the_first_full_row_holds_values() -> None:
    table = open_table(b"2024-03-01,5,7\n2024-03-02,6,8\n", "x.csv")
    assert (table.header, table.header_row, table.row_count) == (("A", "B", "C"), None, 2)


def test_header_row_can_be_stated() -> None:
    table = open_table(b"x,y\na,b\n1,2\n", "x.csv", header_row=2)
    assert (table.header, list(table.rows())) == (("a", "b"), [Row(3, ("1", "2"))])


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        ([["导出时间", "2024-03-01"], ["a", "b", "c", "d"], [1, 2, 3, 4]], 1),
        ([["说明"], [None], ["姓名"], ["甲"]], 0),
        ([["a", None, "c", "d", "e"], [1, 2, 3, 4, 5]], 0),
        ([[2024, "一月", "二月"], [1, 2, 3]], 0),
        ([[1, 2], [3, 4]], None),
        ([], None),
    ],
)
def test_find_header_skips_titles_and_keeps_data(rows: list[list[str | int | None]], index: int | None) -> None:
    assert find_header(rows) == index


def test_unique_names_fill_blanks_and_tell_repeats_apart() -> None:
    assert unique_names(["日期", None, " 日期", "日期 (2)", "a\n b"], 6, 1) == (
        "日期",
        "C",
        "日期 (2)",
        "日期 (2) (2)",
        "a b",
        "G",
    )
    assert [column_letters(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \r\n", "empty"),
        (b"a,b\n", "no rows"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (b"%PDF-1.7\n1 0 obj", "document"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "neither"),
        (b"\x01\x02\x03\x04ab,c\n", "neither"),
        (b"\x09\x08\x08\x00\x00\x05\x10\x00", "older than 1997"),
        (b"PK\x03\x04 cut off", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        open_table(data, "calls.xls")


def test_rows_above_the_limit_are_refused() -> None:
    limits = Limits(rows=2)
    assert open_table(b"a,b\n1,2\n3,4\n", "x.csv", limits=limits).row_count == 2
    with pytest.raises(FileRefused, match="more than 2 rows"):
        open_table(b"a,b\n1,2\n3,4\n5,6\n", "x.csv", limits=limits)
