from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import date_of, facts_for
from engine.gate.bypass import maintenance_write
from engine.packs import parameters
from engine.packs.adoption import adopt, set_value
from engine.packs.parameters import UnknownParameterError
from models.organisation import Department
from models.policy import ParameterValue
from tests.factories.organisation import channel, department
from tests.factories.statements import reads
from tests.fixtures.rulebook import NOW

START, TODAY = date(2024, 1, 1), date(2026, 5, 4)


@pytest.fixture
def home(session: Session) -> Department:
    made = department(session)
    adopt(session, made, "Q", rank=1, valid_from=START)
    session.commit()
    return made


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2020, 1, 1), 80),
        (START, 80),
        (date(2025, 12, 31), 80),
        (date(2026, 1, 1), 70),
        (date(2026, 5, 31), 70),
        (date(2026, 6, 1), 75),
        (date(2030, 1, 1), 75),
    ],
)
def test_value_in_force_on_a_day(session: Session, home: Department, day: date, expected: int) -> None:
    set_value(session, home.id, "pass_mark", 75, date(2026, 6, 1), "later")
    set_value(session, home.id, "pass_mark", 70, date(2026, 1, 1), "first")
    session.commit()
    assert parameters.value(session, home.id, "pass_mark", day) == expected


def test_correction_for_the_same_day_is_the_one_in_force(session: Session, home: Department) -> None:
    set_value(session, home.id, "pass_mark", 70, TODAY, "typo")
    set_value(session, home.id, "pass_mark", 72, TODAY, "meant")
    session.commit()
    assert parameters.value(session, home.id, "pass_mark", TODAY) == 72


def test_change_is_seen_at_once_and_a_rollback_undoes_it(session: Session, home: Department) -> None:
    number = home.id
    assert parameters.value(session, number, "pass_mark", TODAY) == 80
    set_value(session, number, "pass_mark", 70, TODAY, "try")
    assert parameters.value(session, number, "pass_mark", TODAY) == 70
    session.rollback()
    assert parameters.value(session, number, "pass_mark", TODAY) == 80


def test_name_that_no_adopted_pack_sets(session: Session, home: Department) -> None:
    with pytest.raises(UnknownParameterError, match="swap_lead_days"):
        parameters.value(session, home.id, "swap_lead_days", TODAY)
    assert "swap_lead_days" not in parameters.known(session, home.id)


def test_departments_have_values_of_their_own(session: Session, home: Department) -> None:
    elsewhere = department(session, "售后中心")
    adopt(session, elsewhere, "Q", rank=1, valid_from=START)
    set_value(session, elsewhere.id, "pass_mark", 60, START, "theirs")
    session.commit()
    assert parameters.value(session, home.id, "pass_mark", TODAY) == 80


def test_history_tells_every_value_with_its_reason(session: Session, home: Department) -> None:
    set_value(session, home.id, "pass_mark", 70, date(2026, 1, 1), "first")
    session.commit()
    told = [
        (each.value, each.valid_from, each.pack, each.reason)
        for each in parameters.history(session, home.id, "pass_mark")
    ]
    assert told == [(80, START, "Q", None), (70, date(2026, 1, 1), None, "first")]
    assert parameters.history(session, home.id, "unheard_of") == ()


def test_values_are_read_once_a_session(session: Session, home: Department) -> None:
    number = home.id
    with reads(session) as sent:
        for name in ("pass_mark", "max_resits", "qa_plan_day"):
            parameters.value(session, number, name, TODAY)
    assert len(sent) == 2


def test_change_by_another_process_is_seen_in_the_next_transaction(session: Session, home: Department) -> None:
    number = home.id
    assert parameters.value(session, number, "pass_mark", TODAY) == 80
    session.commit()
    with session.get_bind().engine.begin() as elsewhere, maintenance_write(elsewhere):
        mark = (ParameterValue.department_id == number) & (ParameterValue.name == "pass_mark")
        elsewhere.execute(update(ParameterValue).where(mark).values(value=65))
    assert parameters.value(session, number, "pass_mark", TODAY) == 65


def test_list_that_a_caller_changes_is_its_own(session: Session, home: Department) -> None:
    name = next(each for each in parameters.known(session, home.id) if each.startswith("reminders."))
    listed = parameters.value(session, home.id, name, TODAY)
    before = list(listed)
    listed.clear()
    session.commit()
    assert parameters.value(session, home.id, name, TODAY) == before != []


def test_clauses_of_adopted_packs_bind(session: Session, home: Department) -> None:
    binding = parameters.clauses_in_force(session, home.id)
    assert parameters.binds("QA-1", binding)
    assert not parameters.binds("ROS-5", binding)
    assert parameters.binds("", binding)
    assert parameters.binds("ROS-5", parameters.clauses_in_force(session, department(session, "新部门").id))


def test_record_is_judged_by_the_day_it_was_made(session: Session, home: Department) -> None:
    """Last month's record is judged by last month's value, whenever somebody looks at it."""
    with clock.fixed_at(NOW - timedelta(days=60)):
        old = channel(session, home, "old")
        session.commit()
    set_value(session, home.id, "pass_mark", 70, TODAY, "from today")
    new = channel(session, home, "new")
    session.commit()
    facts = facts_for(session, [old, new])
    assert [facts[record].parameter("pass_mark") for record in (old, new)] == [80, 70]


def test_day_of_a_record_is_the_departments(session: Session, home: Department) -> None:
    with clock.fixed_at(datetime(2026, 5, 3, 16, 30, tzinfo=UTC)):
        late = channel(session, home, "late")
        session.commit()
    assert date_of(session, late) == date(2026, 5, 4)
