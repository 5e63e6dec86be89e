from sqlalchemy import select

from models.audit import AuditEntry
from models.organisation import Tier
from tests.factories.browsing import post
from tests.factories.office import Office
from tests.fixtures.client import ClientAs


def cell(office: Office, **more: str) -> dict[str, str]:
    return {"list_form_pk": str(office.team.id), "version": str(office.again(office.team).version), **more}


def test_cell_is_written_through_its_own_door(office: Office, client_as: ClientAs) -> None:
    answer = post(client_as(office.hr), "/team/ajax/update/", cell(office, tier="2"))
    assert answer.status_code == 200
    assert answer.json["version"] == office.again(office.team).version
    assert "state" in answer.json["html"]
    assert office.again(office.team).tier == Tier.SECOND
    with office.session() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.entity == "team", AuditEntry.action == "edit")
        ).one()
        assert entry.door == "cell"


def test_cell_of_a_column_that_is_not_open_is_refused(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    assert post(client, "/team/ajax/update/", cell(office, name="偷改")).status_code == 403
    assert post(client, "/team/ajax/update/", cell(office, tier="2", name="偷改")).status_code == 403
    assert office.again(office.team).name == "一组"


def test_cell_without_the_right_is_refused_and_noted(office: Office, client_as: ClientAs) -> None:
    assert post(client_as(office.agent), "/team/ajax/update/", cell(office, tier="2")).status_code == 403
    assert office.again(office.team).tier == Tier.FIRST
    with office.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "denied")).one()
        assert (entry.entity, entry.record_id, entry.actor_id) == ("team", office.team.id, office.agent.id)


def test_cell_with_a_wrong_code_says_so(office: Office, client_as: ClientAs) -> None:
    answer = post(client_as(office.hr), "/team/ajax/update/", cell(office, tier="<img src=x onerror=alert(1)>"))
    assert answer.status_code == 422
    assert answer.mimetype == "application/json"
    assert "<img" not in answer.text


def test_cells_control_is_the_forms_own(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    answer = client.get(f"/team/cell/?id={office.team.id}&field=tier")
    assert '<select id="tier" name="tier"' in answer.text
    assert client.get(f"/team/cell/?id={office.team.id}&field=name").status_code == 403
