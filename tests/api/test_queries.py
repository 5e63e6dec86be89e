"""Lists: filters, order, fields, words, and cursors that tell nothing."""

import base64
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from engine.database import db
from tests.factories.office import Office
from tests.factories.programs import Program, program


def numbers(asking: Program, query: str) -> list[str]:
    found = asking.get(f"/staff{query}")
    assert found.status_code == 200, found.text
    return [row["number"] for row in found.get_json()["items"]]


FILTERS = (
    ("?name=王坐席", ["agent"]),
    ("?name.ne=王坐席", ["manager", "hr", "lead", "other_agent"]),
    ("?name.contains=坐席", ["agent", "other_agent"]),
    ("?name.contains=%25", []),
    ("?post=hr", ["hr"]),
    ("?post.in=hr&post.in=shift_lead", ["hr", "lead"]),
    ("?superior_id.null=true", ["manager"]),
    ("?superior_id.null=false&post=hr", ["hr"]),
    ("?hire_date.gte=2024-03-01&hire_date.lt=2024-03-02", ["manager", "hr", "lead", "agent", "other_agent"]),
    ("?hire_date.gt=2024-03-01", []),
    ("?version.lte=1&version.gt=0&post=hr", ["hr"]),
)


def test_filter_narrows_the_list(office: Office) -> None:
    asking = program(office.app, office.hr)
    for query, people in FILTERS:
        expected = sorted(getattr(office, name).number for name in people)
        assert numbers(asking, f"{query}&sort=number") == expected, query


def test_filter_by_team_finds_its_rows(office: Office) -> None:
    asking = program(office.app, office.hr)
    assert numbers(asking, f"?team_id={office.other_team.id}") == [office.other_agent.number]
    assert numbers(asking, f"?team_id.ne={office.other_team.id}&sort=number") == [
        person.number for person in (office.manager, office.hr, office.lead, office.agent)
    ]


def test_team_is_found_by_one_of_its_channels(office: Office) -> None:
    found = program(office.app, office.hr).get(f"/team?channels={office.channel.id}&sort=id").get_json()["items"]
    assert [team["id"] for team in found] == [office.team.id, office.other_team.id]


SENSELESS = (
    "?nothing=1",
    "?name.like=x",
    "?name.gt=x",
    "?post=king",
    "?team_id=x",
    "?team_id=99999999999999999999999",
    "?team_id=1&team_id=2",
    "?hire_date.gte=yesterday",
    "?superior_id.null=perhaps",
    "?name=",
    "?name.contains=",
    "?name=%00",
    "?name=" + "x" * 600,
    "?limit=0",
    "?limit=201",
    "?limit=x",
    "?limit=1&limit=2",
    "?sort=phone",
    "?sort=nothing",
    "?sort=",
    "?fields=nothing",
    "?fields=",
    "?labels=maybe",
    "?cursor=x",
    "?cursor=",
    "?cursor=%F0%9F%92%A9",
    "?created_at.gte=2026-11-30",
)


@pytest.mark.sqlite
def test_address_that_makes_no_sense_is_refused(office: Office) -> None:
    asking = program(office.app, office.hr)
    answers = {query: asking.get(f"/staff{query}") for query in SENSELESS}
    assert {query: found.status_code for query, found in answers.items() if found.status_code != 400} == {}
    assert {found.content_type for found in answers.values()} == {"application/problem+json"}


def test_every_fault_of_an_address_is_named(office: Office) -> None:
    found = program(office.app, office.hr).get("/staff?nothing=1&limit=0&sort=x&fields=y")
    assert {each["field"] for each in found.get_json()["violations"]} == {"nothing", "limit", "sort", "fields"}


def test_pages_hold_every_row_once_in_order(office: Office) -> None:
    asking = program(office.app, office.hr)
    for sort in ("number", "-number", "hire_date", "id", "post", "-updated_at", "email", "-email"):
        whole = [row["id"] for row in asking.get(f"/staff?sort={sort}").get_json()["items"]]
        assert [row["id"] for row in asking.all(f"/staff?sort={sort}&limit=2")] == whole, sort
        assert len(set(whole)) == 5


