import json

import pytest
from flask import Flask
from sqlalchemy import select, update

from engine import clock
from engine.gate import bypass
from engine.obligations.periods import Every, Period
from models.qa_plan import QaDraw, QaPlan
from models.service_record import ServiceRecord
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs


def tamper(qa: Inspected) -> None:
    """Somebody changes a drawn record behind the gate's back."""
    with qa.session() as session:
        draw = session.get_one(QaDraw, qa.draw)
        bypass.let_through(session.connection())
        session.connection().execute(
            update(ServiceRecord.__table__).where(ServiceRecord.__table__.c.id == draw.sample[0]).values(number="ZZ-9")
        )
        bypass.close(session.connection())


@pytest.mark.clause("QA-3")
def test_draw_shows_seed_fingerprints_and_strata(qa: Inspected, client_as: ClientAs) -> None:
    draw = qa.again(QaDraw, qa.draw)
    page = read(in_english(client_as(qa.supervisor)), f"/qa_draw/details/?id={qa.draw}")
    for shown in (draw.seed, draw.population_hash, draw.sample_hash, "The 4 drawn records in their order"):
        assert shown in page
    assert f"{qa.agent.name} {qa.agent.number}" in page


@pytest.mark.clause("QA-3")
def test_draw_again_gives_the_same_whoever_asks(qa: Inspected, client_as: ClientAs) -> None:
    for person in (qa.supervisor, qa.inspector, qa.lead, qa.manager):
        page = read(in_english(client_as(person)), f"/qa_draw/again/?id={qa.draw}")
        assert "The draw holds" in page
        assert "differs" not in page


def test_draw_again_is_not_for_agents(qa: Inspected, client_as: ClientAs) -> None:
    assert client_as(qa.agent).get(f"/qa_draw/again/?id={qa.draw}").status_code == 403


@pytest.mark.clause("QA-3")
def test_draw_again_says_that_a_record_was_changed(qa: Inspected, client_as: ClientAs) -> None:
    tamper(qa)
    page = read(in_english(client_as(qa.supervisor)), f"/qa_draw/again/?id={qa.draw}")
    assert "The records to draw from are no longer the same" in page
    assert "ZZ-9" in page


@pytest.mark.clause("QA-3")
def test_redraw_command_holds_and_says_so(qa: Inspected, app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["redraw", str(qa.draw), "--json"])
    told = json.loads(result.output)
    assert (result.exit_code, told["holds"], len(told["sample"]["numbers"])) == (0, True, 4)
    assert told["seed"] == qa.again(QaDraw, qa.draw).seed


@pytest.mark.clause("QA-3")
def test_redraw_command_ends_with_1_when_the_draw_differs(qa: Inspected, app: Flask) -> None:
    tamper(qa)
    result = app.test_cli_runner().invoke(args=["redraw", str(qa.draw)])
    assert result.exit_code == 1
    assert qa.again(QaDraw, qa.draw).sample_hash in result.output


def test_redraw_command_ends_with_2_when_there_is_no_draw(qa: Inspected, app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["redraw", "4711"]).exit_code == 2


def test_hook_commands_brings_a_command_to_flask(app: Flask) -> None:
    assert "redraw" in app.cli.commands


def test_plan_lists_its_draws(qa: Inspected, client_as: ClientAs) -> None:
    with qa.session() as session:
        plan = session.scalars(select(QaDraw)).one().plan_id
    page = client_as(qa.lead).get(f"/qa_plan/details/?id={plan}").text
    assert f"/qa_draw/again/?id={qa.draw}" in page


@pytest.mark.clause("QA-1")
def test_empty_form_proposes_the_coming_month(qa: Inspected, client_as: ClientAs) -> None:
    with qa.session() as session:
        plan = session.scalars(select(QaPlan).order_by(QaPlan.month.desc())).first()
        assert plan is not None
        session.expunge(plan)
    body = client_as(qa.supervisor).get("/qa_plan/new/").text
    following = Period.containing(Every.MONTH, clock.now().date()).next(Every.MONTH)
    assert plan.month < following.name
    assert f'name="month" value="{following.name}"' in body
    assert f'name="records_from" value="{following.first.isoformat()}"' in body
    assert f'name="records_until" value="{following.last.isoformat()}"' in body
    assert f'<option value="{plan.scorecard_id}" selected>' in body
    assert f">{plan.scope}</textarea>" in body


def test_proposal_gives_way_to_what_a_link_fills_in(qa: Inspected, client_as: ClientAs) -> None:
    body = client_as(qa.supervisor).get("/qa_plan/new/?month=2027-03").text
    assert 'name="month" value="2027-03"' in body


@pytest.mark.clause("QA-1")
def test_month_after_the_newest_plan_is_proposed(qa: Inspected, client_as: ClientAs) -> None:
    following = Period.containing(Every.MONTH, clock.now().date()).next(Every.MONTH)
    with qa.session() as session:
        plan = session.scalars(select(QaPlan)).first()
        assert plan is not None
        session.add(QaPlan(
            department_id=plan.department_id, month=following.name, scope="x", method="y", per_agent=1,
            records_from=following.first, records_until=following.last, scorecard_id=plan.scorecard_id,
        ))  # fmt: skip
    assert (
        f'name="month" value="{following.next(Every.MONTH).name}"' in client_as(qa.supervisor).get("/qa_plan/new/").text
    )
