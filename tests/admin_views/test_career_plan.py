from datetime import date

import pytest
from sqlalchemy.orm import Session

from models.career_plan import CareerGoal, CareerPlan
from tests.factories.hiring import hiring
from tests.fixtures.crew import Browse

pytestmark = pytest.mark.sqlite


@pytest.mark.clause("ORG-7")
def test_plan_leads_to_its_goals(session: Session, browse: Browse) -> None:
    at = hiring(session)
    plan = CareerPlan(
        department_id=at.department.id, staff_id=at.agent.id, path="坐席 → 班组长", starts_on=date(2026, 5, 1)
    )
    session.add(plan)
    session.flush()
    goal = CareerGoal(department_id=at.department.id, plan_id=plan.id, name="带教新人", due_on=date(2026, 9, 1))
    session.add(goal)
    session.commit()
    page = browse(at.lead).get(f"/career_plan/details/?id={plan.id}").text
    assert f'<a href="/career_goal/details/?id={goal.id}">带教新人</a>' in page
