"""What a month's plan must be."""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import GUARD, Facts, Verdict, need, rule
from models.column_names import column_name
from models.qa_plan import QaPlan
from models.scorecard import Scorecard, ScorecardState
from models.words import _

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@rule("QA-1", QaPlan, field="month", changed=("month",), says=_("Write the month as in 2026-11."))
def month_is_a_month(plan: QaPlan, facts: Facts) -> Verdict:
    """A plan is a month's plan."""
    return bool(MONTH.fullmatch(plan.month or ""))


@rule(
    "QA-1",
    QaPlan,
    field="records_until",
    changed=("records_from", "records_until"),
    says=_("The last day of the records lies before the first (%(first)s)."),
)
def dates_are_in_order(plan: QaPlan, facts: Facts) -> Verdict:
    """The plan names its dates."""
    return plan.records_from <= plan.records_until or {"first": plan.records_from}


@rule("QA-1", QaPlan, field="per_agent", changed=("per_agent",), says=_("At least one record of each agent is drawn."))
def every_agent_is_sampled(plan: QaPlan, facts: Facts) -> Verdict:
    """The plan names the sample size per agent."""
    return plan.per_agent >= 1


@rule("QA-1", QaPlan, changed=("scope", "method"), says=_("“%(label)s” may not be empty."))
def scope_and_method_are_stated(plan: QaPlan, facts: Facts) -> Verdict:
    """Scope, dates, method, standard and sample size make a plan."""
    return [
        {"field": name, "label": column_name(name)}
        for name in ("scope", "method")
        if not (getattr(plan, name) or "").strip()
    ]


@need()
def standards(session: Session, plans: Sequence[QaPlan]) -> Mapping[QaPlan, Scorecard | None]:
    """The scorecard of each plan."""
    cards = {
        c.id: c for c in session.scalars(select(Scorecard).where(Scorecard.id.in_({p.scorecard_id for p in plans})))
    }
    return {plan: cards.get(plan.scorecard_id) for plan in plans}


@rule(
    "QA-2", QaPlan, field="scorecard_id", on=GUARD, needs=(standards,), says=_("The plan's scorecard has to be in use.")
)
def standard_is_in_use(plan: QaPlan, facts: Facts) -> Verdict:
    """No plan goes by a draft or a retired standard."""
    card: Scorecard | None = facts.loaded(standards)
    return card is not None and card.state is ScorecardState.IN_USE


PLAN_RULES = (month_is_a_month, dates_are_in_order, every_agent_is_sampled, scope_and_method_are_stated)
