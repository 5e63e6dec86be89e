"""Files made to hurt: each is refused quickly, in little memory, and before a parser sees it."""

import struct
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from engine.tabular import compound
from engine.tabular.limits import MEGABYTE, Limits, Standing
from engine.tabular.problems import FileRefused
from engine.tabular.reading import open_table
from tests.engine.tabular.making import ods, ods_cell, repacked, sheet_xml, xlsx

SMALL = xlsx([["a", "b"], [1, 2]])
CALLS_XLS = (Path(__file__).parent / "calls.xls").read_bytes()
BOMB_BLOCK = b"\0" * MEGABYTE


@pytest.fixture(autouse=True)
def _refused_cheaply() -> Iterator[None]:
    tracemalloc.start()
    start = time.perf_counter()
    yield
    spent, (_now, peak) = time.perf_counter() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent < 5  # tracing alone makes it several times slower than the second that is promised
    assert peak < 100 * MEGABYTE


def lying(data: bytes, name: bytes, size: int) -> bytes:
    """The archive with another uncompressed size in its directory's entry for this member."""
    at = data.index(b"PK\x01\x02")
    while data[at + 46 : at + 46 + len(name)] != name:
        at = data.index(b"PK\x01\x02", at + 1)
    return data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]


def test_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="larger than 20 MB"):
        open_table(bytes(20 * MEGABYTE + 1), "x.xlsx")
    path = tmp_path / "large.csv"
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(FileRefused, match="larger than"):
        open_table(path, "large.csv", limits=Limits(file_bytes=7))


def test_rows_beyond_what_the_installation_takes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"a,b\n" + b"1,2\n" * 30
    assert open_table(data, "x.csv").row_count == 30
    monkeypatch.setattr(Standing, "limits", Limits(rows=20))
    with pytest.raises(FileRefused, match="more than 20 rows"):
        open_table(data, "x.csv")


def test_archive_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(FileRefused, match="more than 50 MB"):
        open_table(repacked(SMALL, bomb=BOMB_BLOCK * 51), "x.xlsx")


def test_archive_that_unpacks_to_too_many_times_its_size_is_refused() -> None:
    with pytest.raises(FileRefused, match="100 times"):
        open_table(repacked(SMALL, bomb=BOMB_BLOCK * 5), "x.xlsx")


def test_archive_whose_directory_understates_a_part_is_refused() -> None:
    data = lying(repacked(SMALL, bomb=BOMB_BLOCK * 60), b"bomb", 1000)
    with pytest.raises(FileRefused, match="not as large as it says"):
        open_table(data, "x.xlsx")


def test_archive_of_very_many_parts_is_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(1001):
            archive.writestr(f"{number}.xml", b"")
    with pytest.raises(FileRefused, match="more than 1000 parts"):
        open_table(stream.getvalue(), "x.xlsx")


@pytest.mark.parametrize(
    "declared", ["<!DOCTYPE x [<!ENTITY a 'b'>]>", "<!doctype x>", "<!ENTITY a SYSTEM 'file:///etc'>"]
)
def test_document_type_and_entities_are_refused(declared: str) -> None:
    with pytest.raises(FileRefused, match="declares"):
        open_table(repacked(SMALL, sheet1=declared + sheet_xml("")), "x.xlsx")
    with pytest.raises(FileRefused, match="declares"):
        open_table(repacked(SMALL, sheet1=(declared + sheet_xml("")).encode("utf-16")), "x.xlsx")
    with pytest.raises(FileRefused, match="declares"):
        open_table(ods(f"<table:table-row>{ods_cell('a')}</table:table-row>", before=declared), "x.ods")


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r = \'CV150000\' x=">"><v>1</v></c></row>',
        '<row r="1"><c x="&gt;>" r="XFD9"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="AMZ1"><v>1</v></c></row>',
        '<row r="190000"/><row>' + "<c><v>1</v></c>" * 900 + "</row>",
        '<x:row r="190000"/><x:row>' + "<x:c><x:v>1</x:v></x:c>" * 900 + "</x:row>",
        '<row r="250000"><c r="A250000"><v>1</v></c></row>',
    ],
)
def test_xlsx_cells_far_apart_are_refused(rows: str) -> None:
    with pytest.raises(FileRefused, match="more than"):
        open_table(repacked(SMALL, sheet1=sheet_xml(rows)), "x.xlsx")


def test_xlsx_format_far_away_without_values_is_no_reason_to_refuse() -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="XFD1" s="0"/></row>'
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1048576" s="0" ht="15"><c r="A1048576" s="0"></c></row>'
    )
    assert open_table(repacked(SMALL, sheet1=sheet_xml(rows)), "x.xlsx").row_count == 1


@pytest.mark.parametrize(
    "rows",
    [
        f'<table:table-row table:number-rows-repeated="1000000">{ods_cell("x", 16384)}</table:table-row>',
        (
            f"<table:table-row>{ods_cell('', 900)}</table:table-row>"
            '<table:table-row table:number-rows-repeated="190000"><table:table-cell/></table:table-row>'
            f"<table:table-row>{ods_cell('x')}</table:table-row>"
        ),
        f'<table:table-row x=">" table:number-rows-repeated="1000000">{ods_cell("x")}</table:table-row>',
        f'<table:table-row table:number-rows-repeated="&#49;000000">{ods_cell("x")}</table:table-row>',
        f"<!-- <table:table-cell x=' -->{ods_cell('x')}<!-- ' -->",
        f"<?x <table:table-cell y='?>{ods_cell('x')}",
        '<table:table-row><table:table-cell table:number-columns-repeated="2000" office:value="1"/></table:table-row>',
    ],
)
def test_ods_repeats_and_markup_that_hides_them_are_refused(rows: str) -> None:
    with pytest.raises(FileRefused, match=r"more than|markup"):
        open_table(ods(rows), "x.ods")


