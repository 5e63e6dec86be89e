"""What a chart is, which months it covers, and where its figures lead."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from flask_babel import get_timezone

from admin_views.links import list_address
from engine.obligations.periods import Every, Period

MONTHS = 6
GREATEST = 12
"""Bars of one chart: the greatest ones; its table and the list behind have all."""


@dataclass(frozen=True)
class Series:
    """One row of figures: a value and a link for each category. `tone` colours it."""

    name: str
    tone: str
    values: Sequence[float | None]
    links: Sequence[str | None]


@dataclass(frozen=True)
class Row:
    """A line of a table that says more than the drawing beside it."""

    name: str
    link: str | None
    cells: Sequence[str]


@dataclass(frozen=True)
class Chart:
    """A chart and its table. `kind` is `bar`, `row` (bars lying down) or `line`.

    The table has a column for each series, unless `rows` under `heads` say more.
    """

    code: str
    title: str
    kind: str
    categories: Sequence[str]
    series: Sequence[Series] = field(default_factory=tuple)
    stacked: bool = False
    least: float | None = None
    heads: Sequence[str] = ()
    rows: Sequence[Row] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for series in self.series for value in series.values)

    @property
    def drawing(self) -> dict[str, Any]:
        """What the page's script reads."""
        return {name: value for name, value in asdict(self).items() if name not in {"heads", "rows"}}


@dataclass(frozen=True)
class Span:
    """The months that figures are about: `month` and so many before it that there are `size`."""

    month: Period
    size: int = 1

    @property
    def period(self) -> Period:
        """All of it as one period."""
        first = self.month
        for _back in range(self.size - 1):
            first = first.previous(Every.MONTH)
        return Period(first.first, self.month.last, self.month.name)

    @property
    def months(self) -> list[Period]:
        """The months that a line is drawn over: those of the span, and enough before to see where it comes from."""
        found = [self.month]
        for _back in range(max(MONTHS, self.size) - 1):
            found.append(found[-1].previous(Every.MONTH))
        return found[::-1]


def zone() -> str:
    """The name of the reader's time zone."""
    return str(get_timezone())


def rows_of(entity: str, first: date, last: date, **filters: object) -> str | None:
    """Where the rows of an entity are listed that happened from one day to another."""
    span: Mapping[str, object] = {
        "flt_occurred_at_from": first.isoformat(),
        "flt_occurred_at_to": last.isoformat(),
    }
    return list_address(entity, **span, **filters)
