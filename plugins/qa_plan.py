"""QA-1 and QA-3: every month has its plan, and its sample is drawn at random where everyone can check it."""

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import sampling
from engine.acting import seeing_all
from engine.circumstances import zone_of
from engine.database import db, only_reading
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.obligations.kinds import Recurring
from engine.obligations.periods import Every, Period, end_of
from engine.rules import CREATE, GUARD, Facts, Verdict, need, rule
from engine.transitions.kinds import Ask, Transition
from models.column_names import column_name
from models.organisation import Post
from models.qa_plan import PlanState, QaDraw, QaPlan
from models.scorecard import Scorecard, ScorecardState
from models.service_record import ServiceRecord
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
    first, last = _window(plan, facts.given)
    again = any(d.records_from <= last and first <= d.records_until for d in facts.loaded(earlier_draws))
    return not again or bool(str(facts.given.get("reason") or "").strip())


@need(default=0)
def populations(session: Session, plans: Sequence[QaPlan]) -> Mapping[QaPlan, bool]:
    """Whether there is anything to draw from."""
    return {
        plan: session.scalar(_records(session, plan.department_id, plan.records_from, plan.records_until).limit(1))
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


def _window(plan: QaPlan, given: Mapping[str, Any]) -> tuple[date, date]:
    first, last = given.get("records_from"), given.get("records_until")
    return first or plan.records_from, last or plan.records_until


def _records(session: Session, department_id: int, first: date, last: date) -> Any:  # noqa: ANN401 a SELECT of rows
    zone = ZoneInfo(zone_of(session, department_id))
    begin, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    return select(ServiceRecord.id, ServiceRecord.number, ServiceRecord.agent_id, ServiceRecord.channel_id).where(
        ServiceRecord.department_id == department_id,
        ServiceRecord.answered.is_(True),
        ServiceRecord.occurred_at >= begin,
        ServiceRecord.occurred_at < end,
    )


def sample_of(session: Session, draw: QaDraw) -> sampling.Draw:
    """Draw again with the kept seed, from the records that existed when the draw was made (QA-3).

    Compare its `population_hash` and `sample_hash` with the draw's: equal means the same draw.
    """
    rows = session.execute(
        _records(session, draw.department_id, draw.records_from, draw.records_until).where(
            ServiceRecord.created_at <= draw.drawn_at
        )
    ).all()
    return sampling.draw((sampling.Candidate(*row) for row in rows), draw.seed, draw.per_agent)


@dataclass(frozen=True)
class Redrawn:
    """A kept draw and the same draw made again."""

    kept: QaDraw
    again: sampling.Draw

    @property
    def same_population(self) -> bool:
        """Whether the same records could have been drawn."""
        return self.again.population_hash == self.kept.population_hash

    @property
    def same_sample(self) -> bool:
        """Whether the same records were drawn, in the same order."""
        return self.again.sample_hash == self.kept.sample_hash

    @property
    def holds(self) -> bool:
        """Whether the draw proves to be what it says."""
        return self.same_population and self.same_sample


def draw_again(session: Session, draw: QaDraw) -> Redrawn:
    """Repeat a draw over all records, whichever the reader may open: a draw seen in part proves nothing (QA-3)."""
    with seeing_all():
        return Redrawn(draw, sample_of(session, draw))


@click.command("redraw")
@click.argument("draw_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
def redraw(draw_id: int, as_json: bool) -> None:  # noqa: FBT001 click hands the switch in
    """Repeat the random draw DRAW_ID with its kept seed and compare. Exit code 1: it differs, 2: there is none."""
    with only_reading():
        draw = db.session.get(QaDraw, draw_id)
        if draw is None:
            raise click.UsageError(str(_("There is no draw %(number)s.", number=draw_id)))
        found = draw_again(db.session(), draw)
        click.echo(json.dumps(_told(found)) if as_json else _said(found))
    if not found.holds:
        raise SystemExit(1)


def _told(found: Redrawn) -> dict[str, Any]:
    return {
        "draw": found.kept.id,
        "plan": found.kept.label,
        "seed": found.kept.seed,
        "method": found.kept.method,
        "holds": found.holds,
        "population": {
            "kept": [found.kept.population, found.kept.population_hash],
            "again": [found.again.population, found.again.population_hash],
        },
        "sample": {
            "kept": found.kept.sample_hash,
            "again": found.again.sample_hash,
            "numbers": [candidate.number for candidate in found.again.sample],
        },
    }


def _said(found: Redrawn) -> str:
    verdict = (
        _("The draw holds: the same seed draws the same sample.")
        if found.holds
        else _("The draw differs from what was kept.")
    )
    kept = _("kept:  population %(population)s %(population_hash)s, sample %(sample_hash)s", **vars_of(found.kept))
    again = _("again: population %(population)s %(population_hash)s, sample %(sample_hash)s", **vars_of(found.again))
    return "\n".join(map(str, (verdict, kept, again)))


def vars_of(draw: QaDraw | sampling.Draw) -> dict[str, Any]:
    """What two draws are compared by."""
    return {name: getattr(draw, name) for name in ("population", "population_hash", "sample_hash")}


@hookimpl
def commands() -> Sequence[click.Command]:
    """Anybody at a terminal can check a draw."""
    return (redraw,)


def _draw(session: Session, plan: QaPlan, facts: Facts) -> None:
    """Keep seed, population and sample of a fresh draw; whoever scores it is decided by the inspection's chapter."""
    first, last = _window(plan, facts.given)
    made = QaDraw(
        department_id=plan.department_id,
        plan=plan,
        number=len(plan.draws) + 1,
        reason=facts.given.get("reason") or None,
        seed=secrets.token_hex(16),
        method=sampling.METHOD,
        drawn_at=facts.now,
        per_agent=plan.per_agent,
        records_from=first,
        records_until=last,
    )
    drawn = sample_of(session, made)
    made.population, made.population_hash, made.sample_hash = drawn.population, drawn.population_hash, drawn.sample_hash
    made.sample = [candidate.id for candidate in drawn.sample]
    made.strata = [asdict(stratum) for stratum in drawn.strata]
    session.add(made)


def _due(period: Period, value: Callable[[str], Any], zone: str) -> datetime:
    return end_of(period.day(int(value("qa_plan_day"))), zone)


PUBLISHED = frozenset({PlanState.PUBLISHED})
MOVES = (
    Transition(
        "publish",
        QaPlan,
        frozenset({PlanState.DRAFT}),
        PlanState.PUBLISHED,
        _("Publish plan"),
        "QA-1",
        guards=(standard_is_in_use,),
        tone="good",
    ),
    Transition(
        "draw",
        QaPlan,
        PUBLISHED,
        PlanState.PUBLISHED,
        _("Draw sample"),
        "QA-3",
        effect=_draw,
        guards=(drawing_again_has_a_reason, there_is_something_to_draw),
        asks=(Ask("reason", _("Reason, when drawing again"), required=False),),
        confirm=_("The seed is kept. The draw cannot be taken back."),
    ),
    Transition("close", QaPlan, PUBLISHED, PlanState.CLOSED, _("Close plan"), "QA-1", tone="quiet"),
)

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
        rules=(
            month_is_a_month,
            dates_are_in_order,
            every_agent_is_sampled,
            scope_and_method_are_stated,
            draw_stands,
            draw_comes_from_its_plan,
        ),
        transitions=MOVES,
        obligations=(PLAN_DUE,),
    )
