"""A report's figures as charts: geometry only. Templates draw it as SVG, with links on the page, without on paper."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import get_locale

from admin_views.formats import decimal, words
from admin_views.links import list_address
from engine.obligations.periods import Every, Period
from models.qa_inspection import FindingState, Severity
from models.words import _, ngettext

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 28, 44
STEPS = 4
TOP_SCORE = Decimal(100)
ITEMS_SHOWN = 10


@dataclass(frozen=True)
class Point:
    """A month of the trend, in the chart's own units; `text` is what stands above it."""

    x: float
    y: float
    month: str
    text: str
    records: int
    url: str | None


@dataclass(frozen=True)
class Trend:
    """The line of monthly means. Months without records break it."""

    points: Sequence[Point]
    months: Sequence[tuple[float, str, int]]
    ticks: Sequence[tuple[float, str]]
    lines: Sequence[str]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


@dataclass(frozen=True)
class Bar:
    """One bar: its share of the longest (0 to 100), what it says, and the list behind it."""

    label: str
    share: float
    text: str
    url: str | None
    tone: str = ""
    note: str = ""


@dataclass(frozen=True)
class Chart:
    """A heading with bars."""

    heading: str
    bars: Sequence[Bar]
    unit: str = ""
    more: int = 0
    key: str = field(default="", compare=False)


def trend_of(figures: Mapping[str, Any]) -> Trend:
    """The six months' means. The scale begins below the lowest of them, and the ticks say so."""
    months = figures["trend"]
    means = [Decimal(str(month["mean"])) for month in months if month["mean"] is not None]
    low, high = _scale(means)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(months) - 1)
    places = [round(LEFT + place * step, 1) for place in range(len(months))]
    points = [
        Point(
            x,
            _height(Decimal(str(month["mean"])), low, high),
            month["month"],
            decimal(Decimal(str(month["mean"])), 1),
            month["records"],
            months_url(month["month"]),
        )
        for x, month in zip(places, months, strict=True)
        if month["mean"] is not None
    ]
    ticks = [low + (high - low) * n / STEPS for n in range(STEPS + 1)]
    return Trend(
        points,
        [(x, month["month"], month["records"]) for x, month in zip(places, months, strict=True)],
        [(_height(tick, low, high), decimal(tick)) for tick in ticks],
        _lines(points, places),
    )


def _scale(means: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    lowest, highest = min(means, default=TOP_SCORE), max(means, default=TOP_SCORE)
    span = Decimal(STEPS)
    low = (lowest - 1) // span * span
    return max(Decimal(0), low), max(TOP_SCORE, highest)


def _height(value: Decimal, low: Decimal, high: Decimal) -> float:
    part = (value - low) / (high - low) if high > low else Decimal(1)
    return round(float(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)), 1)


def _lines(points: Sequence[Point], places: Sequence[float]) -> list[str]:
    """The stretches of neighbouring months, as SVG wants them."""
    lines: list[list[Point]] = []
    for point in points:
        before = places.index(point.x) - 1
        if lines and before >= 0 and lines[-1][-1].x == places[before]:
            lines[-1].append(point)
        else:
            lines.append([point])
    return [" ".join(f"{p.x},{p.y}" for p in line) for line in lines if len(line) > 1]


def charts_of(figures: Mapping[str, Any]) -> dict[str, Chart]:
    """Every bar chart of the report by name."""
    about = figures["month"]
    return {
        "items": _bars(_("Most frequent problems"), figures["by_item"], _item_bar(about), ITEMS_SHOWN),
        "categories": _bars(_("By category"), _categories(figures["by_item"]), _category_bar),
        "severity": _bars(_("By severity"), _severities(figures["by_severity"]), _severity_bar(about)),
        "causes": _bars(_("Causes that inspectors wrote"), figures["causes"], _cause_bar(about), ITEMS_SHOWN),
        "teams": _bars(_("By team"), figures["by_team"], _mean_bar(figures, "team_id")),
        "agents": _bars(_("By agent"), figures["by_agent"], _mean_bar(figures, "agent_id")),
    }


