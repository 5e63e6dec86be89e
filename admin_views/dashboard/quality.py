"""The mean score of inspections whose result was told, month by month."""

from decimal import Decimal

from sqlalchemy import func, select

from admin_views.dashboard.charts import Chart, Series, Span, rows_of, zone
from admin_views.formats import month_short
from engine.database import db
from engine.obligations.periods import Period, end_of, start_of
from models.qa_inspection import TOLD, QaInspection
from models.words import _


def quality(span: Span) -> Chart:
    """The months of the span and before."""
    values = [_mean(month) for month in span.months]
    links = [rows_of(QaInspection.__tablename__, month.first, month.last) for month in span.months]
    months = [month_short(month.first) for month in span.months]
    return Chart("quality", str(_("QA score")), "line", months, [Series(str(_("Mean")), "accent", values, links)])


def _mean(month: Period) -> float | None:
    total, count = db.session.execute(
        select(func.sum(QaInspection.score), func.count(QaInspection.score)).where(
            QaInspection.occurred_at >= start_of(month.first, zone()),
            QaInspection.occurred_at < end_of(month.last, zone()),
            QaInspection.state.in_(sorted(TOLD)),
        )
    ).one()
    return round(float(Decimal(total) / count), 2) if count else None
