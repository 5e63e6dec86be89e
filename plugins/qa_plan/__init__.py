"""QA-1 and QA-3: every month has its plan, and its sample is drawn at random where everyone can check it.

- `plan_rules`, `draw_rules`: what a plan and a draw must be
- `drawing`: the draw itself; `checking`: the command that repeats one
- `moves`: from the draft to the close
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import click

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.obligations.kinds import Recurring
from engine.obligations.periods import Every, Period, end_of
from models.organisation import Post
from models.qa_plan import PlanState, QaDraw, QaPlan
from models.words import _
from plugins.qa_plan.checking import redraw
from plugins.qa_plan.draw_rules import DRAW_RULES
from plugins.qa_plan.moves import MOVES
from plugins.qa_plan.plan_rules import PLAN_RULES


@hookimpl
def commands() -> Sequence[click.Command]:
    """Anybody at a terminal can check a draw."""
    return (redraw,)


def _due(period: Period, value: Callable[[str], Any], zone: str) -> datetime:
    return end_of(period.day(int(value("qa_plan_day"))), zone)


PLAN_DUE = Recurring(
    "qa_plan",
    "QA-1",
    _("Publish the month's QA plan"),
    Post.QA_SUPERVISOR,
    Every.MONTH,
    _due,
    QaPlan,
    period_of=lambda plan: (plan.month,),
    met=lambda plan: plan.state is not PlanState.DRAFT,
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="qa_plan",
        label=_("Quality inspection"),
        built=("QA-1", "QA-3"),
        entities=(QaPlan, QaDraw),
        rules=(*PLAN_RULES, *DRAW_RULES),
        transitions=MOVES,
        obligations=(PLAN_DUE,),
    )
