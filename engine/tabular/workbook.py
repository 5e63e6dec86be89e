"""Spreadsheets through calamine, after the checks that keep it from laying out more than fits."""

from collections.abc import Iterator
from io import BytesIO
from typing import NoReturn

import python_calamine

from engine.tabular import archive, extent, markup, opendocument
from engine.tabular.binary import check_xls
from engine.tabular.limits import Limits
from engine.tabular.problems import Cell, FileRefused
from models.words import Words, _

_DAMAGED = _("The file is damaged: it cannot be read as a spreadsheet.")
_EXACT = 2**53
_ODS_CONTENT, _WORKBOOK, _RELATIONS = "content.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_KEPT = frozenset({_ODS_CONTENT, _WORKBOOK, _RELATIONS})


class Workbook:
    """A spreadsheet's visible sheets by name, and the rows of one of them."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits = limits
        try:
            self._book = python_calamine.load_workbook(BytesIO(data))
        except python_calamine.PasswordError as error:
            raise FileRefused(_("The file is protected by a password. Save it without one and try again.")) from error
        except BaseException as error:  # noqa: BLE001 - _refuse raises it again unless it is the reader's panic
            _refuse(error)
        self.sheets = self._visible()
        if not self.sheets:
            raise FileRefused(_("The file holds no sheet with cells."))

    def _visible(self) -> tuple[str, ...]:
        sheets = [sheet for sheet in self._book.sheets_metadata if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet]
        seen = [sheet for sheet in sheets if sheet.visible == python_calamine.SheetVisibleEnum.Visible]
        return tuple(sheet.name for sheet in seen or sheets)

    def open(self, name: str) -> "Sheet":
        """One sheet. Raises FileRefused when there is none of that name or it is damaged."""
        if name not in self._book.sheet_names:
            raise FileRefused(_("The file has no sheet named %(name)s.", name=name))
        try:
            sheet = self._book.get_sheet_by_name(name)
        except BaseException as error:  # noqa: BLE001 - _refuse raises it again unless it is the reader's panic
            _refuse(error)
        return Sheet(sheet)


def _refuse(error: BaseException, reason: Words = _DAMAGED) -> NoReturn:
    """Raises FileRefused for damage that the reader met, and every other error as it is.

    Damage that calamine did not foresee comes out as pyo3's PanicException, which is deliberately no Exception.
    """
    foreseen = isinstance(error, python_calamine.CalamineError | OSError | ValueError)
    if foreseen or type(error).__name__ == "PanicException":
        raise FileRefused(reason) from error
    raise error


class Sheet:
    """One sheet's rows. `first_column` is where in the sheet its first used column stands, counted from 0."""

    def __init__(self, sheet: python_calamine.CalamineSheet) -> None:
        self._sheet = sheet
        self.first_column = sheet.start[1] if sheet.start else 0

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Every row from the sheet's first on, with its number as the sheet shows it.

        Raises FileRefused at a row with a date or length of time that no calendar holds.
        """
        number = 0
        try:
            for number, row in enumerate(self._sheet.iter_rows() if self._sheet.start else (), 1):
                yield number, [_cell(value) for value in row]
        except BaseException as error:  # noqa: BLE001 - _refuse raises it again unless it is the reader's panic
            _refuse(error, _("Row %(row)s holds a date or time that cannot be read.", row=number + 1))


def _cell(value: Cell) -> Cell:
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value


def check_archive(data: bytes, limits: Limits) -> None:
    """Raises FileRefused unless this zip is an xlsx or ods file within the limits."""
    kept: dict[str, bytes] = {}
    for name, content in archive.members(data, limits):
        if name == _ODS_CONTENT:
            opendocument.check_content(content, limits)
        else:
            extent.check_xlsx_part(content, limits)
        if name.lower() in _KEPT:
            kept[name.lower()] = content
    if _WORKBOOK in kept and _RELATIONS in kept:
        markup.check_sheets_are_xml(kept[_WORKBOOK], kept[_RELATIONS])
    elif _ODS_CONTENT not in kept:
        raise FileRefused(_("The file is an archive, not a spreadsheet. Unpack it, or save the table as xlsx."))


def open_workbook(data: bytes, limits: Limits, *, zipped: bool) -> Workbook:
    """The spreadsheet in these bytes (`zipped`: xlsx or ods, else xls), checked first. Raises FileRefused."""
    if zipped:
        check_archive(data, limits)
    else:
        check_xls(data, limits)
    return Workbook(data, limits)
