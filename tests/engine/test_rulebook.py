import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Door, acting
from engine.errors import PolicyError
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.packs.adoption import adopt, set_value
from engine.packs.loader import load_clauses
from engine.registry import registry
from engine.rulebook import ClauseCard, Figure, clause_cards, evidence, holdings
from engine.rulebook.evidence import first_and_last
from engine.rulebook.holding import UnknownClauseError
from models.audit import RuleTally
from models.obligation import Obligation, ObligationState
from models.organisation import Department, Post, Staff, Team
from models.policy import Adoption
from tests.factories.organisation import actor_of, department, staff, team
from tests.factories.statements import reads
from tests.fixtures.rulebook import NOW


@pytest.fixture
def home(session: Session) -> Department:
    made = department(session)
    session.commit()
    return made


def card(session: Session, home: Department, clause: str, month: str = "2026-05") -> ClauseCard:
    return next(each for each in clause_cards(session, home.id, month) if each.id == clause)


def rows(session: Session, home: Department, clause: str, what: Figure, month: str = "2026-05") -> list[Any]:
    return list(session.scalars(evidence(session, home.id, clause, month, what)))


def test_every_clause_has_a_card_in_the_order_of_the_rulebook(session: Session, home: Department) -> None:
    cards = clause_cards(session, home.id, "2026-05")
    assert [each.id for each in cards] == list(load_clauses())
    first = cards[0]
    assert (first.chapter.id, first.title["zh"], first.sources, first.built) == (
        "ORG",
        "人员档案",
        ("B", "D", "C"),
        True,
    )
    assert "staff.agent_has_a_team" in [rule.name for rule in first.rules]
    assert [move.name for move in first.moves] == ["put_on_post", "suspend", "leave", "take_on"]
    assert first.records == (Staff,)


def test_card_shows_the_values_in_force_with_their_origin(session: Session, home: Department) -> None:
    adopt(session, home, "Q", rank=1, valid_from=date(2024, 1, 1))
    set_value(session, home.id, "pass_mark", 70, date(2026, 5, 4), "试行")
    session.commit()
    values = {value.name: (value.value, value.pack) for value in card(session, home, "TRN-6").parameters}
    assert values["pass_mark"] == (70, None)
    assert values["max_resits"] == (1, "Q")
    before = {value.name: value.value for value in card(session, home, "TRN-6", "2026-04").parameters}
    assert before["pass_mark"] == 80


def test_card_says_whether_the_clause_binds(session: Session, home: Department) -> None:
    assert card(session, home, "ORG-2").binds
    adopt(session, home, "Q", rank=1, valid_from=date(2024, 1, 1))
    session.commit()
    assert not card(session, home, "ORG-2").binds
    assert card(session, home, "QA-1").binds


def refuse(session: Session, home: Department, moment: datetime) -> None:
    with clock.fixed_at(moment):
        session.add(Team(department_id=home.id, name="空组"))
        with pytest.raises(PolicyError):
            session.flush()
        session.rollback()


def test_writes_of_a_month_are_counted_and_shown(session: Session, home: Department) -> None:
    team(session, home, "一组")
    team(session, home, "二组")
    session.commit()
    refuse(session, home, datetime(2026, 4, 30, 15, 59, tzinfo=UTC))
    refuse(session, home, datetime(2026, 4, 30, 16, 0, tzinfo=UTC))
    refuse(session, home, datetime(2026, 5, 31, 15, 59, tzinfo=UTC))
    refuse(session, home, datetime(2026, 5, 31, 16, 0, tzinfo=UTC))
    shown = card(session, home, "ORG-2")
    assert (shown.kept, shown.broken) == (2, 2)
    assert len(rows(session, home, "ORG-2", Figure.BROKEN)) == 2
    assert sum(tally.kept for tally in rows(session, home, "ORG-2", Figure.KEPT)) == 2
    assert card(session, home, "ORG-2", "2026-04").broken == 1
    assert card(session, home, "ORG-1").broken == 0


DAY = timedelta(days=1)


def owe(
    session: Session, home: Department, number: int, due: datetime, met: datetime | None = None, **fields: Any
) -> None:
    state = ObligationState.MET if met else fields.pop("state", ObligationState.OPEN)
    session.add(
        Obligation(
            department_id=home.id,
            kind="roster_publication",
            clause="ROS-5",
            occurrence=str(number),
            opened_at=NOW,
            due_at=due,
            looked_at_next=due,
            state=state,
            met_at=met,
            **fields,
        )
    )


@pytest.fixture
def owed(session: Session, home: Department) -> Department:
    """One met in time, two late, three overdue (one not yet swept), two ahead, and neighbours that do not count."""
    owe(session, home, 1, NOW - DAY, NOW - 2 * DAY)
    owe(session, home, 2, NOW - DAY, NOW)
    owe(session, home, 3, NOW - 2 * DAY, NOW - DAY)
    owe(session, home, 4, NOW - DAY, state=ObligationState.OVERDUE)
    owe(session, home, 5, NOW - 2 * DAY, state=ObligationState.OVERDUE)
    owe(session, home, 6, NOW - timedelta(seconds=1))
    owe(session, home, 7, NOW + DAY)
    owe(session, home, 8, NOW - DAY, state=ObligationState.WAIVED)
    owe(session, home, 9, NOW - DAY, state=ObligationState.VOID)
    owe(session, home, 10, datetime(2026, 5, 31, 16, 0, 1, tzinfo=UTC))
    owe(session, home, 12, datetime(2026, 5, 31, 16, 0, tzinfo=UTC))
    elsewhere = department(session, "售后中心")
    owe(session, elsewhere, 11, NOW - DAY)
    session.commit()
    return home


