"""Service records in figures: calls, answered, resolved, mean time to answer, mean satisfaction (SVC-9).

Nothing is reckoned here: every figure is one of `engine.service_figures`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from admin_views.dashboard.charts import GREATEST, Chart, Row, Series, Span, rows_of, zone
from admin_views.formats import decimal, month_short, percent
from engine.database import db
from engine.obligations.periods import Period
from engine.service_figures import By, Figures, figures, figures_by, figures_by_period, happened_in
from engine.titles import titles_of
from models.organisation import Channel, Staff, Team
from models.service_record import ServiceRecord, Topic
from models.words import Words, _

RECORDS = ServiceRecord.__tablename__
COLUMNS: Sequence[tuple[Words, Callable[[Figures], str]]] = (
    (_("Contacts"), lambda found: decimal(found.calls)),
    (_("Answered contacts"), lambda found: decimal(found.answered)),
    (_("Share answered"), lambda found: percent(found.answer_rate)),
    (_("Resolved contacts"), lambda found: decimal(found.resolved)),
    (_("Share resolved"), lambda found: percent(found.resolution_rate)),
    (_("Mean time to answer (seconds)"), lambda found: decimal(found.mean_answer_seconds, 2)),
    (_("Mean satisfaction (1 to 5)"), lambda found: decimal(found.mean_satisfaction, 2)),
)
"""What is told of any group of records, in this order."""
GROUPS: Mapping[By, tuple[Words, type[Any]]] = {
    By.TOPIC: (_("Service records by topic"), Topic),
    By.AGENT: (_("Service records by agent"), Staff),
    By.CHANNEL: (_("Service records by channel"), Channel),
    By.TEAM: (_("Service records by team"), Team),
}


@dataclass(frozen=True)
class Tile:
    """One figure on top of the page."""

    code: str
    label: str
    number: str
    note: str = ""
    link: str | None = None


def tiles(span: Span) -> list[Tile]:
    """The five figures of all records of the span; none where there are no records."""
    found = figures(db.session(), *happened_in(span.period, zone()))
    if not found.calls:
        return []
    link = rows_of(RECORDS, span.period.first, span.period.last)
    return [
        Tile("calls", str(_("Contacts")), decimal(found.calls), link=link),
        Tile("answered", str(_("Answered contacts")), decimal(found.answered), percent(found.answer_rate)),
        Tile("resolved", str(_("Resolved contacts")), decimal(found.resolved), percent(found.resolution_rate)),
        Tile("answer-time", str(_("Mean time to answer (seconds)")), decimal(found.mean_answer_seconds, 2)),
        Tile("satisfaction", str(_("Mean satisfaction (1 to 5)")), decimal(found.mean_satisfaction, 2)),
    ]


def charts(span: Span) -> Iterator[Chart]:
    """The span by topic, agent, channel and team, and satisfaction month by month."""
    for by, (title, model) in GROUPS.items():
        yield _grouped(span.period, by, str(title), model)
    yield _satisfaction(span)


def _grouped(period: Period, by: By, title: str, model: type[Any]) -> Chart:
    found = figures_by(db.session(), by, *happened_in(period, zone()))
    names = titles_of(model, found)
    links = {
        key: rows_of(RECORDS, period.first, period.last, **{f"flt_{by.value}": key}) if key is not None else None
        for key in found
    }
    rows = [Row(_name(names, key), links[key], [told(each) for _label, told in COLUMNS]) for key, each in found.items()]
    greatest = [(key, each) for key, each in found.items() if key is not None][:GREATEST]
    calls = [each.calls for _key, each in greatest]
    series = Series(str(_("Records")), "accent", calls, [links[key] for key, _each in greatest])
    categories = [_name(names, key) for key, _each in greatest]
    heads = [str(label) for label, _told in COLUMNS]
    return Chart(f"records-{by.value}", title, "row", categories, [series], heads=heads, rows=rows)


def _name(names: Mapping[int, str], key: int | None) -> str:
    return names.get(key or 0) or str(_("Not stated"))


def _satisfaction(span: Span) -> Chart:
    found = figures_by_period(db.session(), span.months, zone())
    means = [each.mean_satisfaction for each in found.values()]
    links = [rows_of(RECORDS, month.first, month.last) for month in found]
    values = [None if mean is None else round(float(mean), 2) for mean in means]
    series = Series(str(_("Mean")), "accent", values, links)
    months = [month_short(month.first) for month in found]
    return Chart("satisfaction", str(_("Satisfaction (1 to 5)")), "line", months, [series], least=1.0)
