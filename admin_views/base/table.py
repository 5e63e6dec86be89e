"""The body of a list's table, put together at once: of all a page does, a template that walks every cell costs most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from admin_views.base.cells import Cell
from admin_views.base.columns import Kind

NUMBERS = frozenset({Kind.WHOLE, Kind.DECIMAL})


@dataclass(frozen=True)
class ListRow:
    """One row of the list."""

    id: int
    cells: Sequence[Cell]
    version: int | None
    may_edit: bool


@dataclass(frozen=True)
class TableBody:
    """How rows become markup: the address of a record's page, whether rows are chosen, which cells may be changed."""

    details: str
    chosen: bool
    changeable: frozenset[str] = frozenset()
    made: dict[int, str] = field(default_factory=dict, repr=False)

    def markup(self, rows: Iterable[ListRow]) -> Markup:
        """All rows. Every text goes through `escape`, which leaves alone what is markup already."""
        return Markup("\n").join(Markup(self._row(row)) for row in rows)  # noqa: S704 escaped below

    def _row(self, row: ListRow) -> str:
        first, *rest = row.cells
        box = self._box(row, first) if self.chosen else ""
        head = f'<th scope="row"><a href="{escape(self.details)}?id={row.id}">{escape(first.text)}</a></th>'
        if row.may_edit:
            return f"<tr>{box}{head}{''.join(self._open_cell(row, cell) for cell in rest)}</tr>"
        return f"<tr>{box}{head}{''.join(map(self._cell, rest))}</tr>"

    def _box(self, row: ListRow, first: Cell) -> str:
        said = escape(escape(first.text).striptags())
        return f'<td><input type="checkbox" name="rowid" value="{row.id}" form="rows" aria-label="{said}"></td>'

    def _cell(self, cell: Cell) -> str:
        """A cell that only shows. The same cell stands in many rows: it is written out once."""
        known = self.made.get(id(cell))
        if known is None:
            known = self.made[id(cell)] = f"<td{_attributes(cell)}>{_content(cell)}</td>"
        return known

    def _open_cell(self, row: ListRow, cell: Cell) -> str:
        if cell.column.name not in self.changeable:
            return self._cell(cell)
        place = f' data-cell="{cell.column.name}" data-row="{row.id}" data-version="{row.version}"'
        return f"<td{_attributes(cell)}{place}>{_content(cell)}</td>"


def _attributes(cell: Cell) -> str:
    number = ' class="num"' if cell.column.kind in NUMBERS else ""
    return f' data-label="{escape(cell.label)}"{number}'


def _content(cell: Cell) -> str:
    text = escape(cell.text)
    if cell.url:
        return f'<a href="{escape(cell.url)}">{text}</a>'
    return f'<span class="muted">{text}</span>' if cell.masked else str(text)
