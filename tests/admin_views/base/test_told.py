"""Histories in words: no codes, no keys of rows, no noughts that say nothing."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from admin_views.base.told import Telling, counted
from engine.acting import Actor, Door, Role, acting
from models.qa_inspection import QaInspection, QaScore
from models.qa_plan import QaDraw
from models.service_record import ServiceRecord
from tests.factories.office import Office

pytestmark = pytest.mark.sqlite


def told(office: Office, model: Any, changes: dict[str, list[Any]], **view: Any) -> dict[str, tuple[str, str]]:
    stand_in = SimpleNamespace(
        table=model.__tablename__, model=model, **{"labels": {}, "formatters": {}, "write_only": (), **view}
    )
    reader = Actor(office.manager.id, 1, office.home.id, frozenset({Role.MANAGER}))
    with office.app.test_request_context(), force_locale("en"), acting(reader, Door.FORM):
        return {each.label: (each.before, each.after) for each in Telling(stand_in, [changes]).changes(changes)}


def test_codes_numbers_and_people_are_told_in_words(office: Office) -> None:
    changes = {
        "state": ["assigned", "handed_in"],
        "score": [None, "92.00"],
        "agent_id": [office.agent.id, office.other_agent.id],
    }
    found = told(office, QaInspection, changes)
    assert found["Score"] == ("—", "92")
    assert "Handed in" in found["State"][1]
    assert "handed_in" not in found["State"][1]
    assert found["Agent"][0] == f'<a href="/staff/details/?id={office.agent.id}">王坐席 {office.agent.number}</a>'


def test_record_out_of_sight_stays_a_number(office: Office) -> None:
    assert told(office, QaInspection, {"agent_id": [None, office.stranger.id]})["Agent"] == (
        "—",
        f"#{office.stranger.id}",
    )


def test_person_without_a_foreign_key_is_named(office: Office) -> None:
    assert "周经理" in told(office, QaScore, {"decided_by_id": [None, office.manager.id]})["Decided by"][1]


def test_lists_of_keys_are_counted(office: Office) -> None:
    found = told(office, QaDraw, {"sample": [None, [7, 8, 9]], "strata": [None, [{"agent_id": 1}]]})
    assert sorted(after for _before, after in found.values()) == ["1 entry", "3 entries"]


def test_fingerprint_of_a_contact_is_told_to_nobody(office: Office) -> None:
    assert told(office, ServiceRecord, {"customer_contact_index": [None, "3959afa5"]}) == {}


def test_several_linked_records_are_named(office: Office) -> None:
    from models.organisation import Team

    found = told(office, Team, {"channels": [[], [office.channel.id]]})
    assert "channel/details" in found["Channels"][1]


def test_what_no_longer_fits_its_column_is_shown_as_it_was(office: Office) -> None:
    assert told(office, QaInspection, {"state": [None, "long gone"], "score": [None, "?"]}) == {
        "State": ("—", "long gone"),
        "Score": ("—", "?"),
    }


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (["a", "b"], "a, b"),
        ({"zh": "中", "en": "in English"}, "in English"),
        ({"a": 1, "b": 2}, "2 entries"),
        ([], "—"),
        ("plain", "plain"),
    ],
)
def test_structured_data_is_told_in_a_line(app: Flask, value: Any, words: str) -> None:
    with app.test_request_context(), force_locale("en"):
        assert counted(value) == words
