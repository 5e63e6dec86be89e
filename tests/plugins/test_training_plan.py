from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.category_figures import categories_by_agent, categories_of
from engine.errors import NotAllowedError
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.notification import Notification
from models.obligation import Obligation, ObligationState, Reminder
from models.qa_inspection import Severity
from models.training_plan import TrainingPlan, TrainingPlanState
from tests.factories.quality import House, by, drawn, house, told
from tests.factories.refusals import objections, refused
from tests.factories.training import School, school

WRITTEN = {"objectives": "提升沟通", "content": "倾听与复述", "method": "案例分析", "timetable": "一季度"}


@pytest.fixture
def at(session: Session) -> School:
    return school(session)


def draft(at: School, **values: object) -> TrainingPlan:
    return TrainingPlan(department_id=at.department.id, **{"year": 2027, **WRITTEN, **values})


def duty(session: Session, kind: str, period: str | None = None) -> Obligation:
    query = select(Obligation).where(Obligation.kind == kind, Obligation.period == period)
    return session.scalars(query).one()


@pytest.mark.clause("TRN-1")
def test_next_year_s_plan_is_owed_by_the_trainer_with_reminders(session: Session, at: School) -> None:
    with clock.fixed_at(datetime(2026, 1, 10, 1, tzinfo=UTC)):
        sweep(session)
    owed = duty(session, "training_plan", "2027")
    assert (owed.due_at, owed.owner_post) == (datetime(2026, 12, 15, 16, tzinfo=UTC), "trainer")
    with clock.fixed_at(datetime(2026, 12, 9, 4, tzinfo=UTC)):
        sweep(session)
    reminded = select(Notification.recipient_id).where(Notification.obligation_id == owed.id)
    assert at.trainer.id in set(session.scalars(reminded))


@pytest.mark.clause("TRN-1")
def test_manager_approves_what_the_trainer_submits(session: Session, at: School) -> None:
    with clock.fixed_at(datetime(2026, 1, 10, 1, tzinfo=UTC)):
        sweep(session)
    with by(at.trainer):
        plan = draft(at)
        session.add(plan)
        perform(session, plan, "submit")
        session.commit()
        with pytest.raises(NotAllowedError):
            perform(session, plan, "approve")
    assert duty(session, "training_plan", "2027").state is ObligationState.MET
    review = duty(session, "training_plan_review")
    with by(at.manager):
        perform(session, plan, "send_back", reason="请补充下半年安排")
        session.commit()
        assert plan.state is TrainingPlanState.DRAFT
    with by(at.trainer):
        plan.timetable = "一季度、三季度"
        perform(session, plan, "submit")
        session.commit()
    with by(at.manager):
        perform(session, plan, "approve")
        session.commit()
    assert (plan.state, plan.approved_by_id, review.state) == (
        TrainingPlanState.APPROVED,
        at.manager.id,
        ObligationState.MET,
    )
    told_of = session.scalars(select(Notification.code).where(Notification.recipient_id == at.trainer.id)).all()
    assert {"training_plan.returned", "training_plan.approved"} <= set(told_of)


def returned(session: Session, at: School, moment: datetime, year: int = 2027) -> TrainingPlan:
    """The plan as it comes back to the trainer at that moment."""
    with clock.fixed_at(moment), by(at.trainer):
        plan = draft(at, year=year)
        session.add(plan)
        perform(session, plan, "submit")
        session.commit()
    with clock.fixed_at(moment), by(at.manager):
        perform(session, plan, "send_back", reason="请补充下半年安排")
        session.commit()
    return plan


