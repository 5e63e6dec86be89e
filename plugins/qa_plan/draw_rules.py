"""What a draw must be, and what speaks against drawing."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import CREATE, GUARD, Facts, Verdict, need, rule
from models.qa_plan import QaDraw, QaPlan
from models.words import _
from plugins.qa_plan.drawing import records_between, window


@need(default=())
def earlier_draws(session: Session, plans: Sequence[QaPlan]) -> Mapping[QaPlan, Sequence[QaDraw]]:
    """The draws each plan already has."""
    rows = session.scalars(select(QaDraw).where(QaDraw.plan_id.in_([p.id for p in plans]))).all()
    return {plan: [row for row in rows if row.plan_id == plan.id] for plan in plans}


@rule(
    "QA-3",
    QaPlan,
    field="reason",
    on=GUARD,
    needs=(earlier_draws,),
    says=_("These days were drawn from before: say why they are drawn from again. Both draws stay visible."),
)
def drawing_again_has_a_reason(plan: QaPlan, facts: Facts) -> Verdict:
    """Nobody redraws unseen."""
    first, last = window(plan, facts.given)
    again = any(d.records_from <= last and first <= d.records_until for d in facts.loaded(earlier_draws))
    return not again or bool(str(facts.given.get("reason") or "").strip())


@need(default=0)
def populations(session: Session, plans: Sequence[QaPlan]) -> Mapping[QaPlan, bool]:
    """Whether there is anything to draw from."""
    return {
        plan: session.scalar(
            records_between(session, plan.department_id, (plan.records_from, plan.records_until)).limit(1)
        )
        is not None
        for plan in plans
    }


@rule(
    "QA-3",
    QaPlan,
    on=GUARD,
    needs=(populations,),
    says=_("There are no service records in the plan's days to draw from."),
)
def there_is_something_to_draw(plan: QaPlan, facts: Facts) -> Verdict:
    """An empty draw would look like a kept duty."""
    return bool(facts.loaded(populations))


@rule("QA-3", QaDraw, on=frozenset({"edit"}), says=_("A draw is never changed. It can only be repeated and compared."))
def draw_stands(draw: QaDraw, facts: Facts) -> Verdict:
    """The draw is the record of chance."""
    return False


@rule(
    "QA-3",
    QaDraw,
    on=frozenset({CREATE}),
    says=_("A draw is made by the plan's “Draw sample” button, which keeps its seed."),
)
def draw_comes_from_its_plan(draw: QaDraw, facts: Facts) -> Verdict:
    """Nobody picks."""
    return facts.actor.is_system and bool(draw.seed)


DRAW_RULES = (draw_stands, draw_comes_from_its_plan)
