"""TRN-1, DAT-4: every year's training is planned from where quality was weakest, and approved by the manager."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import plain
from engine.category_figures import CategoryScore, categories_of
from engine.circumstances import zone_of
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.obligations.kinds import Kind, Recurring
from engine.obligations.periods import Every, Period, end_of, start_of
from engine.rules import GUARD, Facts, Verdict, four_eyes, need, rule
from engine.transitions.kinds import Ask, Transition
from models.column_names import column_name
from models.obligation import UNDONE, Obligation
from models.organisation import Post
from models.training_plan import TrainingPlan, TrainingPlanState
from models.words import _

PARTS = ("objectives", "content", "method", "timetable")
EARLIEST, LATEST = 2000, 2100
REWORK_NAME = "training_plan_rework"


@rule("TRN-1", TrainingPlan, field="year", changed=("year",), says=_("Write the year with four digits, as in 2027."))
def plan_is_of_a_year(plan: TrainingPlan, facts: Facts) -> Verdict:
    """A plan is a year's plan."""
    return EARLIEST <= plan.year <= LATEST


@rule("TRN-1", TrainingPlan, on=GUARD, says=_("“%(label)s” may not be empty."))
def plan_is_complete(plan: TrainingPlan, facts: Facts) -> Verdict:
    """Objectives, content, method and timetable make a plan."""
    return [{"field": name, "label": column_name(name)} for name in PARTS if not (getattr(plan, name) or "").strip()]


def weaknesses_before(session: Session, plan: TrainingPlan) -> list[CategoryScore]:
    """The QA categories of the year before the plan's, as far as it has gone, the weakest first."""
    if not EARLIEST <= plan.year <= LATEST:
        return []
    zone = zone_of(session, plan.department_id)
    first, end = date(plan.year - 1, 1, 1), date(plan.year, 1, 1)
    return categories_of(session, plan.department_id, start_of(first, zone), start_of(end, zone))


def _submit(session: Session, plan: TrainingPlan, facts: Facts) -> None:
    """The figures are kept as the manager is shown them."""
    plan.submitted_by_id, plan.submitted_at = facts.actor.staff_id, facts.now
    plan.weaknesses = [plain(asdict(each)) for each in weaknesses_before(session, plan)]


def _approve(session: Session, plan: TrainingPlan, facts: Facts) -> None:
    plan.approved_by_id, plan.approved_at = facts.actor.staff_id, facts.now
    _tell(session, plan, "training_plan.approved")


def _send_back(session: Session, plan: TrainingPlan, facts: Facts) -> None:
    _tell(session, plan, "training_plan.returned", reason=str(facts.given.get("reason") or ""))


def _tell(session: Session, plan: TrainingPlan, code: str, **more: str) -> None:
    if plan.submitted_by_id is not None:
        key = f"training_plan:{plan.id}:{plan.version}"
        data = {"year": str(plan.year), **more}
        notify(session, plan.department_id, [plan.submitted_by_id], code, key, data, subject=plan)


def _due(period: Period, value: Callable[[str], Any], zone: str) -> datetime:
    """By the day of the year before (TRN-1)."""
    return _due_for(period.first.year, value, zone)


def _due_for(year: int, value: Callable[[str], Any], zone: str) -> datetime:
    month, day = (int(part) for part in str(value("plan_due")).split("-"))
    return end_of(date(year - 1, month, day), zone)


def _review_due(plan: TrainingPlan, facts: Facts) -> datetime:
    return _days_after(plan.submitted_at or facts.now, facts)


def _days_after(moment: datetime, facts: Facts) -> datetime:
    """Whoever mends a plan has as long as whoever reviews it."""
    days = int(facts.parameter("training_plan_review_days"))
    return end_of(facts.calendar.add(clock.day_in(facts.zone, moment), days), facts.zone)


@need()
def reworked_by(session: Session, plans: Sequence[TrainingPlan]) -> Mapping[TrainingPlan, datetime]:
    """By when each returned plan is already owed: writing at it puts nothing off."""
    standing = select(Obligation.subject_id, Obligation.due_at).where(
        Obligation.kind == REWORK_NAME,
        Obligation.subject_id.in_([plan.id for plan in plans]),
        Obligation.state.in_(UNDONE),
    )
    due = dict(session.execute(standing).all())
    return {plan: due[plan.id] for plan in plans if plan.id in due}


def _rework_due(plan: TrainingPlan, facts: Facts) -> datetime:
    """The year's day, or that many days after it came back where these end later."""
    known: datetime | None = facts.loaded(reworked_by)
    return known or max(_due_for(plan.year, facts.parameter, facts.zone), _days_after(facts.now, facts))


PLAN = Recurring(
    "training_plan",
    "TRN-1",
    _("Submit next year's training plan"),
    Post.TRAINER,
    Every.YEAR,
    _due,
    TrainingPlan,
    period_of=lambda plan: (str(plan.year),),
    met=lambda plan: plan.state is not TrainingPlanState.DRAFT,
)
REVIEW = Kind(
    "training_plan_review",
    "TRN-1",
    TrainingPlan,
    _("Approve the training plan or return it"),
    owed=lambda p: p.state is TrainingPlanState.SUBMITTED,
    met=lambda p: p.state is TrainingPlanState.APPROVED,
    due=_review_due,
    post=Post.MANAGER,
)
REWORK = Kind(
    REWORK_NAME,
    "TRN-1",
    TrainingPlan,
    _("Revise the training plan and submit it again"),
    owed=lambda p: p.state is TrainingPlanState.DRAFT and p.submitted_at is not None,
    met=lambda p: p.state is not TrainingPlanState.DRAFT,
    due=_rework_due,
    owner=lambda p: p.submitted_by_id,
    needs=(reworked_by,),
)
DRAFT, SUBMITTED = frozenset({TrainingPlanState.DRAFT}), frozenset({TrainingPlanState.SUBMITTED})
MOVES = (
    Transition(
        "submit",
        TrainingPlan,
        DRAFT,
        TrainingPlanState.SUBMITTED,
        _("Submit"),
        "TRN-1",
        guards=(plan_is_complete,),
        effect=_submit,
        tone="good",
    ),
    Transition(
        "approve",
        TrainingPlan,
        SUBMITTED,
        TrainingPlanState.APPROVED,
        _("Approve"),
        "TRN-1",
        guards=(four_eyes("TRN-1", TrainingPlan, "submitted_by_id"),),
        effect=_approve,
        tone="good",
    ),
    Transition(
        "send_back",
        TrainingPlan,
        SUBMITTED,
        TrainingPlanState.DRAFT,
        _("Return"),
        "TRN-1",
        effect=_send_back,
        asks=(Ask("reason", _("Reason")),),
        tone="warn",
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="training_plan",
        label=_("Training and exams"),
        built=("TRN-1", "DAT-4"),
        entities=(TrainingPlan,),
        rules=(plan_is_of_a_year,),
        transitions=MOVES,
        obligations=(PLAN, REVIEW, REWORK),
        notices=(
            Notice(
                "training_plan.approved",
                _("The training plan %(year)s is approved"),
                _("The department manager approved the training plan %(year)s."),
            ),
            Notice(
                "training_plan.returned",
                _("The training plan %(year)s was returned"),
                _("The training plan %(year)s was returned: %(reason)s"),
            ),
        ),
    )
