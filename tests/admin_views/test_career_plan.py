from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from engine import clock
from models.career_plan import CareerGoal, CareerPlan
from tests.factories.hiring import Hiring, hiring
from tests.factories.pages import read
from tests.fixtures.crew import Browse

pytestmark = pytest.mark.sqlite


@pytest.fixture
def at(session: Session) -> Hiring:
    return hiring(session)


def goal_by(session: Session, at: Hiring, day: date) -> CareerGoal:
    plan = CareerPlan(
        department_id=at.department.id, staff_id=at.agent.id, path="坐席 → 班组长", starts_on=date(2026, 5, 1)
    )
    made = CareerGoal(department_id=at.department.id, plan=plan, name="带教新人", due_on=day)
    session.add_all([plan, made])
    session.commit()
    return made


@pytest.mark.clause("ORG-7")
def test_plan_leads_to_its_goals(session: Session, at: Hiring, browse: Browse) -> None:
    goal = goal_by(session, at, date(2026, 9, 1))
    page = browse(at.lead).get(f"/career_plan/details/?id={goal.plan_id}").text
    assert f'<a href="/career_goal/details/?id={goal.id}">带教新人</a>' in page


@pytest.mark.clause("ORG-7")
@pytest.mark.parametrize(("days", "waits"), [(-1, True), (0, True), (1, False)])
def test_goal_waits_for_its_judge_from_its_day_on(
    session: Session, at: Hiring, browse: Browse, days: int, waits: bool
) -> None:
    goal_by(session, at, clock.day_in("Asia/Shanghai", clock.now()) + timedelta(days=days))
    assert ("带教新人" in read(browse(at.lead), "/")) is waits