def test_obligations_of_a_month_by_what_became_of_them(session: Session, owed: Department) -> None:
    shown = card(session, owed, "ROS-5")
    assert (shown.met, shown.late, shown.overdue, shown.open) == (1, 2, 3, 2)
    for figure in (Figure.MET, Figure.LATE, Figure.OVERDUE, Figure.OPEN):
        assert len(rows(session, owed, "ROS-5", figure)) == shown.counts[figure]
    assert [each.occurrence for each in rows(session, owed, "ROS-5", Figure.OVERDUE)] == ["6", "4", "5"]


def test_figures_count_what_the_reader_may_see(session: Session, owed: Department) -> None:
    manager = staff(session, owed, Post.MANAGER)
    agent = staff(session, owed, Post.HOTLINE_AGENT, of=team(session, owed), superior=manager)
    owe(session, owed, 20, NOW - DAY, owner_id=agent.id)
    session.commit()
    with acting(actor_of(agent), Door.FORM):
        assert card(session, owed, "ROS-5").overdue == len(rows(session, owed, "ROS-5", Figure.OVERDUE)) == 1
    with acting(actor_of(manager), Door.FORM):
        assert card(session, owed, "ROS-5").overdue == len(rows(session, owed, "ROS-5", Figure.OVERDUE)) == 4


def test_cards_cost_the_same_queries_however_much_there_is(session: Session, owed: Department) -> None:
    adopt(session, owed, "C", rank=1, valid_from=date(2024, 1, 1))
    session.commit()
    costs = []
    for first in (100, 200):
        session.expire_all()
        with reads(session) as sent:
            clause_cards(session, owed.id, "2026-05")
        costs.append(len(sent))
        for number in range(first, first + 30):
            owe(session, owed, number, NOW - DAY)
            tally = RuleTally(department_id=owed.id, rule=f"x.{number}", clause="ROS-5", day=date(2026, 5, 1))
            session.add(tally)
        session.commit()
    assert costs[0] == costs[1] <= 8


@pytest.mark.parametrize("month", ["2026-13", "2026-5", "may", "", "2026-05-01"])
def test_month_that_is_none(session: Session, home: Department, month: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        clause_cards(session, home.id, month)


@pytest.mark.parametrize(("month", "last"), [("2026-02", 28), ("2028-02", 29), ("2026-12", 31), ("2026-04", 30)])
def test_last_day_of_a_month(month: str, last: int) -> None:
    first, end = first_and_last(month)
    assert (first.day, end.day, end.month) == (1, last, first.month)


def test_domain_that_names_an_unknown_clause_is_found_out(app: Flask) -> None:
    class Plugin:
        @hookimpl
        def domain(self) -> Domain:
            return Domain(name="strange", label="Strange", built=("ORG-99",))

    with registry.with_plugin(Plugin()), pytest.raises(UnknownClauseError, match=r"strange names clause ORG-99"):
        holdings()


def test_clauses_command_prints_one_object_a_line(app: Flask) -> None:
    outcome = app.test_cli_runner().invoke(args=["clauses", "--json"])
    found = {row["id"]: row for row in map(json.loads, outcome.output.splitlines())}
    assert list(found) == list(load_clauses())
    row = found["ORG-2"]
    assert row["sources"] == ["I"]
    assert row["built"] is True
    assert "team.team_serves_a_channel" in row["rules"]
    assert {"team", "channel"} <= set(row["records"])
    assert "tests/plugins/test_organisation.py::test_team_without_a_channel" in row["tests"]


def test_clauses_command_for_people(app: Flask) -> None:
    lines = app.test_cli_runner().invoke(args=["clauses"]).output.splitlines()
    assert len(lines) == len(load_clauses())
    assert lines[0].split()[:3] == ["ORG-1", "B/D/C", "built"]


def test_adopt_command(app: Flask, session: Session, home: Department) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["adopt", "C", "--from", "2026-01-01"]).exit_code == 0
    assert runner.invoke(args=["adopt", "Q"]).exit_code == 0
    found = session.execute(select(Adoption.pack, Adoption.rank, Adoption.adopted_on).order_by(Adoption.rank)).all()
    assert [(row.pack, row.rank) for row in found] == [("C", 1), ("Q", 2)]
    assert found[0].adopted_on == date(2026, 1, 1)


@pytest.mark.parametrize("arguments", [["X"], ["C", "--department", "99"]])
def test_adopt_command_refused(app: Flask, session: Session, home: Department, arguments: list[str]) -> None:
    outcome = app.test_cli_runner().invoke(args=["adopt", *arguments])
    assert outcome.exit_code == 1
    assert "Traceback" not in outcome.output
    assert session.scalar(select(func.count()).select_from(Adoption)) == 0


def test_adopt_command_without_a_department(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["adopt", "C"]).exit_code == 1


def test_sweep_command(app: Flask, session: Session, home: Department) -> None:
    assert app.test_cli_runner().invoke(args=["sweep"]).exit_code == 0
