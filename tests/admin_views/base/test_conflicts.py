from models.organisation import Team, Tier
from tests.factories.browsing import post, version_in
from tests.factories.office import Office
from tests.fixtures.client import ClientAs


def renamed_meanwhile(office: Office, name: str) -> None:
    with office.session() as session:
        session.get_one(Team, office.team.id).name = name


def form(office: Office, version: str, name: str) -> dict[str, str]:
    return {"version": version, "name": name, "tier": "1", "channels-shown": "1", "channels": str(office.channel.id)}


def test_second_editor_sees_both_versions_and_keeps_the_text(office: Office, client_as: ClientAs) -> None:
    client, url = client_as(office.hr), f"/team/edit/?id={office.team.id}"
    version = version_in(client.get(url))
    renamed_meanwhile(office, "快手组")
    answer = post(client, url, form(office, version, "慢手组"))
    assert answer.status_code == 409
    assert "Somebody else was faster" in answer.text
    assert "快手组" in answer.text
    assert 'value="慢手组"' in answer.text
    assert office.again(office.team).name == "快手组"


def test_saving_again_after_seeing_the_conflict_takes_the_persons_text(office: Office, client_as: ClientAs) -> None:
    client, url = client_as(office.hr), f"/team/edit/?id={office.team.id}"
    version = version_in(client.get(url))
    renamed_meanwhile(office, "快手组")
    conflict = post(client, url, form(office, version, "慢手组"))
    assert post(client, url, form(office, version_in(conflict), "慢手组")).status_code == 303
    assert office.again(office.team).name == "慢手组"


def test_form_without_a_version_overwrites_nothing(office: Office, client_as: ClientAs) -> None:
    data = form(office, "", "无版本")
    answer = post(client_as(office.hr), f"/team/edit/?id={office.team.id}", data)
    assert answer.status_code == 409
    assert office.again(office.team).name == "一组"


def test_cell_of_a_row_changed_meanwhile_is_refused(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    renamed_meanwhile(office, "快手组")
    answer = post(client, "/team/ajax/update/", {"list_form_pk": str(office.team.id), "tier": "3", "version": "1"})
    assert answer.status_code == 409
    assert office.again(office.team).tier == Tier.FIRST


def test_delete_and_move_of_an_older_version_are_refused(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    with office.session() as session:
        session.get_one(type(office.agent), office.agent.id).name = "已改名"
    answer = post(client, f"/staff/move/suspend/?id={office.agent.id}", {"version": "1", "ask_reason": "病假"})
    assert answer.status_code == 409
    assert office.again(office.agent).status == office.agent.status