def test_xml_that_is_broken_is_refused_because_the_reader_would_turn_for_ever() -> None:
    good = ods(f"<table:table-row>{ods_cell('a')}</table:table-row>")
    content = zipfile.ZipFile(BytesIO(good)).read("content.xml").replace(b"</table:table>", b"<\x0ctable:table>")
    with pytest.raises(FileRefused, match="damaged"):
        open_table(repacked(good, **{"content.xml": content}), "x.ods")


def test_sheet_under_a_name_that_is_not_read_as_xml_is_refused() -> None:
    with zipfile.ZipFile(BytesIO(SMALL)) as archive:
        relations = archive.read("xl/_rels/workbook.xml.rels").replace(b"sheet1.xml", b"sheet1.png")
    data = repacked(SMALL, **{"xl/_rels/workbook.xml.rels": relations, "xl/worksheets/sheet1.png": "<worksheet"})
    with pytest.raises(FileRefused, match="a sheet in it is none"):
        open_table(data, "x.xlsx")


def test_ods_tables_count_together() -> None:
    one = f'<table:table-row table:number-rows-repeated="60000">{ods_cell("x", 50)}</table:table-row>'
    two = f'{one}</table:table><table:table table:name="b">{one}'
    with pytest.raises(FileRefused, match="cells"):
        open_table(ods(two), "x.ods")


def xls_with(record: bytes) -> bytes:
    """The small xls with its first record of this sheet kind replaced by one as long."""
    kind = record[:2]
    at = CALLS_XLS.index(kind + struct.pack("<H", len(record) - 4))
    return CALLS_XLS[:at] + record + CALLS_XLS[at + len(record) :]


@pytest.mark.parametrize(
    "record",
    [
        struct.pack("<HHIIHHH", 0x200, 14, 0, 0xFFFFFFFF, 0, 0xFFFF, 0),
        struct.pack("<HHIIHHH", 0x200, 14, 2, 150_000, 0, 60, 0),
        struct.pack("<HHHHHI", 0xFD, 10, 65535, 255, 0, 0),
        struct.pack("<HHHHHI", 0xFD, 10, 0, 65535, 0, 0),
    ],
)
def test_xls_cells_far_apart_are_refused(record: bytes) -> None:
    with pytest.raises(FileRefused, match="more than"):
        open_table(xls_with(record), "x.xls")


def test_xls_whose_dimensions_run_backwards_is_refused() -> None:
    with pytest.raises(FileRefused, match="damaged"):
        open_table(xls_with(struct.pack("<HHIIHHH", 0x200, 14, 70, 3, 0, 6, 0)), "x.xls")


def test_xls_that_claims_more_strings_than_it_can_hold_is_refused() -> None:
    at = CALLS_XLS.index(b"\xfc\x00", CALLS_XLS.index(b"\x85\x00")) + 8
    with pytest.raises(FileRefused, match="damaged"):
        open_table(CALLS_XLS[:at] + b"\xff\xff\xff\x7f" + CALLS_XLS[at + 4 :], "x.xls")


def test_xls_cut_off_is_refused() -> None:
    for size in range(512, len(CALLS_XLS) - 512, 256):
        with pytest.raises(FileRefused):
            open_table(CALLS_XLS[:size], "x.xls")


def test_archive_that_is_no_spreadsheet_is_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("calls.csv", "a,b\n1,2\n")
    with pytest.raises(FileRefused, match="archive"):
        open_table(stream.getvalue(), "x.xlsx")


def test_locked_files_are_refused_with_that_reason() -> None:
    at = SMALL.index(b"PK\x01\x02")
    locked_zip = SMALL[: at + 8] + b"\x01" + SMALL[at + 9 :]
    at = CALLS_XLS.index(struct.pack("<HH", 0x42, 2))
    for data in (
        locked_zip,
        compound_file("EncryptedPackage", b"secret"),
        CALLS_XLS[:at] + struct.pack("<HH", 0x2F, 2) + CALLS_XLS[at + 4 :],
    ):
        with pytest.raises(FileRefused, match="password"):
            open_table(data, "x.xlsx")


def compound_file(name: str, content: bytes) -> bytes:
    """A binary office file with one short stream in its store of small streams."""
    end, table = 0xFFFFFFFE, 0xFFFFFFFD
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII", compound.SIGNATURE, 62, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 3, 1, end, 0, 0
    )
    chains = struct.pack("<128I", table, end, end, end, *[0xFFFFFFFF] * 124)
    entries = b"".join(
        struct.pack("<64sHB49xIII", title.encode("utf-16-le"), len(title) * 2 + 2, kind, first, size, 0)
        for title, kind, first, size in (("Root Entry", 5, 2, 512), (name, 2, 0, len(content)))
    )
    small = struct.pack("<128I", end, *[0xFFFFFFFF] * 127)
    return header.ljust(512, b"\xff") + chains + entries.ljust(512, b"\0") + content.ljust(512, b"\0") + small


def test_compound_file_gives_a_short_stream() -> None:
    assert compound.CompoundFile(compound_file("Book", b"few bytes")).read("Book") == b"few bytes"


def test_binary_file_without_a_workbook_is_refused() -> None:
    with pytest.raises(FileRefused, match="no Excel workbook"):
        open_table(compound_file("WordDocument", b"text"), "x.xls")


def test_row_with_a_time_beyond_all_calendars_is_named() -> None:
    at = CALLS_XLS.index(struct.pack("<HHH", 0x203, 14, 3)) + 10
    with pytest.raises(FileRefused, match="Row 4 holds a date or time"):
        open_table(CALLS_XLS[:at] + struct.pack("<d", -1e12) + CALLS_XLS[at + 8 :], "x.xls")