Maker = Callable[[Mapping[str, Any], float], Bar]


def _bars(heading: Any, rows: Sequence[Mapping[str, Any]], make: Maker, most: int | None = None) -> Chart:
    longest = max((float(_size(row)) for row in rows), default=0)
    shown = rows[:most] if most else rows
    bars = [make(row, round(100 * float(_size(row)) / longest, 1) if longest else 0) for row in shown]
    return Chart(str(heading), bars, more=len(rows) - len(shown))


def _size(row: Mapping[str, Any]) -> Any:
    return row["findings"] if "findings" in row else row["mean"] or 0


def _item_bar(about: str) -> Maker:
    def make(row: Mapping[str, Any], share: float) -> Bar:
        return Bar(
            words(row["item_name"]),
            share,
            _amount(row),
            findings_url(about, item_code=row["item"]),
            note=words(row["category_name"]),
        )

    return make


def _category_bar(row: Mapping[str, Any], share: float) -> Bar:
    return Bar(words(row["name"]), share, _amount(row), None)


def _amount(row: Mapping[str, Any]) -> str:
    """How many findings, and how many points they cost."""
    points = decimal(Decimal(str(row["points"])))
    return str(
        ngettext(
            "%(num)s finding, %(points)s points", "%(num)s findings, %(points)s points", row["findings"], points=points
        )
    )


def _categories(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    sums: dict[str, dict[str, Any]] = {}
    for row in items:
        found = sums.setdefault(row["category"], {"name": row["category_name"], "findings": 0, "points": Decimal(0)})
        found["findings"] += row["findings"]
        found["points"] += Decimal(str(row["points"]))
    return sorted(sums.values(), key=lambda row: -row["findings"])


def _severities(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """In the order of their gravity, none left out."""
    counts = {row["name"]: row["findings"] for row in rows}
    return [{"name": severity.value, "findings": counts.get(severity.value, 0)} for severity in Severity]


def _severity_bar(about: str) -> Maker:
    def make(row: Mapping[str, Any], share: float) -> Bar:
        severity = Severity(row["name"])
        return Bar(
            str(severity.label),
            share,
            str(row["findings"]),
            findings_url(about, severity=severity.value),
            severity.tone,
        )

    return make


def _cause_bar(about: str) -> Maker:
    return lambda row, share: Bar(row["name"], share, str(row["findings"]), findings_url(about, cause=row["name"]))


def _mean_bar(figures: Mapping[str, Any], column: str) -> Maker:
    """Means below the department's stand out: the bars themselves differ by little."""
    mean_of_all = Decimal(str(figures["scores"]["mean"] or 0))

    def make(row: Mapping[str, Any], share: float) -> Bar:
        mean = Decimal(str(row["mean"]))
        text = ngettext(
            "%(mean)s (%(num)s record)", "%(mean)s (%(num)s records)", row["records"], mean=decimal(mean, 1)
        )
        url = inspections_url(figures["month"], **{column: row["id"]})
        return Bar(row["name"], share, str(text), url, "warn" if mean < mean_of_all else "")

    return make


def findings_url(about: str, **filters: Any) -> str | None:
    """The told findings of a month, narrowed."""
    return list_address("qa_finding", flt_state=FindingState.TOLD.value, **_days(about), **_named(filters))


def inspections_url(about: str, **filters: Any) -> str | None:
    """The told results of a month, narrowed."""
    return list_address("qa_inspection", flt_told="1", **_days(about), **_named(filters))


def months_url(about: str) -> str | None:
    """All told results of a month."""
    return inspections_url(about)


def _days(about: str) -> dict[str, str]:
    period = Period.containing(Every.MONTH, date.fromisoformat(f"{about}-01"))
    return {"flt_occurred_at_from": period.first.isoformat(), "flt_occurred_at_to": period.last.isoformat()}


def _named(filters: Mapping[str, Any]) -> dict[str, Any]:
    return {f"flt_{name}": value for name, value in filters.items()}


def language() -> str:
    """The reader's language, for sentences that become part of the report."""
    return str(get_locale())
