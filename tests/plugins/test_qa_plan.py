from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.obligation import Obligation, ObligationState
from models.qa_inspection import QaInspection
from models.qa_plan import QaDraw, QaPlan
from models.scorecard import Scorecard
from plugins.qa_plan.drawing import sample_of
from tests.factories.granting import granted
from tests.factories.quality import House, by, contact, drawn, house
from tests.factories.refusals import refused


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


def draft(at: House, **values: object) -> QaPlan:
    given = {
        "department_id": at.department.id,
        "month": "2026-05",
        "scope": "全部",
        "method": "随机",
        "records_from": date(2026, 5, 1),
        "records_until": date(2026, 5, 31),
        "scorecard_id": at.card.id,
        "per_agent": 2,
    }
    return QaPlan(**(given | values))


@pytest.mark.clause("QA-1")
def test_supervisor_writes_and_publishes_the_plan(session: Session, at: House) -> None:
    with by(at.supervisor):
        plan = draft(at)
        session.add(plan)
        session.flush()
        perform(session, plan, "publish")
        session.commit()
    assert session.scalars(select(QaPlan.state)).all() == ["published"]


@pytest.mark.clause("QA-1")
@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"month": "May"}, "month_is_a_month"),
        ({"records_until": date(2026, 4, 30)}, "dates_are_in_order"),
        ({"per_agent": 0}, "every_agent_is_sampled"),
        ({"scope": " "}, "scope_and_method_are_stated"),
    ],
)
def test_incomplete_plan_is_refused(session: Session, at: House, values: dict[str, object], rule: str) -> None:
    with refused(session, f"qa_plan.{rule}"):
        session.add(draft(at, **values))


@pytest.mark.clause("QA-2")
def test_standard_is_in_use_when_it_is_retired(session: Session, at: House) -> None:
    plan = draft(at)
    session.add(plan)
    session.flush()
    perform(session, session.get(Scorecard, at.card.id), "retire")
    session.commit()
    with refused(session, "qa_plan.standard_is_in_use"):
        perform(session, plan, "publish")


@pytest.mark.clause("QA-3")
def test_anyone_draws_the_same_sample_again(session: Session, at: House) -> None:
    draw = drawn(session, at).draws[0]
    again = sample_of(session, draw)
    assert (again.population_hash, again.sample_hash) == (draw.population_hash, draw.sample_hash)
    assert [candidate.id for candidate in again.sample] == draw.sample
    assert draw.population == 8
    assert sorted(session.scalars(select(QaInspection.service_record_id))) == sorted(draw.sample)


@pytest.mark.clause("QA-3")
def test_record_added_later_does_not_change_the_draw(session: Session, at: House) -> None:
    draw = drawn(session, at).draws[0]
    with clock.fixed_at(datetime(2026, 5, 6, 2, tzinfo=UTC)):
        session.add(contact(at, "LATER", days_ago=3))
        session.commit()
    assert sample_of(session, draw).population_hash == draw.population_hash


@pytest.mark.clause("QA-3")
def test_drawing_again_has_a_reason(session: Session, at: House) -> None:
    plan = drawn(session, at)
    with refused(session, "qa_plan.drawing_again_has_a_reason"):
        perform(session, plan, "draw")
    session.add_all(contact(at, f"MORE{n}", at.agents[n % 2]) for n in range(4))
    session.flush()
    perform(session, plan, "draw", reason="首次抽样范围有误")
    session.commit()
    assert [draw.number for draw in session.scalars(select(QaDraw).order_by(QaDraw.number))] == [1, 2]


@pytest.mark.clause("QA-3")
def test_there_is_something_to_draw_from_nothing(session: Session, at: House) -> None:
    plan = draft(at)
    session.add(plan)
    session.flush()
    perform(session, plan, "publish")
    with refused(session, "qa_plan.there_is_something_to_draw"):
        perform(session, plan, "draw")


@pytest.mark.clause("QA-3")
def test_draw_stands(session: Session, at: House) -> None:
    draw = drawn(session, at).draws[0]
    with refused(session, "qa_draw.draw_stands"):
        draw.seed = "chosen"


@pytest.mark.clause("QA-3")
def test_draw_comes_from_its_plan_not_by_hand(session: Session, at: House) -> None:
    plan = drawn(session, at)
    kept = plan.draws[0]
    grant = granted("qa_draw", "create", Role.QA_SUPERVISOR)
    with grant, by(at.supervisor), refused(session, "qa_draw.draw_comes_from_its_plan"):
        session.add(
            QaDraw(
                department_id=at.department.id,
                plan_id=plan.id,
                number=2,
                seed="x",
                method="x",
                drawn_at=clock.now(),
                per_agent=1,
                records_from=kept.records_from,
                records_until=kept.records_until,
                population=0,
                population_hash="",
                sample_hash="",
                sample=[],
                strata=[],
            )
        )


@pytest.mark.clause("QA-1")
def test_plan_is_due_on_its_day_and_met_by_publishing(session: Session, at: House) -> None:
    sweep(session)
    june = session.scalars(select(Obligation).where(Obligation.kind == "qa_plan", Obligation.period == "2026-06")).one()
    assert june.due_at == datetime(2026, 6, 1, 16, tzinfo=UTC)
    plan = draft(at, month="2026-06")
    session.add(plan)
    session.commit()
    assert june.state is ObligationState.OPEN
    perform(session, plan, "publish")
    session.commit()
    assert (june.state, june.proof) == (ObligationState.MET, f"qa_plan:{plan.id}")


@pytest.mark.clause("QA-1")
def test_plan_that_is_missing_is_overdue(session: Session, at: House) -> None:
    sweep(session)
    with clock.fixed_at(datetime(2026, 6, 1, 16, 1, tzinfo=UTC)):
        sweep(session)
    assert (
        session.scalars(
            select(Obligation.state).where(Obligation.period == "2026-06", Obligation.kind == "qa_plan")
        ).one()
        == "overdue"
    )