def test_page_names_the_next_one(office: Office) -> None:
    found = program(office.app, office.hr).get("/staff?limit=2&sort=name")
    assert found.headers["Link"].endswith('>; rel="next"')
    assert found.get_json()["next"] in found.headers["Link"]


def test_cursor_tells_nothing_and_belongs_to_one_list(office: Office) -> None:
    asking = program(office.app, office.hr)
    first = asking.get("/staff?limit=2&sort=name").get_json()
    cursor, last = first["next"], first["items"][-1]["name"]
    plain = base64.urlsafe_b64decode(cursor + "==")
    assert last.encode() not in plain
    assert asking.get("/staff?limit=2&sort=name").get_json()["next"] != cursor  # the same place reads differently
    for query in (f"?sort=number&cursor={cursor}", f"?sort=name&post=hr&cursor={cursor}"):
        assert asking.get(f"/staff{query}").status_code == 400
    assert asking.get(f"/team?cursor={cursor}").status_code == 400
    assert program(office.app, office.manager).get(f"/staff?sort=name&cursor={cursor}").status_code == 400
    assert asking.get(f"/staff?sort=name&cursor={cursor[:-4]}AAAA").status_code == 400
    assert asking.get(f"/staff?limit=3&fields=id&sort=name&cursor={cursor}").status_code == 200


def test_fields_are_those_that_were_asked_for(office: Office) -> None:
    found = program(office.app, office.hr).get("/staff?fields=number,post&limit=1").get_json()["items"]
    assert set(found[0]) == {"id", "version", "number", "post"}


@pytest.mark.parametrize(("language", "post"), [("en", "QA inspector"), ("zh-CN", "质检员")])
def test_words_come_in_the_asked_language(office: Office, language: str, post: str) -> None:
    asking = program(office.app, office.hr)
    with office.session() as session:
        from models.organisation import Post
        from tests.factories import organisation as make

        number = make.staff(session, office.home, Post.INSPECTOR, superior=office.manager).number
    found = asking.get(f"/staff?number={number}&labels=true", Accept_Language=language).get_json()["items"][0]
    assert found["post"] == "inspector"
    assert (found["_labels"]["post"], found["_labels"]["superior_id"]) == (post, office.manager.label)


def test_words_of_what_the_token_does_not_reach_are_left_out(office: Office) -> None:
    asking = program(office.app, office.hr, scopes=["read:staff"])
    words = asking.get(f"/staff/{office.agent.id}?labels=true").get_json()["_labels"]
    assert "team_id" not in words
    assert words["superior_id"] == office.lead.label


def test_values_are_exact(qa: Any) -> None:
    """Decimals as text, moments in UTC, days as days."""
    number = qa.tell()
    asking = program(qa.app, qa.supervisor)
    finding = asking.get(f"/qa_finding/{number}").get_json()
    assert (finding["deduction"], finding["recurring"], finding["severity"]) == ("2.00", False, "minor")
    assert finding["occurred_at"].endswith("Z")
    plan = asking.get("/qa_plan").get_json()["items"][0]
    assert plan["records_from"] == "2026-04-01"


def test_unchanged_record_is_not_sent_again(office: Office) -> None:
    asking = program(office.app, office.hr)
    assert asking.get(f"/staff/{office.agent.id}", If_None_Match='"1"').status_code == 304
    assert asking.get(f"/staff/{office.agent.id}", If_None_Match='"2"').status_code == 200


@pytest.mark.parametrize("entity", ["staff", "team", "qa_inspection", "qa_finding", "service_record", "audit_entry"])
def test_long_list_asks_no_more_than_a_short_one(qa: Any, entity: str) -> None:
    from engine.acting import Role

    qa.tell()
    asking = program(qa.app, qa.supervisor, Role.QA_SUPERVISOR, Role.MANAGER, Role.ADMINISTRATOR)
    path = f"/{entity}?labels=true&limit="
    asking.get(path + "200")  # titles learn what they read
    # The least of three: what is tidied up now and then is no part of the list.
    counts = [min(queries_of(qa.app, asking, path + size) for _try in range(3)) for size in ("1", "200")]
    assert counts[0] == counts[1]


def queries_of(app: Flask, asking: Program, path: str) -> int:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert asking.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len([each for each in asked if each.startswith("SELECT")])
