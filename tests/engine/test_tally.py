from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Door, acting
from engine.errors import PolicyError
from models.audit import Refusal, RuleTally
from models.organisation import Department, Post, Staff, Team
from tests.factories.organisation import actor_of, department, staff, team
from tests.fixtures.rulebook import NOW

SERVES = "team.team_serves_a_channel"


@pytest.fixture
def home(session: Session) -> Department:
    made = department(session)
    session.commit()
    return made


@pytest.fixture
def manager(session: Session, home: Department) -> Staff:
    made = staff(session, home, Post.MANAGER)
    session.commit()
    return made


def counted(session: Session, rule: str = SERVES) -> list[tuple[str, int, int]]:
    rows = session.execute(
        select(RuleTally.day, RuleTally.kept, RuleTally.broken).where(RuleTally.rule == rule).order_by(RuleTally.day)
    )
    return [(row.day.isoformat(), row.kept, row.broken) for row in rows]


def refuse(session: Session, home: Department, name: str = "空组") -> None:
    session.add(Team(department_id=home.id, name=name))
    with pytest.raises(PolicyError):
        session.flush()
    session.rollback()


def test_kept_rule_is_counted_with_the_commit(session: Session, home: Department) -> None:
    team(session, home, "一组")
    team(session, home, "二组")
    session.commit()
    assert counted(session) == [("2026-05-04", 2, 0)]


def test_kept_rule_of_a_write_rolled_back_is_not_counted(session: Session, home: Department) -> None:
    team(session, home)
    session.rollback()
    session.commit()
    assert counted(session) == []


def test_refusal_outlives_the_write_it_stopped(session: Session, home: Department, manager: Staff) -> None:
    number = home.id
    with acting(actor_of(manager), Door.IMPORT):
        refuse(session, home)
    assert counted(session) == [("2026-05-04", 0, 1)]
    found = session.scalars(select(Refusal)).one()
    assert (found.at, found.department_id, found.actor_id, found.door) == (NOW, number, manager.id, "import")
    assert (found.entity, found.record_id, found.rule) == ("team", None, SERVES)
    assert (found.clause, found.field) == ("ORG-2", "channels")


def test_refusal_keeps_no_value_of_the_record(session: Session, home: Department) -> None:
    refuse(session, home, "机密的组名")
    row = session.execute(select(Refusal.__table__)).one()
    assert "机密" not in str(tuple(row))


def test_counts_of_a_day_add_up(session: Session, home: Department) -> None:
    refuse(session, home)
    team(session, home)
    session.commit()
    refuse(session, home)
    assert counted(session) == [("2026-05-04", 1, 2)]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 5, 3, 15, 59, 59, tzinfo=UTC), "2026-05-03"),
        (datetime(2026, 5, 3, 16, 0, 0, tzinfo=UTC), "2026-05-04"),
    ],
)
def test_day_is_that_of_the_department(session: Session, home: Department, moment: datetime, day: str) -> None:
    with clock.fixed_at(moment):
        refuse(session, home)
    assert counted(session) == [(day, 0, 1)]


def test_departments_are_counted_apart(session: Session, home: Department) -> None:
    elsewhere = department(session, "售后中心")
    session.commit()
    refuse(session, home)
    refuse(session, elsewhere)
    rows = session.execute(select(RuleTally.department_id, RuleTally.broken).order_by(RuleTally.department_id)).all()
    assert [tuple(row) for row in rows] == [(home.id, 1), (elsewhere.id, 1)]
