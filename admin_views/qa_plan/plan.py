"""QA-1: the month's plans; an empty form proposes the coming month."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.base.view import EntityView
from admin_views.formats import today
from admin_views.own_pages import DETAILS, OwnPages
from engine.acting import current_act
from engine.database import db
from engine.obligations.periods import Every, Period
from engine.packs import parameters
from models.qa_plan import QaDraw, QaPlan
from models.scorecard import Scorecard, ScorecardState
from models.words import _

SAMPLE = "sample_size"
"""How many records of each agent are drawn a month, by the rulebook (QA-3)."""


class QaPlanView(OwnPages, EntityView):
    """A month's plan; its draws are on its page."""

    model = QaPlan
    category = "quality"
    icon = "target"
    own = {DETAILS: "quality/plan.html"}
    list_columns = ("month", "scope", "records_from", "records_until", "per_agent", "scorecard_id", "state")
    form_columns = ("month", "scope", "method", "records_from", "records_until", "scorecard_id", "per_agent")
    filters = ("state", "scorecard_id")
    search = ("month", "scope")
    default_sort = ("month", True)
    narrow = {"scorecard_id": lambda: (Scorecard.state == ScorecardState.IN_USE,)}
    help = {
        "month": _("As in 2026-11."),
        "records_until": _("A month in which records still come in is best drawn from once the last day has passed."),
    }

    def first_values(self) -> Mapping[str, Any]:
        """What the coming month needs."""
        return proposal(db.session(), current_act().actor.department_id)

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The plan's draws, newest first."""
        draws = select(QaDraw).where(QaDraw.plan_id == data["record"].id).order_by(QaDraw.number.desc())
        return {"draws": db.session.scalars(draws).all()}


def proposal(session: Session, department_id: int | None) -> Mapping[str, Any]:
    """The month after this one, or after the newest plan; scope and method as they were, the standard in use."""
    newest = session.scalars(select(QaPlan).order_by(QaPlan.month.desc()).limit(1)).first()
    month = Period.containing(Every.MONTH, today()).next(Every.MONTH)
    if newest is not None and newest.month >= month.name:
        month = Period.containing(Every.MONTH, newest.records_until).next(Every.MONTH)
    card = session.scalars(select(Scorecard.id).where(Scorecard.state == ScorecardState.IN_USE)).first()
    proposed = {
        "month": month.name,
        "records_from": month.first,
        "records_until": month.last,
        "scope": newest.scope if newest else None,
        "method": newest.method if newest else None,
        "scorecard_id": card,
        "per_agent": _sample_size(session, department_id, month) or (newest.per_agent if newest else None),
    }
    return {name: value for name, value in proposed.items() if value is not None}


def _sample_size(session: Session, department_id: int | None, month: Period) -> int | None:
    try:
        return int(parameters.value(session, department_id or 0, SAMPLE, month.first))
    except parameters.UnknownParameterError:
        return None
