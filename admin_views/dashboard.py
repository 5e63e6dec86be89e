"""The dashboard: how duties were kept, what customers brought up, how satisfied they were, how quality moves.

Every figure leads to the rows behind it; every chart stands beside the same figures as a table.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_admin import expose
from sqlalchemy import ColumnElement, Select, and_, case, func, select

from admin_views.base.access import allowed
from admin_views.duties import start_of
from admin_views.formats import month_short, words
from admin_views.links import list_address
from admin_views.pages import Page
from admin_views.rulebook import asked_month
from engine.database import db, only_reading
from engine.hooks import hookimpl
from engine.obligations.periods import Every, Period
from models.obligation import UNDONE, Obligation, ObligationState
from models.organisation import Channel, Staff, Team
from models.qa_inspection import TOLD, QaInspection
from models.service_record import ServiceRecord, Topic
from models.words import Words, _

MONTHS = 6
GREATEST = 12
"""Bars of one chart: the greatest ones; the list behind has all."""


@dataclass(frozen=True)
class Series:
    """One row of figures: a value and a link for each category. `tone` colours it."""

    name: str
    tone: str
    values: Sequence[float | None]
    links: Sequence[str | None]


@dataclass(frozen=True)
class Chart:
    """A chart and its table. `kind` is `bar`, `row` (bars lying down) or `line`."""

    code: str
    title: str
    kind: str
    categories: Sequence[str]
    series: Sequence[Series] = field(default_factory=tuple)
    stacked: bool = False
    least: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for series in self.series for value in series.values)

    @property
    def drawing(self) -> dict[str, Any]:
        """What the page's script reads."""
        return asdict(self)


class Dashboard(Page):
    """Charts of what the reader may see."""

    needs = ("obligation", "read")
    icon = "bar-chart-3"

    @expose("/")
    def index(self) -> str:
        """The chosen month and the months before it."""
        month = _period(asked_month())
        with only_reading():
            charts = [chart for chart in _charts(month) if not chart.is_empty]
            return self.render(
                "dashboard/index.html", charts=charts, month=month.name, drawings=[c.drawing for c in charts]
            )


def _charts(month: Period) -> Iterator[Chart]:
    yield duties_by_month(month)
    yield duties_by_clause(month)
    if allowed("service_record", "read"):
        yield from records_by(month)
        yield satisfaction(month)
    if allowed("qa_inspection", "read"):
        yield quality(month)


def duties_by_clause(month: Period) -> Chart:
    """Obligations due in the month, by clause and by what became of them."""
    sums = [func.sum(case((states, 1), else_=0)) for _label, _tone, _code, states in _outcomes()]
    rows = db.session.execute(
        select(Obligation.clause, *sums)
        .where(*_due_in(month))
        .group_by(Obligation.clause)
        .order_by(func.count().desc(), Obligation.clause)
        .limit(GREATEST)
    ).all()
    clauses = [row[0] for row in rows]
    series = [
        Series(str(label), tone, [row[n + 1] for row in rows], [_ledger(month, code, clause) for clause in clauses])
        for n, (label, tone, code, _states) in enumerate(_outcomes())
    ]
    return Chart("duties-by-clause", str(_("Obligations by clause")), "row", clauses, series, stacked=True)


def duties_by_month(month: Period) -> Chart:
    """Obligations due in each of the last months, by what became of them."""
    months = _months(month)
    cells = [
        func.sum(case((and_(*_due_in(each), states), 1), else_=0))
        for each in months
        for _l, _t, _c, states in _outcomes()
    ]
    first, last = _borders(months[0])[0], _borders(month)[1]
    numbers = db.session.execute(select(*cells).where(Obligation.due_at > first, Obligation.due_at <= last)).one()
    outcomes = _outcomes()
    series = [
        Series(
            str(label),
            tone,
            [numbers[m * len(outcomes) + n] or 0 for m in range(len(months))],
            [_ledger(each, code) for each in months],
        )
        for n, (label, tone, code, _states) in enumerate(outcomes)
    ]
    return Chart(
        "duties-by-month",
        str(_("Obligations by month")),
        "bar",
        [month_short(m.first) for m in months],
        series,
        stacked=True,
    )


def _outcomes() -> list[tuple[Words, str, str, ColumnElement[bool]]]:
    states = ((ObligationState.MET,), (ObligationState.OVERDUE,), (ObligationState.OPEN,), (ObligationState.WAIVED,))
    return [(state.label, state.tone, state.value, Obligation.state == state) for (state,) in states]


