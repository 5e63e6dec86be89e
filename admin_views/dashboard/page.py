"""The page of charts."""

from collections.abc import Iterator, Mapping
from datetime import date

from flask import request
from flask_admin import expose

from admin_views.base.access import allowed
from admin_views.dashboard.charts import Chart, Span
from admin_views.dashboard.duties import duties_by_clause, duties_by_month
from admin_views.dashboard.quality import quality
from admin_views.dashboard.service import charts, tiles
from admin_views.pages import Page
from admin_views.rulebook import asked_month
from engine.hooks import hookimpl
from engine.obligations.periods import Every, Period
from models.words import Words, _

SIZES: Mapping[int, Words] = {1: _("This month"), 3: _("Three months"), 12: _("Twelve months")}
"""How many months the figures sum up, the chosen one being the last."""


class Dashboard(Page):
    """Charts of what the reader may see."""

    needs = ("obligation", "read")
    icon = "bar-chart-3"

    @expose("/")
    def index(self) -> str:
        """The chosen month, or several up to it."""
        span = asked_span()
        shown = [chart for chart in _charts(span) if not chart.is_empty]
        return self.render(
            "dashboard/index.html",
            tiles=tiles(span) if allowed("service_record", "read") else [],
            charts=shown,
            month=span.month.name,
            size=span.size,
            sizes=SIZES,
            drawings=[chart.drawing for chart in shown],
        )


def asked_span() -> Span:
    """What the address asks for; anything odd is the one month."""
    sizes = {str(size): size for size in SIZES}
    month = Period.containing(Every.MONTH, date.fromisoformat(f"{asked_month()}-01"))
    return Span(month, sizes.get(request.args.get("months", ""), 1))


def _charts(span: Span) -> Iterator[Chart]:
    yield duties_by_month(span)
    yield duties_by_clause(span)
    if allowed("service_record", "read"):
        yield from charts(span)
    if allowed("qa_inspection", "read"):
        yield quality(span)


@hookimpl
def views() -> list[Page]:
    """The dashboard stands among what a person opens every day."""
    return [Dashboard(name=_("Dashboard"), endpoint="dashboard", url="/dashboard", category="today")]
