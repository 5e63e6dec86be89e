import pytest

from models.organisation import Team
from tests.factories import organisation as make
from tests.factories.browsing import post, version_in
from tests.factories.office import Office
from tests.fixtures.client import ClientAs

LOOKUP = "/staff/ajax/lookup/?name=superior_id&query="


def test_lookup_finds_people_in_scope(office: Office, client_as: ClientAs) -> None:
    found = client_as(office.hr).get(LOOKUP + "坐席").json
    assert {one["id"] for one in found} == {office.agent.id, office.other_agent.id}
    assert found[0]["text"] == f"{office.agent.name} {office.agent.number}"


def test_one_chinese_character_is_a_word(office: Office, client_as: ClientAs) -> None:
    found = client_as(office.hr).get(LOOKUP + "坐").json
    assert {one["id"] for one in found} == {office.agent.id, office.other_agent.id}


@pytest.mark.parametrize("query", ["", "K", "%25", "%25%25", "__", "_坐", "%00%00", "'; --"])
def test_short_words_and_wildcards_find_nothing(query: str, office: Office, client_as: ClientAs) -> None:
    assert client_as(office.hr).get(LOOKUP + query).json == []


def test_lookup_answers_few_whatever_is_asked(office: Office, client_as: ClientAs) -> None:
    with office.session() as session:
        for number in range(70):
            make.staff(session, office.home, of=office.team, superior=office.lead, name=f"新坐席{number}")
    client = client_as(office.hr)
    assert len(client.get(LOOKUP + "新坐席&limit=100000").json) == 50
    assert len(client.get(LOOKUP + "新坐席&limit=-5").json) == 1
    assert len(client.get(LOOKUP + "新坐席&limit=x").json) == 20


@pytest.mark.parametrize("name", ["", "password_hash", "name", "__class__", "team"])
def test_lookup_of_anything_but_a_link_is_not_there(name: str, office: Office, client_as: ClientAs) -> None:
    assert client_as(office.hr).get(f"/staff/ajax/lookup/?name={name}&query=坐席").status_code == 404


def test_long_lists_become_a_box_that_looks_up(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    assert '<select id="superior_id"' in client.get("/staff/new/").text
    with office.session() as session:
        for _number in range(30):
            make.staff(session, office.home, of=office.team, superior=office.lead)
    page = client.get(f"/staff/edit/?id={office.agent.id}").text
    assert 'id="superior_id" role="combobox"' in page
    assert f'value="{office.lead.name} {office.lead.number}"' in page


def test_posted_key_out_of_scope_is_refused(office: Office, client_as: ClientAs) -> None:
    client, url = client_as(office.hr), f"/staff/edit/?id={office.agent.id}"
    answer = post(
        client,
        url,
        {
            "version": version_in(client.get(url)),
            "number": office.agent.number,
            "name": office.agent.name,
            "post": office.agent.post.value,
            "team_id": str(office.strange_team.id),
            "superior_id": str(office.lead.id),
            "hire_date": "2024-03-01",
        },
    )
    assert answer.status_code == 422
    assert office.again(office.agent).team_id == office.team.id


def test_posted_key_of_several_out_of_scope_is_refused(office: Office, client_as: ClientAs) -> None:
    client, url = client_as(office.hr), f"/team/edit/?id={office.team.id}"
    with office.session() as session:
        foreign = session.get_one(Team, office.strange_team.id).channels[0].id
    answer = post(
        client,
        url,
        {
            "version": version_in(client.get(url)),
            "name": "一组",
            "tier": "1",
            "channels-shown": "1",
            "channels": [str(foreign), str(office.channel.id)],
        },
    )
    assert answer.status_code == 422