@pytest.mark.clause("TRN-1")
def test_returned_plan_is_owed_again_until_it_is_submitted(session: Session, at: School) -> None:
    plan = returned(session, at, datetime(2026, 6, 1, 1, tzinfo=UTC))
    owed = duty(session, "training_plan_rework")
    assert (owed.state, owed.owner_id, owed.due_at) == (
        ObligationState.OPEN,
        at.trainer.id,
        datetime(2026, 12, 15, 16, tzinfo=UTC),
    )
    with clock.fixed_at(datetime(2026, 6, 2, 1, tzinfo=UTC)), by(at.trainer):
        perform(session, plan, "submit")
        session.commit()
    assert duty(session, "training_plan_rework").state is ObligationState.MET
    with clock.fixed_at(datetime(2026, 12, 21, 1, tzinfo=UTC)), by(at.manager):
        perform(session, plan, "send_back", reason="仍不完整")
        session.commit()
    again = duty(session, "training_plan_rework")
    assert (again.state, again.due_at) == (ObligationState.OPEN, datetime(2026, 12, 28, 16, tzinfo=UTC))


@pytest.mark.clause("TRN-1")
def test_writing_at_a_returned_plan_puts_nothing_off(session: Session, at: School) -> None:
    plan = returned(session, at, datetime(2026, 12, 21, 1, tzinfo=UTC))
    with clock.fixed_at(datetime(2026, 12, 24, 1, tzinfo=UTC)), by(at.trainer):
        plan.timetable = "一季度、三季度"
        session.commit()
    assert duty(session, "training_plan_rework").due_at == datetime(2026, 12, 28, 16, tzinfo=UTC)
    with clock.fixed_at(datetime(2026, 12, 28, 16, 1, tzinfo=UTC)):
        sweep(session)
    owed = duty(session, "training_plan_rework")
    assert owed.state is ObligationState.OVERDUE
    steps = select(Reminder.offset).where(Reminder.obligation_id == owed.id).order_by(Reminder.step)
    assert session.scalars(steps).all() == ["-3d", "-1d", "0", "+3d"]


@pytest.mark.clause("TRN-1")
def test_draft_that_was_never_submitted_is_no_rework(session: Session, at: School) -> None:
    with by(at.trainer):
        session.add(draft(at))
        session.commit()
    assert session.scalars(select(Obligation).where(Obligation.kind == "training_plan_rework")).all() == []


@pytest.mark.clause("TRN-1")
@pytest.mark.parametrize("part", sorted(WRITTEN))
def test_incomplete_plan_is_not_submitted(session: Session, at: School, part: str) -> None:
    plan = draft(at, **{part: " "})
    session.add(plan)
    session.commit()
    with by(at.trainer):
        assert objections(session, plan, "submit") == ["training_plan.plan_is_complete"]


@pytest.mark.clause("TRN-1")
def test_plan_is_of_a_year(session: Session, at: School) -> None:
    with refused(session, "training_plan.plan_is_of_a_year"):
        session.add(draft(at, year=27))


@pytest.fixture
def quality(session: Session) -> House:
    made = house(session)
    drawn(session, made)
    return made


@pytest.mark.clause("DAT-4")
def test_weakest_category_comes_first(session: Session, quality: House) -> None:
    told(session, quality, Severity.GENERAL, "5")
    first, *others = categories_of(session, quality.department.id, datetime(2026, 1, 1, tzinfo=UTC), clock.now())
    item = quality.item()
    assert item.weight is not None
    kept = 100 * (1 - Decimal(5) / (first.records * item.weight))
    assert (first.code, first.findings, first.lost, first.score) == (item.category, 1, 5, round(kept, 1))
    assert {each.score for each in others} == {Decimal("100.0")}
    by_agent = categories_by_agent(session, quality.department.id, datetime(2026, 1, 1, tzinfo=UTC), clock.now())
    assert by_agent[quality.agent.id][0].code == item.category


@pytest.mark.clause("DAT-4")
def test_submitted_plan_keeps_the_weaknesses_it_was_drawn_up_from(session: Session, quality: House) -> None:
    told(session, quality, Severity.GENERAL, "5")
    plan = TrainingPlan(department_id=quality.department.id, year=clock.now().year + 1, **WRITTEN)
    session.add(plan)
    perform(session, plan, "submit")
    session.commit()
    assert plan.weaknesses is not None
    assert plan.weaknesses[0]["code"] == quality.item().category
