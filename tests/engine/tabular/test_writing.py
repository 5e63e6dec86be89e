import csv
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest

from engine.tabular.columns import fingerprint
from engine.tabular.problems import At, Cell, CellProblem
from engine.tabular.reading import Row, open_table
from engine.tabular.writing import csv_chunks, rows_to_xlsx, safe_cell, write_csv
from tests.engine.tabular.making import xlsx

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x"]
MOMENT = datetime.fromisoformat("2024-03-01 09:05:33")


def refused(header: tuple[str, ...], rows: list[Row], reasons: dict[int, list[CellProblem]]) -> bytes:
    stream = BytesIO()
    assert rows_to_xlsx(stream, header, rows, reasons) == len(reasons)
    return stream.getvalue()


def problem(row: int, value: Cell = "x", reason: str = "Wrong.") -> CellProblem:
    return CellProblem(At("日期", row), value, reason)


def test_refused_rows_are_written_with_their_reasons_and_no_others() -> None:
    rows = [Row(2, ("a", 1)), Row(3, ("b", None)), Row(5, ("c", 3))]
    reasons = {3: [problem(3), problem(3, None, "Blank."), problem(3)], 5: [problem(5)]}
    table = open_table(refused(("日期", "次数"), rows, reasons), "refused.xlsx")
    assert table.header == ("日期", "次数", "※ Row in the file", "※ Why it was refused")
    assert [row.cells for row in table.rows()] == [
        ("b", None, 3, "日期 “x”: Wrong.\n日期: Blank."),
        ("c", 3, 5, "日期 “x”: Wrong."),
    ]


def test_mended_file_has_the_shape_and_cells_of_the_original() -> None:
    cells: tuple[Cell, ...] = (
        "0012",
        "=1+1",
        date(2024, 3, 1),
        MOMENT,
        time(9, 5, 33),
        timedelta(hours=30),
        3,
        2.5,
        True,
        None,
        "http://example.org",
        "123456789012345678",
    )
    header = tuple(f"列{index}" for index in range(len(cells)))
    original = open_table(xlsx([header, cells]), "a.xlsx")
    mended = open_table(refused(original.header, list(original.rows()), {2: [problem(2)]}), "b.xlsx")
    assert next(mended.rows()).cells[: len(cells)] == next(original.rows()).cells
    assert fingerprint(mended.header) == fingerprint(original.header)
    again = open_table(refused(mended.header, list(mended.rows()), {2: [problem(2)]}), "c.xlsx")
    assert again.header == mended.header


@pytest.mark.parametrize("text", DANGEROUS)
def test_formula_looking_text_in_xlsx_is_text_and_stays_so_when_edited(text: str) -> None:
    data = refused((text,), [Row(2, (text,))], {2: [problem(2, text)]})
    sheet = openpyxl.load_workbook(BytesIO(data)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet["A2"].quotePrefix
    assert b"<f>" not in zipfile.ZipFile(BytesIO(data)).read("xl/worksheets/sheet1.xml")


def test_what_excel_cannot_hold_as_a_number_or_date_is_written_as_text() -> None:
    cells: tuple[Cell, ...] = (
        10**17,
        date(1850, 1, 1),
        datetime(2024, 3, 1, tzinfo=UTC),
        Decimal("NaN"),
        float("inf"),
        "长" * 40_000,
    )
    table = open_table(refused(tuple("abcdef"), [Row(2, cells)], {2: [problem(2)]}), "x.xlsx")
    read = next(table.rows()).cells
    assert read[:5] == ("100000000000000000", "1850-01-01", "2024-03-01 00:00:00+00:00", "NaN", "inf")
    assert len(str(read[5])) == 32_767


def test_xlsx_is_written_to_a_path(tmp_path: Path) -> None:
    assert rows_to_xlsx(tmp_path / "x.xlsx", ("a", "b"), [Row(2, ("1", "2"))], {2: [problem(2)]}) == 1
    assert open_table(tmp_path / "x.xlsx", "x.xlsx").row_count == 1


@pytest.mark.parametrize("text", DANGEROUS)
def test_safe_cell_makes_text_inert(text: str) -> None:
    assert safe_cell(text) == "'" + text


def test_safe_cell_leaves_the_rest_alone() -> None:
    assert [safe_cell(value) for value in ("a=1", -5, Decimal("-1.5"), None, True, MOMENT, date(2024, 3, 1), "")] == [
        "a=1",
        -5,
        Decimal("-1.5"),
        "",
        "TRUE",
        "2024-03-01 09:05:33",
        "2024-03-01",
        "",
    ]


def test_csv_opens_in_excel_as_it_was_written(tmp_path: Path) -> None:
    rows = [["甲", "=1+1", -1], ['说"好", 再见', None, "两\n行"]]
    write_csv(tmp_path / "x.csv", ["姓名", "@备注", "分"], rows)
    data = (tmp_path / "x.csv").read_bytes()
    stream = BytesIO()
    write_csv(stream, ["姓名", "@备注", "分"], rows)
    assert stream.getvalue() == data
    assert data.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""))) == [
        ["姓名", "'@备注", "分"],
        ["甲", "'=1+1", "-1"],
        ['说"好", 再见', "", "两\n行"],
    ]


def test_csv_guards_the_one_formula_of_a_column() -> None:
    rows = [["甲", 1, True], [None, "＝1+1", False], ["@b", Decimal(-2), None]]
    text = b"".join(csv_chunks(["a", "b", "c"], rows)).decode("utf-8-sig")
    assert text.splitlines()[1:] == ["甲,1,TRUE", ",'＝1+1,FALSE", "'@b,-2,"]


def test_csv_comes_in_chunks_without_waiting_for_the_last_row() -> None:
    taken = []
    chunks = csv_chunks(["n"], (taken.append(number) or [number] for number in range(1200)))  # type: ignore[func-returns-value]  # that it returns None is the trick
    next(chunks)
    assert len(taken) == 500
    assert len(b"".join(chunks).splitlines()) == 700
