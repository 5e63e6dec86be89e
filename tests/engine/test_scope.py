from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import Select, Table, column, func, join, literal_column, select, table, text
from sqlalchemy.orm import Session, aliased, joinedload

from engine.acting import Actor, Door, Role, acting, seeing_all
from engine.errors import BypassError
from engine.permissions import Grants, matrix
from models.import_job import ImportJob, ImportRefusal
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
        monkeypatch.setattr(matrix, "grants", Grants())
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


STAFF: Table = Staff.__table__  # type: ignore[assignment]  # a table it is
ROUND = {
    "the bare table's columns": lambda: select(STAFF.c.id),
    "the bare table": lambda: select(STAFF),
    "a count of the bare table": lambda: select(func.count()).select_from(STAFF),
    "a function of the bare table's columns": lambda: select(func.max(STAFF.c.id)),
    "the bare table's alias": lambda: select(STAFF.alias().c.id),
    "the bare table in a subquery": lambda: select(select(STAFF).subquery().c.id),
    "the bare table in a common table": lambda: select(select(STAFF.c.id).cte().c.id),
    "the bare table sideways": lambda: select(select(STAFF).lateral().c.id),
    "the bare table in a condition": lambda: select(Staff.id).where(Staff.id.in_(select(STAFF.c.id))),
    "the bare table in one column": lambda: select(select(func.max(STAFF.c.id)).scalar_subquery()),
    "the bare table joined to": lambda: select(Team.name).join(STAFF, STAFF.c.team_id == Team.id),
    "a bare join": lambda: select(func.count()).select_from(join(STAFF, Team.__table__)),
    "an entity over the bare table": lambda: select(aliased(Staff, select(STAFF).subquery())),
    "a union of bare tables": lambda: select(STAFF.c.id).union(select(STAFF.c.id)),
    "the table's mere name": lambda: select(table("staff", column("id")).c.id),
    "words for a source": lambda: select(literal_column("id")).select_from(text("staff")),
    "words for everything": lambda: text("SELECT id FROM staff"),
    "words behind others": lambda: text("/* all */ WITH x AS (SELECT staff.id FROM team, staff) SELECT * FROM x"),
    "words with a schema": lambda: text('SELECT id FROM "main"."staff"'),
    "words for an entity": lambda: select(Staff).from_statement(text("SELECT * FROM staff")),
}


@pytest.mark.parametrize("way", ROUND)
def test_way_round_the_entity_is_refused(
    session: Session, people: People, granted: Callable[[str], None], way: str
) -> None:
    granted("own")
    matrix.add_grants([{"entity": "team", "action": "read", "agent": "all"}])
    with acting(actor_of(people.agent), Door.FORM), pytest.raises(BypassError):
        session.execute(ROUND[way]()).all()


@pytest.mark.parametrize("query", [select(Staff), select(Staff.id), select(STAFF)])
def test_way_round_the_session_is_refused(
    session: Session, people: People, granted: Callable[[str], None], query: Select[tuple[int]]
) -> None:
    granted("own")
    with acting(actor_of(people.agent), Door.FORM):
        with pytest.raises(BypassError):
            session.connection().execute(query)
        with seeing_all():
            assert len(session.connection().execute(query).all()) == 6
    assert len(session.connection().execute(query).all()) == 6


@pytest.mark.parametrize("way", ROUND)
def test_whoever_may_read_all_rows_reads_them_any_way(
    session: Session, people: People, granted: Callable[[str], None], way: str
) -> None:
    granted("all")
    matrix.add_grants([{"entity": "team", "action": "read", "agent": "all"}])
    if "sideways" in way and session.get_bind().dialect.name == "sqlite":
        pytest.skip("SQLite knows no LATERAL")
    if way == "words with a schema" and session.get_bind().dialect.name == "postgresql":
        pytest.skip("PostgreSQL names its schema otherwise")
    with acting(actor_of(people.agent), Door.FORM):
        assert session.execute(ROUND[way]()).all()


def test_bare_table_beside_its_entity_is_within_the_scope_or_refused(
    session: Session, people: People, granted: Callable[[str], None]
) -> None:
    granted("own")
    with acting(actor_of(people.agent), Door.FORM):
        for query in (select(Staff).select_from(STAFF), select(Staff.id, STAFF.c.name)):
            with pytest.raises(BypassError):
                session.execute(query).all()


def test_expired_row_is_read_again(session: Session, people: People, granted: Callable[[str], None]) -> None:
    granted("own")
    with acting(actor_of(people.agent), Door.FORM):
        session.expire(people.agent)
        assert people.agent.number
        session.refresh(people.agent)


def test_part_is_shown_with_its_record(session: Session, people: People) -> None:
    """A refused row may hold customers' data: it is read by whoever may read its import."""
    with acting(actor_of(people.manager), Door.FORM):
        job = ImportJob(entity="service_record", filename="a.csv", stored_name="x", sha256="0", rows_total=1)
        session.add(job)
        session.flush()
        session.add(ImportRefusal(job_id=job.id, row_number=1, cells="[]", reasons=[]))
        session.commit()
    query, counted = select(ImportRefusal), select(func.count()).select_from(ImportRefusal)
    for person, seen in ((people.manager, 1), (people.lead, 0), (people.stranger, 0)):
        with acting(actor_of(person), Door.FORM):
            assert (len(session.scalars(query).all()), session.scalar(counted)) == (seen, seen)
