from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotAllowedError
from engine.transitions.performing import perform
from models.career_plan import CareerGoal, CareerPlan, GoalState, PlanState
from models.organisation import Post
from tests.factories.hiring import Hiring, hiring
from tests.factories.organisation import staff
from tests.factories.quality import by
from tests.factories.refusals import objections, refused


@pytest.fixture
def at(session: Session) -> Hiring:
    return hiring(session)


def plan(session: Session, at: Hiring, **values: object) -> CareerPlan:
    made = CareerPlan(
        **(
            {
                "department_id": at.department.id,
                "staff_id": at.agent.id,
                "path": "坐席 → 资深坐席 → 班组长",
                "starts_on": date(2026, 5, 1),
            }
            | values
        )
    )
    session.add(made)
    session.flush()
    return made


def goal(session: Session, of: CareerPlan, due_on: date = date(2026, 9, 1)) -> CareerGoal:
    made = CareerGoal(
        department_id=of.department_id,
        plan_id=of.id,
        name="带教一名新人",
        post=Post.SHIFT_LEAD,
        due_on=due_on,
    )
    session.add(made)
    session.flush()
    return made


@pytest.mark.clause("ORG-7")
def test_plan_is_agreed_to_by_its_person(session: Session, at: Hiring) -> None:
    with by(at.lead):
        made = plan(session, at)
        session.commit()
    assert made.team_id == at.team.id
    with by(at.agent):
        assert objections(session, made, "agree") == ["career_plan.plan_has_a_goal"]
    with by(at.lead):
        aim = goal(session, made)
        with pytest.raises(NotAllowedError):
            perform(session, made, "agree")
    with by(at.agent):
        perform(session, made, "agree")
        session.commit()
    assert (made.state, aim.staff_id) == (PlanState.AGREED, at.agent.id)


@pytest.mark.clause("ORG-7")
def test_person_has_one_plan_at_a_time(session: Session, at: Hiring) -> None:
    made = plan(session, at)
    session.commit()
    with by(at.lead), refused(session, "career_plan.person_has_one_plan"):
        plan(session, at)
    with by(at.lead):
        perform(session, made, "close", reason="已晋升")
        plan(session, at)


@pytest.mark.clause("ORG-7")
def test_goal_is_reached_by_somebody_elses_word(session: Session, at: Hiring) -> None:
    own = plan(session, at, staff_id=at.lead.id)
    aim = goal(session, own)
    with by(at.lead):
        assert objections(session, aim, "reach", outcome="完成") == ["career_goal.somebody_else_judges"]
    with by(at.manager):
        perform(session, aim, "reach", outcome="新人已独立上岗")
    assert aim.state is GoalState.REACHED


def test_path_is_stated(session: Session, at: Hiring) -> None:
    with refused(session, "career_plan.path_is_stated"):
        plan(session, at, path=" ")


def test_person_sees_their_own_plan_only(session: Session, at: Hiring) -> None:
    plan(session, at)
    colleague = staff(session, at.department, of=at.team, superior=at.lead)
    plan(session, at, staff_id=colleague.id)
    session.commit()
    with by(at.agent):
        assert session.scalars(select(CareerPlan.staff_id)).all() == [at.agent.id]


@pytest.mark.clause("ORG-7")
def test_goal_follows_the_beginning_of_its_plan(session: Session, at: Hiring) -> None:
    other = staff(session, at.department, of=at.team, superior=at.lead)
    with by(at.lead):
        made = plan(session, at)
        goal(session, made, made.starts_on)
        session.commit()
    with by(at.lead), refused(session, "career_goal.goal_follows_the_beginning"):
        goal(session, made, date(2026, 4, 30))
    with by(at.lead), refused(session, "career_goal.goal_follows_the_beginning"):
        fresh = plan(session, at, staff_id=other.id)
        fresh.goals.append(CareerGoal(department_id=at.department.id, name="早于规划", due_on=date(2026, 4, 30)))
