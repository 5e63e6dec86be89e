"""How large the tables of an ods file are: there one cell or row may stand for a million of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.tabular.extent import check_extent
from engine.tabular.limits import Limits
from engine.tabular.problems import FileRefused
from models.words import _

_TAG = re.compile(rb"<table:(table|table-row|(?:covered-)?table-cell)(?=[\s/>])([^<>]*)>")
_ATTRIBUTES = re.compile(rb"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?""")
_ROWS = re.compile(rb"""\stable:number-rows-repeated\s*=\s*["']([^"']*)["']""")
_COLUMNS = re.compile(rb"""\stable:number-columns-repeated\s*=\s*["']([^"']*)["']""")


@dataclass(slots=True)
class _Extent:
    """The rectangle up to the last value of one table, grown tag by tag."""

    rows: int = 0
    columns: int = 0
    row: int = 0
    column: int = 0

    def start_row(self, repeated: int) -> None:
        self.row += repeated
        self.column = 0

    def add_cell(self, repeated: int, *, blank: bool) -> None:
        self.column += repeated
        if not blank:
            self.rows = self.row
            self.columns = max(self.columns, self.column)


def check_content(content: bytes, limits: Limits) -> None:
    """Raises FileRefused when the tables in this content.xml, each or together, are larger than the limits."""
    if b"<!" in content or content.count(b"<?") > 1:
        raise _odd_markup()
    extents = list(_extents(content))
    for extent in extents:
        check_extent(extent.rows, extent.columns, limits)
    check_extent(1, 1, limits, others=sum(extent.rows * extent.columns for extent in extents))


def _odd_markup() -> FileRefused:
    return FileRefused(_("The file holds markup that no spreadsheet program writes."))


def _extents(content: bytes) -> Iterator[_Extent]:
    extent = _Extent()
    for match in _TAG.finditer(content):
        tag, attributes = match.groups()
        if not _ATTRIBUTES.fullmatch(attributes):
            raise _odd_markup()
        if tag == b"table":
            yield extent
            extent = _Extent()
        elif tag == b"table-row":
            extent.start_row(_repeated(_ROWS, attributes))
        else:
            blank = attributes.endswith(b"/") and b"value" not in attributes
            extent.add_cell(_repeated(_COLUMNS, attributes), blank=blank)
    yield extent


def _repeated(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    match = pattern.search(attributes)
    if match is None:
        return 1
    if not match[1].isdigit():
        raise _odd_markup()
    return int(match[1][:9])
