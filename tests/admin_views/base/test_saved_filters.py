from sqlalchemy import select

from models.saved_filter import SavedFilter
from tests.factories.browsing import post
from tests.factories.office import Office
from tests.fixtures.client import ClientAs


def kept(office: Office) -> list[SavedFilter]:
    with office.session() as session:
        found = list(session.scalars(select(SavedFilter)))
        session.expunge_all()
        return found


def test_filter_is_kept_under_a_name_and_offered(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.lead)
    post(client, f"/staff/filters/save/?flt_team_id={office.team.id}&after=xx&next=//evil", {"name": "我的组"})
    (one,) = kept(office)
    assert (one.staff_id, one.entity, one.query) == (office.lead.id, "staff", f"flt_team_id={office.team.id}")
    page = client.get("/staff/").text
    assert "我的组" in page
    assert f"/staff/?flt_team_id={office.team.id}" in page


def test_filter_of_somebody_else_is_neither_shown_nor_dropped(office: Office, client_as: ClientAs) -> None:
    post(client_as(office.lead), "/staff/filters/save/?flt_status=left", {"name": "离职"})
    other = client_as(office.agent)
    assert ">离职<" not in other.get("/staff/").text
    assert post(other, "/staff/filters/drop/", {"id": str(kept(office)[0].id)}).status_code == 404
    assert len(kept(office)) == 1


def test_own_filter_is_dropped(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.lead)
    post(client, "/staff/filters/save/?flt_status=left", {"name": "离职"})
    assert post(client, "/staff/filters/drop/", {"id": str(kept(office)[0].id)}).status_code == 303
    assert kept(office) == []


def test_filter_without_a_name_or_with_a_used_one_is_not_kept(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.lead)
    for name in ("", "  ", "甲", "甲"):
        post(client, "/staff/filters/save/?flt_status=left", {"name": name})
    assert [one.name for one in kept(office)] == ["甲"]
    assert "This already exists" in client.get("/staff/").text
