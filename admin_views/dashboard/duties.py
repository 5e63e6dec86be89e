"""Obligations by clause and by month, by what became of them."""

from datetime import datetime

from flask import url_for
from sqlalchemy import ColumnElement, and_, case, func, select

from admin_views.dashboard.charts import GREATEST, Chart, Series, Span, zone
from admin_views.formats import month_short
from engine.database import db
from engine.obligations.periods import Period, end_of, start_of
from models.obligation import UNDONE, Obligation, ObligationState
from models.words import Words, _


def duties_by_clause(span: Span) -> Chart:
    """Obligations due in the span's last month, by clause and by what became of them."""
    month = span.month
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


def duties_by_month(span: Span) -> Chart:
    """Obligations due in each of the last months, by what became of them."""
    months = span.months
    cells = [
        func.sum(case((and_(*_due_in(each), states), 1), else_=0))
        for each in months
        for _l, _t, _c, states in _outcomes()
    ]
    first, last = _borders(months[0])[0], _borders(span.month)[1]
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


def _borders(month: Period) -> tuple[datetime, datetime]:
    return start_of(month.first, zone()), end_of(month.last, zone())