def _due_in(month: Period) -> list[ColumnElement[bool]]:
    first, last = _borders(month)
    return [
        Obligation.due_at > first,
        Obligation.due_at <= last,
        Obligation.state.in_([*UNDONE, ObligationState.MET, ObligationState.WAIVED]),
    ]


def _ledger(month: Period, state: str, clause: str | None = None) -> str:
    return url_for("ledger.index", period=month.name, state=state, clause=clause)


def records_by(month: Period) -> Iterator[Chart]:
    """Service records of the month by topic, channel, team and agent."""
    groups: tuple[tuple[str, Words, Any, Callable[[Any], str]], ...] = (
        ("topic_id", _("Service records by topic"), Topic, lambda topic: words(topic.name)),
        ("channel_id", _("Service records by channel"), Channel, lambda channel: words(channel.name)),
        ("team_id", _("Service records by team"), Team, lambda team: team.name),
        ("agent_id", _("Service records by agent"), Staff, lambda agent: agent.name),
    )
    for column, title, model, name_of in groups:
        yield _records_by(month, column, str(title), model, name_of)


def _records_by(month: Period, column: str, title: str, model: Any, name_of: Callable[[Any], str]) -> Chart:
    key = getattr(ServiceRecord, column)
    query: Select[Any] = select(key, func.count(ServiceRecord.id)).where(
        *_happened_in(ServiceRecord, month), key.is_not(None)
    )
    rows = db.session.execute(
        query.group_by(key).order_by(func.count(ServiceRecord.id).desc(), key).limit(GREATEST)
    ).all()
    named = {
        each.id: name_of(each)
        for each in db.session.scalars(select(model).where(model.id.in_([row[0] for row in rows])))
    }
    links = [_records(month, **{f"flt_{column}": row[0]}) for row in rows]
    series = Series(str(_("Records")), "accent", [row[1] for row in rows], links)
    return Chart(f"records-{column}", title, "row", [named.get(row[0], "—") for row in rows], [series])


def satisfaction(month: Period) -> Chart:
    """The mean of customers' ratings in each of the last months."""
    rated = ServiceRecord.satisfaction
    return _means("satisfaction", str(_("Satisfaction (1 to 5)")), ServiceRecord, rated, month, least=1.0)


def quality(month: Period) -> Chart:
    """The mean score of inspections whose result was told, in each of the last months."""
    told = QaInspection.state.in_(sorted(TOLD))
    return _means("quality", str(_("QA score")), QaInspection, QaInspection.score, month, told, least=None)


def _means(  # noqa: PLR0913 a chart has that many sides
    code: str,
    title: str,
    model: Any,
    column: Any,
    month: Period,
    *conditions: ColumnElement[bool],
    least: float | None,
) -> Chart:
    months = _months(month)
    rows = [
        db.session.execute(
            select(func.sum(column), func.count(column)).where(*_happened_in(model, each), *conditions)
        ).one()
        for each in months
    ]
    values = [round(float(Decimal(total) / count), 2) if count else None for total, count in rows]
    links = [_rows(model.__tablename__, each) for each in months]
    series = Series(str(_("Mean")), "accent", values, links)
    return Chart(code, title, "line", [month_short(each.first) for each in months], [series], least=least)


def _happened_in(model: Any, month: Period) -> list[ColumnElement[bool]]:
    first, last = _borders(month)
    return [model.occurred_at >= first, model.occurred_at < last]


def _records(month: Period, **filters: object) -> str | None:
    return _rows("service_record", month, **filters)


def _rows(entity: str, month: Period, **filters: object) -> str | None:
    span: Mapping[str, object] = {
        "flt_occurred_at_from": month.first.isoformat(),
        "flt_occurred_at_to": month.last.isoformat(),
    }
    return list_address(entity, **span, **filters)


def _period(name: str) -> Period:
    return Period.containing(Every.MONTH, datetime.strptime(name, "%Y-%m").date())  # noqa: DTZ007 a month has no zone


def _months(month: Period) -> list[Period]:
    found = [month]
    for _back in range(MONTHS - 1):
        found.append(found[-1].previous(Every.MONTH))
    return found[::-1]


def _borders(month: Period) -> tuple[datetime, datetime]:
    return start_of(month.first), start_of(month.last + timedelta(days=1))


@hookimpl
def views() -> list[Page]:
    """The dashboard stands among what a person opens every day."""
    return [Dashboard(name=_("Dashboard"), endpoint="dashboard", url="/dashboard", category="today")]
