"""ORG-7: each agent has a plan with stage goals and a path of promotion, agreed with the person."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.rules import GUARD, Facts, Fill, Verdict, need, rule
from engine.transitions.kinds import Ask, Transition
from models.career_plan import CareerGoal, CareerPlan, GoalState, PlanState
from models.organisation import Staff
from models.words import _

CURRENT = (PlanState.DRAFT, PlanState.AGREED)


def _follow_the_person(session: Session, plans: Sequence[CareerPlan]) -> None:
    """A plan belongs to its person's team."""
    people = {plan.staff_id for plan in plans}
    teams = dict(session.execute(select(Staff.id, Staff.team_id).where(Staff.id.in_(people))).all())
    for plan in plans:
        if plan.team_id is None or "staff_id" in inspect(plan).committed_state:
            plan.team_id = teams.get(plan.staff_id)


@need()
def plans(session: Session, goals: Sequence[CareerGoal]) -> Mapping[CareerGoal, CareerPlan]:
    """The plan of each goal, also one that is written together with it."""
    found = {p.id: p for p in session.scalars(select(CareerPlan).where(CareerPlan.id.in_({g.plan_id for g in goals})))}
    return {g: plan for g in goals if (plan := g.plan or found.get(g.plan_id)) is not None}


def _follow_the_plan(session: Session, goals: Sequence[CareerGoal]) -> None:
    """A goal is the person's whose plan it is in."""
    for goal, plan in plans.load(session, goals).items():
        goal.staff_id, goal.team_id = plan.staff_id, plan.team_id


@rule(
    "ORG-7",
    CareerGoal,
    field="due_on",
    changed=("due_on",),
    needs=(plans,),
    says=_("The plan begins on %(day)s: a stage goal is reached on that day or later."),
)
def goal_follows_the_beginning(goal: CareerGoal, facts: Facts) -> Verdict:
    """A stage lies on the way."""
    plan: CareerPlan | None = facts.loaded(plans)
    if plan is None or goal.due_on is None or plan.starts_on is None:
        return True
    return goal.due_on >= plan.starts_on or {"day": plan.starts_on}


@need(default=0)
def other_plans(session: Session, plans: Sequence[CareerPlan]) -> Mapping[CareerPlan, int]:
    """For each plan, how many others of the same person are not over, this batch counted in."""
    rows = session.execute(
        select(CareerPlan.id, CareerPlan.staff_id).where(
            CareerPlan.staff_id.in_({plan.staff_id for plan in plans}), CareerPlan.state.in_(CURRENT)
        )
    ).all()
    own = {plan.id for plan in plans if plan.id is not None}
    count = Counter(person for number, person in rows if number not in own)
    count.update(plan.staff_id for plan in plans if plan.state in CURRENT)
    return {plan: count[plan.staff_id] - 1 for plan in plans}


@rule(
    "ORG-7",
    CareerPlan,
    field="staff_id",
    changed=("staff_id",),
    needs=(other_plans,),
    says=_("This person has a career plan already. Close it before you draw up the next one."),
)
def person_has_one_plan(plan: CareerPlan, facts: Facts) -> Verdict:
    """One plan at a time, so that everybody means the same one."""
    return int(facts.loaded(other_plans)) <= 0


@rule("ORG-7", CareerPlan, field="path", says=_("Write down the path of promotion."))
def path_is_stated(plan: CareerPlan, facts: Facts) -> Verdict:
    """Where it leads."""
    return bool((plan.path or "").strip())


@need(default=0)
def stage_goals(session: Session, plans: Sequence[CareerPlan]) -> Mapping[CareerPlan, int]:
    """How many goals each plan names that were not dropped."""
    rows = session.scalars(
        select(CareerGoal.plan_id).where(
            CareerGoal.plan_id.in_({p.id for p in plans}), CareerGoal.state != GoalState.DROPPED
        )
    )
    count = Counter(rows)
    return {plan: count[plan.id] for plan in plans}


@rule("ORG-7", CareerPlan, on=GUARD, needs=(stage_goals,), says=_("A plan names at least one stage goal."))
def plan_has_a_goal(plan: CareerPlan, facts: Facts) -> Verdict:
    """A path without stages is a wish."""
    return bool(facts.loaded(stage_goals))


@rule("ORG-7", CareerPlan, on=GUARD, says=_("Only the person whose plan it is agrees to it."))
def person_agrees(plan: CareerPlan, facts: Facts) -> Verdict:
    """A plan is made with somebody, not about them."""
    return facts.actor.is_system or facts.actor.staff_id == plan.staff_id


@rule("ORG-7", CareerGoal, on=GUARD, says=_("Somebody else than the person says that a goal is reached."))
def somebody_else_judges(goal: CareerGoal, facts: Facts) -> Verdict:
    """Four eyes."""
    return facts.actor.is_system or facts.actor.staff_id != goal.staff_id


def _agree(session: Session, plan: CareerPlan, facts: Facts) -> None:
    plan.agreed_at = facts.now


def _tell_the_person(session: Session, plans: Sequence[CareerPlan]) -> None:
    for plan in plans:
        key = f"career:{plan.id}"
        notify(session, plan.department_id, [plan.staff_id], "career.drawn_up", key, {}, subject=plan)


AHEAD = frozenset({GoalState.AHEAD})
MOVES = (
    Transition(
        "agree",
        CareerPlan,
        frozenset({PlanState.DRAFT}),
        PlanState.AGREED,
        _("Agree to the plan"),
        "ORG-7",
        guards=(person_agrees, plan_has_a_goal),
        effect=_agree,
        tone="good",
        awaited_of="staff_id",
    ),
    Transition(
        "close",
        CareerPlan,
        frozenset(CURRENT),
        PlanState.CLOSED,
        _("Close the plan"),
        "ORG-7",
        asks=(Ask("reason", _("Reason")),),
        tone="warn",
    ),
    Transition(
        "reach",
        CareerGoal,
        AHEAD,
        GoalState.REACHED,
        _("Reached"),
        "ORG-7",
        guards=(somebody_else_judges,),
        asks=(Ask("outcome", _("What shows it")),),
        awaited_from="due_on",
        tone="good",
    ),
    Transition(
        "drop",
        CareerGoal,
        AHEAD,
        GoalState.DROPPED,
        _("Drop"),
        "ORG-7",
        asks=(Ask("outcome", _("Reason")),),
        tone="warn",
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="career_plan",
        label=_("Career plans"),
        built=("ORG-7",),
        entities=(CareerPlan, CareerGoal),
        fills=(Fill(CareerPlan, _follow_the_person), Fill(CareerGoal, _follow_the_plan)),
        afters=(Fill(CareerPlan, _tell_the_person),),
        rules=(person_has_one_plan, path_is_stated, goal_follows_the_beginning),
        transitions=MOVES,
        notices=(
            Notice(
                "career.drawn_up",
                _("A career plan was drawn up for you"),
                _("Please read it, talk it over with your superior, and agree to it when it is yours."),
            ),
        ),
    )
