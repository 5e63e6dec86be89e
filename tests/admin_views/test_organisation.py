import html
import re

import pytest
from sqlalchemy import select

from engine.acting import Role
from models.organisation import Channel, Post, Staff
from tests.factories import organisation as make
from tests.factories.browsing import post
from tests.factories.office import Office
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs


def test_person_is_taken_into_the_register(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    answer = post(
        client,
        "/staff/new/",
        {
            "number": "S9000", "name": "新坐席", "post": Post.ONLINE_AGENT.value, "team_id": str(office.team.id),
            "superior_id": str(office.lead.id), "hire_date": "2026-05-06", "phone": "13700001111", "email": "",
        },
    )  # fmt: skip
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "新坐席" in page
    assert "13700001111" in page
    with office.session() as session:
        person = session.scalars(select(Staff).where(Staff.number == "S9000")).one()
        assert (person.department_id, person.team_id, person.email) == (office.home.id, office.team.id, None)


def test_second_manager_is_refused_at_the_post(office: Office, client_as: ClientAs) -> None:
    answer = post(
        client_as(office.hr), "/staff/new/",
        {"number": "S9002", "name": "又一位经理", "post": Post.MANAGER.value, "hire_date": "2026-05-06"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "There is exactly one Department manager" in answer.text
    assert "#ORG-3" in answer.text


def test_people_who_left_are_not_offered_as_superior(office: Office, client_as: ClientAs) -> None:
    from engine.transitions.performing import perform

    with office.session() as session:
        perform(session, session.get_one(Staff, office.other_agent.id), "leave", reason="合同到期")
    assert office.other_agent.number not in client_as(office.hr).get("/staff/new/").text


def test_channel_out_of_use_is_not_offered_to_a_team(office: Office, client_as: ClientAs) -> None:
    with office.session() as session:
        spare = make.channel(session, office.home, "fax")
        session.get_one(Channel, spare.id).active = False
        number = spare.id
    page = client_as(office.hr).get("/team/new/").text
    assert f'value="{office.channel.id}"' in page
    assert f'name="channels" value="{number}"' not in page


def test_on_call_is_for_reachable_people(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    times = {"starts_at": "2026-11-20T08:00", "ends_at": "2026-11-20T20:00"}
    assert post(client, "/on_call/new/", {"staff_id": str(office.agent.id), **times}).status_code == 422
    assert post(client, "/on_call/new/", {"staff_id": str(office.lead.id), **times}).status_code == 303
    backwards = {"staff_id": str(office.lead.id), "starts_at": times["ends_at"], "ends_at": times["starts_at"]}
    assert "ends after it starts" in post(client, "/on_call/new/", backwards).text


def test_everybody_reads_and_few_write(office: Office, client_as: ClientAs) -> None:
    agent, administrator = client_as(office.agent), client_as(office.manager, Role.ADMINISTRATOR)
    for url in ("/staff/", "/team/", "/channel/", "/on_call/"):
        assert agent.get(url).status_code == 200
        assert agent.get(f"{url}new/").status_code == 403
    assert administrator.get("/channel/new/").status_code == 200
    assert administrator.get("/on_call/new/").status_code == 403


def test_history_tells_who_changed_what(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    post(client, "/team/ajax/update/", {
        "list_form_pk": str(office.team.id), "tier": "2", "version": str(office.again(office.team).version),
    })  # fmt: skip
    page = client.get(f"/team/details/?id={office.team.id}").text
    assert office.hr.name in page
    assert "in the list" in page
    assert "Tier 1" in page
    assert "→" in page


@pytest.mark.clause("ORG-7")
def test_change_of_post_begins_on_the_persons_page(office: Office, client_as: ClientAs) -> None:
    page = f"/staff/details/?id={office.agent.id}"
    hr = in_english(client_as(office.hr))
    way = re.search(r'href="(/post_change/new/[^"]+)"', hr.get(page).text)
    assert way is not None
    form = hr.get(html.unescape(way[1])).text
    assert f"{office.lead.name} {office.lead.number}" in form
    assert re.search(rf'<option value="{office.agent.post.value}" selected', form)
    assert "Propose a change of post" not in read(in_english(client_as(office.agent)), page)
