from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import PolicyError
from engine.packs import parameters
from engine.packs.adoption import adopt
from engine.packs.loader import load_clauses
from models.organisation import Department, Post, Staff
from models.policy import ParameterValue
from tests.factories.pages import in_chinese, in_english, read, send
from tests.fixtures.crew import Browse
from tests.fixtures.house import House


@pytest.fixture
def pack(session: Session, house: House) -> None:
    adopt(session, session.get_one(Department, house.home.id), "Q", rank=1, valid_from=date(2026, 1, 1))
    session.commit()


def _break_a_rule(session: Session, house: House) -> None:
    session.add(
        Staff(
            department_id=house.home.id, number="X1", name="无班组", post=Post.HOTLINE_AGENT, hire_date=date(2026, 1, 1)
        )
    )
    with pytest.raises(PolicyError):
        session.flush()
    session.rollback()


def test_rulebook_shows_every_clause(house: House, browse: Browse) -> None:
    body = browse(house.agent).get("/rulebook/").get_data(as_text=True)
    assert [clause for clause in load_clauses() if f'id="{clause}"' not in body] == []


def test_clause_reads_in_the_language_of_the_page(house: House, browse: Browse) -> None:
    client, clause = in_chinese(browse(house.agent)), load_clauses()["QA-4"]
    assert clause.title.zh in read(client, "/rulebook/")
    page = read(in_english(client), "/rulebook/")
    assert clause.title.en in page
    assert clause.sentence.en in page


def test_clauses_that_nothing_holds_are_listed_as_not_built(house: House, browse: Browse) -> None:
    from engine.rulebook import holdings

    unbuilt = {name for name, held in holdings().items() if not held.built}
    body = browse(house.agent).get("/rulebook/?show=unbuilt").get_data(as_text=True)
    assert {clause for clause in load_clauses() if f'id="{clause}"' in body} == unbuilt


def test_broken_rule_is_counted_with_the_rows_behind_it(session: Session, house: House, browse: Browse) -> None:
    _break_a_rule(session, house)
    client = in_english(browse(house.manager))
    assert "writes refused" in read(client, "/rulebook/?show=trouble")
    assert "An agent belongs to a team." in read(client, "/rulebook/ORG-1/broken?month=2026-05")
    assert "No rows" in read(client, "/rulebook/ORG-1/broken?month=2026-04")


def test_kept_rules_lead_to_their_days(house: House, browse: Browse) -> None:
    assert "The reporting line would run in a circle." in read(in_english(browse(house.agent)), "/rulebook/ORG-1/kept")


@pytest.mark.parametrize("address", ["/rulebook/ORG-99/kept", "/rulebook/ORG-1/nothing", "/rulebook/values/no_such"])
def test_what_is_not_in_the_rulebook_is_not_found(house: House, browse: Browse, address: str) -> None:
    read(browse(house.manager), address, 404)


def test_value_shows_what_is_in_force_and_its_origin(pack: None, house: House, browse: Browse) -> None:
    page = read(in_english(browse(house.agent)), "/rulebook/values/pass_mark")
    assert "80 points" in page
    assert "Pack Q" in page
    assert "Set another value" not in page


def test_manager_sets_a_value_from_a_day_on(session: Session, pack: None, house: House, browse: Browse) -> None:
    client = in_english(browse(house.manager))
    fields = {"value": "85", "valid_from": "2026-06-01", "reason": "新标准"}
    assert send(client, "/rulebook/values/pass_mark", **fields).status_code == 303
    parameters.forget(session)
    assert parameters.value(session, house.home.id, "pass_mark", date(2026, 5, 31)) == 80
    assert parameters.value(session, house.home.id, "pass_mark", date(2026, 6, 1)) == 85
    page = read(client, "/rulebook/values/pass_mark")
    assert "Coming" in page
    assert "新标准" in page


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"value": "eighty", "valid_from": "2026-06-01", "reason": "x"}, "This should be a whole number."),
        ({"value": "101", "valid_from": "2026-06-01", "reason": "x"}, "above the most allowed"),
        ({"value": "85", "valid_from": "2026-06-01", "reason": " "}, "Say why the value changes"),
        ({"value": "85", "valid_from": "", "reason": "x"}, "Please give the day from which the value holds."),
    ],
)
def test_value_that_cannot_stand_is_refused_with_the_reason(
    session: Session, pack: None, house: House, browse: Browse, fields: dict[str, str], says: str
) -> None:
    response = send(in_english(browse(house.manager)), "/rulebook/values/pass_mark", **fields)
    assert response.status_code == 422
    body = response.get_data(as_text=True)
    assert says in body
    assert f'value="{fields["value"]}"' in body
    assert session.scalars(select(ParameterValue).where(ParameterValue.pack.is_(None))).all() == []


def test_value_is_not_set_without_the_grant(session: Session, pack: None, house: House, browse: Browse) -> None:
    fields = {"value": "10", "valid_from": "2026-06-01", "reason": "x"}
    assert send(browse(house.agent), "/rulebook/values/pass_mark", **fields).status_code == 403
    assert session.scalars(select(ParameterValue).where(ParameterValue.pack.is_(None))).all() == []
