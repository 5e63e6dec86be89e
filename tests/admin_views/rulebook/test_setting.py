"""Structured values are set on a form of their own, from a day on."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from engine.packs import parameters
from engine.packs.adoption import adopt
from models.organisation import Department
from models.policy import ParameterValue
from tests.factories.forms import form_in
from tests.factories.pages import in_english, read, text_of
from tests.fixtures.crew import Browse
from tests.fixtures.house import House

JUNE, MAY = date(2026, 6, 1), date(2026, 5, 31)
SCORECARD, REMINDERS = "/rulebook/values/scorecard", "/rulebook/values/reminders.QA-1"


@pytest.fixture
def pack(session: Session, house: House) -> None:
    adopt(session, session.get_one(Department, house.home.id), "Q", rank=1, valid_from=date(2026, 1, 1))
    session.commit()


def form(client: FlaskClient, address: str) -> MultiDict[str, str]:
    found = form_in(client.get(address).get_data(as_text=True), "data-value-form")
    found["valid_from"], found["reason"] = "2026-06-01", "新标准"
    return found


def test_structured_value_shows_its_entries_in_words(pack: None, house: House, browse: Browse) -> None:
    page = read(in_english(browse(house.agent)), SCORECARD)
    assert "5 entries" in page
    assert "Severities" in page
    assert "service_attitude" not in page
    assert "Set another value" not in page
    assert "change them there. Scorecards" in page, "the records that the department works by"


def test_manager_moves_and_adds_reminders(session: Session, pack: None, house: House, browse: Browse) -> None:
    client = in_english(browse(house.manager))
    sent = form(client, REMINDERS)
    before = parameters.value(session, house.home.id, "reminders.QA-1", MAY)
    sent.setlist("value", ["n1", *sent.getlist("value")])
    sent["value.n1.offset"], sent["value.n1.offset.unit"] = "9", "-wd"
    sent.setlist("value.n1.to", ["owner", "hr"])
    assert client.post(REMINDERS, data=sent).status_code == 303
    parameters.forget(session)
    assert parameters.value(session, house.home.id, "reminders.QA-1", MAY) == before
    after = parameters.value(session, house.home.id, "reminders.QA-1", JUNE)
    assert after == [{"offset": "-9wd", "to": ["owner", "hr"]}, *before]
    assert "9 working days before" in read(client, REMINDERS)


def test_refused_entry_comes_back_as_it_was_typed(session: Session, pack: None, house: House, browse: Browse) -> None:
    client = in_english(browse(house.manager))
    sent = form(client, REMINDERS)
    last = sent.getlist("value")[-1]
    sent.setlist(f"value.{last}.to", [])
    sent["reason"] = ""
    response = client.post(REMINDERS, data=sent)
    assert response.status_code == 422
    page = text_of(response)
    assert "Who is told : This list should not be empty." in page
    assert "Say why the value changes" in page
    assert 'id="e-reason"' in response.get_data(as_text=True)
    assert session.scalars(select(ParameterValue).where(ParameterValue.pack.is_(None))).all() == []


def test_weights_that_do_not_sum_up_are_said_at_the_list(pack: None, house: House, browse: Browse) -> None:
    client = in_english(browse(house.manager))
    sent = form(client, SCORECARD)
    sent["value.version"] = "1.1"
    rows = sent.getlist("value.categories")
    sent.setlist("value.categories", rows[:-1])
    response = client.post(SCORECARD, data=sent)
    assert response.status_code == 422
    assert "they should sum to 100" in response.get_data(as_text=True)
    assert 'id="e-value-categories"' in response.get_data(as_text=True)


def test_odd_form_is_refused_and_nothing_breaks(pack: None, house: House, browse: Browse) -> None:
    client = in_english(browse(house.manager))
    sent = form(client, SCORECARD)
    for odd in ({"value.bands": ""}, {"value.categories": "x"}, {"value.categories.r0.code": "Not A Code"}):
        assert client.post(SCORECARD, data={**sent.to_dict(flat=True), **odd}).status_code == 422
