from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload

from engine.acting import Actor, Door, Role, acting, seeing_all
from engine.permissions import matrix
from models.organisation import Department, Post, Staff, Team
from tests.factories.organisation import actor_of, department, staff, team


@dataclass(frozen=True)
class People:
    """Two teams in one department, and a stranger's department."""

    home: Department
    manager: Staff
    lead: Staff
    agent: Staff
    colleague: Staff
    neighbour: Staff
    stranger: Staff


@pytest.fixture
def people(session: Session) -> People:
    home, elsewhere = department(session), department(session, "售后中心")
    manager = staff(session, home, Post.MANAGER)
    first, second = team(session, home, "一组"), team(session, home, "二组")
    lead = staff(session, home, Post.SHIFT_LEAD, superior=manager, of=first)
    made = People(
        home,
        manager,
        lead,
        staff(session, home, superior=lead, of=first),
        staff(session, home, superior=lead, of=first),
        staff(session, home, superior=manager, of=second),
        staff(session, elsewhere, Post.MANAGER),
    )
    session.commit()
    for person in vars(made).values():
        session.refresh(person)
    return made


@pytest.fixture
def granted(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let an agent read staff in a scope, for one test."""

    def grant(scope: str) -> None:
        monkeypatch.setattr(matrix, "grants", {})
        matrix.add_grants([{"entity": "staff", "action": "read", "agent": scope}])

    return grant


SEEN = {
    "": [],
    "own": ["agent"],
    "team": ["agent", "colleague", "lead"],
    "department": ["agent", "colleague", "lead", "manager", "neighbour"],
    "all": ["agent", "colleague", "lead", "manager", "neighbour", "stranger"],
}


def names(people: People, numbers: list[int]) -> list[str]:
    known = {person.id: name for name, person in vars(people).items() if isinstance(person, Staff)}
    return sorted(known[number] for number in numbers)


def asked(session: Session) -> list[int]:
    return list(session.scalars(select(Staff.id)))


def entities(session: Session) -> list[int]:
    return [person.id for person in session.scalars(select(Staff))]


def legacy(session: Session) -> list[int]:
    return [person.id for person in session.query(Staff).all()]


def under_another_name(session: Session) -> list[int]:
    other = aliased(Staff)
    return [person.id for person in session.scalars(select(other))]


def in_a_subquery(session: Session) -> list[int]:
    return list(session.scalars(select(select(Staff.id).subquery().c.id)))


def by_way_of_a_neighbour(session: Session) -> list[int]:
    return list(session.scalars(select(Staff.id).where(Staff.id.in_(select(Staff.id)))))


def in_one_column(session: Session) -> list[int]:
    """A scalar subquery tells the highest number it may see, once a row."""
    other = aliased(Staff)
    found = session.scalar(select(select(func.max(other.id)).scalar_subquery()))
    return [] if found is None else asked(session) if found in asked(session) else [found]


def through_a_common_table(session: Session) -> list[int]:
    return list(session.scalars(select(select(Staff.id).cte().c.id)))


def in_a_union(session: Session) -> list[int]:
    return sorted(set(session.scalars(select(Staff.id).union(select(Staff.id).where(Staff.id > 0)))))


WAYS = [
    asked,
    entities,
    legacy,
    under_another_name,
    in_a_subquery,
    by_way_of_a_neighbour,
    in_one_column,
    through_a_common_table,
    in_a_union,
]


@pytest.mark.parametrize("scope", SEEN)
@pytest.mark.parametrize("way", WAYS)
def test_rows_within_the_scope(
    session: Session, people: People, granted: Callable[[str], None], scope: str, way: Callable[[Session], list[int]]
) -> None:
    granted(scope)
    actor = actor_of(people.agent)
    expected = SEEN[scope]
    session.expunge_all()
    with acting(actor, Door.FORM):
        seen = way(session)
    assert names(people, seen) == expected


@pytest.mark.parametrize("scope", SEEN)
def test_counts_within_the_scope(session: Session, people: People, granted: Callable[[str], None], scope: str) -> None:
    granted(scope)
    with acting(actor_of(people.agent), Door.FORM):
        assert session.scalar(select(func.count()).select_from(Staff)) == len(SEEN[scope])
        assert session.scalar(select(func.count(Staff.id))) == len(SEEN[scope])


def test_row_beyond_the_scope_cannot_be_fetched_by_its_number(
    session: Session, people: People, granted: Callable[[str], None]
) -> None:
    granted("own")
    mine, other, actor = people.agent.id, people.neighbour.id, actor_of(people.agent)
    session.expunge_all()
    with acting(actor, Door.FORM):
        assert session.get(Staff, mine) is not None
        assert session.get(Staff, other) is None


def test_related_row_beyond_the_scope_is_not_loaded_beside(
    session: Session, people: People, granted: Callable[[str], None]
) -> None:
    granted("own")
    mine, actor = people.agent.id, actor_of(people.agent)
    session.expunge_all()
    with acting(actor, Door.FORM):
        loaded = session.scalars(select(Staff).where(Staff.id == mine).options(joinedload(Staff.superior))).one()
        assert loaded.superior is None
        assert loaded.superior_id is not None


def test_rows_joined_to_are_within_the_scope(session: Session, people: People, granted: Callable[[str], None]) -> None:
    granted("own")
    matrix.add_grants([{"entity": "team", "action": "read", "agent": "department"}])
    query = select(Team.name, func.count(Staff.id)).join(Staff, Staff.team_id == Team.id).group_by(Team.name)
    with acting(actor_of(people.agent), Door.FORM):
        assert [tuple(row) for row in session.execute(query)] == [("一组", 1)]


def test_system_and_the_engine_see_all_rows(session: Session, people: People, granted: Callable[[str], None]) -> None:
    granted("own")
    assert len(asked(session)) == 6
    with acting(actor_of(people.agent), Door.FORM), seeing_all():
        assert len(asked(session)) == 6


def test_actor_without_a_staff_number_owns_nothing(
    session: Session, people: People, granted: Callable[[str], None]
) -> None:
    granted("own")
    with acting(Actor(None, department_id=people.home.id, roles=frozenset({Role.AGENT})), Door.API):
        assert asked(session) == []


def test_actor_without_a_department_sees_none(session: Session, people: People, granted: Callable[[str], None]) -> None:
    granted("department")
    with acting(Actor(people.agent.id, roles=frozenset({Role.AGENT})), Door.API):
        assert asked(session) == []
