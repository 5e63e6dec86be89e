import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from engine.database import db
from engine.transitions.performing import perform
from models.organisation import Staff
from tests.factories import organisation as make
from tests.factories.office import Office
from tests.fixtures.client import ClientAs

NUMBER = re.compile(r'<th scope="row"><a href="[^"]+">([^<]+)</a></th>')


def shown(text: str) -> list[str]:
    return NUMBER.findall(text)


def more_staff(office: Office, count: int) -> None:
    with office.session() as session:
        for _number in range(count):
            make.staff(session, office.home, of=office.team, superior=office.lead)


@contextmanager
def counting(office: Office) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    with office.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_list_shows_rows_in_scope_only(office: Office, client_as: ClientAs) -> None:
    page = client_as(office.agent).get("/staff/")
    assert office.other_agent.number in page.text
    assert office.stranger.number not in page.text


def test_list_takes_the_same_number_of_queries_for_any_number_of_rows(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    client.get("/staff/?sort=number")
    with counting(office) as few:
        client.get("/staff/?sort=number")
    more_staff(office, 30)
    with counting(office) as many:
        client.get("/staff/?sort=number")
    assert len(many) == len(few)


def test_next_and_previous_walk_the_whole_list(office: Office, client_as: ClientAs) -> None:
    more_staff(office, 120)
    client = client_as(office.hr)
    for order in ("sort=number", "sort=number&desc=1", "sort=hire_date", "sort=status&desc=1"):
        url: str | None = f"/staff/?{order}"
        seen: list[str] = []
        while url:
            page = client.get(url)
            seen += shown(page.text)
            url, last = link(page.text, "next"), url
        assert len(seen) == len(set(seen)) == 125
        back: list[str] = []
        url = last
        while url:
            page = client.get(url)
            back = shown(page.text) + back
            url = link(page.text, "prev")
        assert back == seen


def link(text: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', text)
    return found[1].replace("&amp;", "&") if found else None


def test_last_page_is_one_step_away(office: Office, client_as: ClientAs) -> None:
    more_staff(office, 60)
    page = client_as(office.hr).get("/staff/?sort=number&before=end")
    assert len(shown(page.text)) == 50
    assert link(page.text, "next") is None
    assert link(page.text, "prev") is not None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("flt_team_id={team}", {"lead", "agent"}),
        ("flt_status=left", set()),
        ("flt_post=hr", {"hr"}),
        ("flt_hire_date_from=2024-03-02", set()),
        ("flt_hire_date_to=2024-03-01", {"manager", "hr", "lead", "agent", "other_agent"}),
        ("search=王", {"agent"}),
        ("search=%25", set()),
        ("search=_", set()),
        ("search=坐席&flt_team_id={team}", {"agent"}),
    ],
)
def test_filters_and_search_narrow_the_list(
    query: str, expected: set[str], office: Office, client_as: ClientAs
) -> None:
    page = client_as(office.hr).get("/staff/?" + query.format(team=office.team.id))
    people = {name: getattr(office, name) for name in ("manager", "hr", "lead", "agent", "other_agent")}
    assert {name for name, person in people.items() if person.number in shown(page.text)} == expected


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=99999999999999999999",
        "page=x",
        "after=%00",
        "after=zzz",
        "before=bm9wZQ",
        "sort=nothing",
        "sort=phone",
        "flt_team_id=abc",
        "flt_team_id=99999999999999999999",
        "flt_status=nothing",
        "flt_hire_date_from=1-1-1",
        "flt_hire_date_to=9999-12-31",
        "flt_status=%00",
        "search=%00",
        "search=" + "x" * 5000,
        "flt_team_id=1&flt_team_id=2",
        "flt_nothing=1",
        "page_size=1000000",
        "url=https://evil.example/%0a",
        "after=W251bGwsIG51bGxd",
        "after=WzEsICJhIl0",
    ],
)
def test_odd_input_is_never_an_error(query: str, office: Office, client_as: ClientAs) -> None:
    assert client_as(office.hr).get(f"/staff/?{query}").status_code == 200


@pytest.mark.parametrize("number", ["a,b", "1,2", "%00", "-1", "99999999999999999999", "", "1.5", "１", "1&id=2"])
@pytest.mark.parametrize("place", ["details", "edit"])
def test_odd_key_is_no_row(place: str, number: str, office: Office, client_as: ClientAs) -> None:
    assert client_as(office.hr).get(f"/staff/{place}/?id={number}").status_code == 404


def test_unreadable_filter_is_said(office: Office, client_as: ClientAs) -> None:
    assert "could not be read" in client_as(office.hr).get("/staff/?flt_team_id=abc").text


def test_count_stops_at_its_cap(office: Office, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("admin_views.base.querying.CAP", 3)
    assert "3+ rows" in client_as(office.hr).get("/staff/").text


def test_count_of_a_narrowed_list_stops_earlier(
    office: Office, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin_views.base.querying.NARROWED_CAP", 2)
    client = client_as(office.hr)
    assert "2+ rows" in client.get("/staff/?flt_status=on_post").text
    assert "+ rows" not in client.get("/staff/").text


def test_empty_list_says_what_to_do(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    assert "Add the first one" in client.get("/on_call/").text
    assert "No row matches" in client.get("/staff/?flt_status=left").text


def test_states_are_words_in_a_label(office: Office, client_as: ClientAs) -> None:
    assert '<span class="state state-good">' in client_as(office.hr).get("/staff/").text


def test_one_form_for_all_rows_and_nothing_inline(office: Office, client_as: ClientAs) -> None:
    more_staff(office, 20)
    text = client_as(office.hr).get("/staff/").text
    body = text[text.index("<tbody>") : text.index("</tbody>")]
    assert "<form" not in body
    assert not re.search(r"\son\w+=|javascript:|\sstyle=", text)


def test_name_in_two_languages_is_found_in_either(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    assert office.channel.code in client.get("/channel/?search=热线").text
    assert office.channel.code in client.get("/channel/?search=hotli").text


def test_list_of_somebody_without_the_grant_is_refused(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.agent)
    assert client.get("/group_webhook/").status_code == 403
    assert client.get("/audit_entry/").status_code == 403


def test_left_people_stay_in_the_register(office: Office, client_as: ClientAs) -> None:
    with office.session() as session:
        perform(session, session.get_one(Staff, office.other_agent.id), "leave", reason="合同到期")
    assert office.other_agent.number in client_as(office.hr).get("/staff/?flt_status=left").text
