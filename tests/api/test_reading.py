"""Lists and single records: the caller's rows and fields, page after page."""

from tests.factories.office import Office
from tests.factories.programs import program


def test_list_holds_the_rows_in_reach(office: Office) -> None:
    found = program(office.app, office.hr).get("/staff?sort=number")
    assert found.status_code == 200
    numbers = [row["number"] for row in found.get_json()["items"]]
    people = (office.manager, office.hr, office.lead, office.agent, office.other_agent)
    assert numbers == [person.number for person in people]


def test_record_has_its_version_as_etag(office: Office) -> None:
    found = program(office.app, office.hr).get(f"/staff/{office.agent.id}")
    assert found.headers["ETag"] == '"1"'
    assert found.get_json()["name"] == "王坐席"


def test_row_of_another_department_is_not_there(office: Office) -> None:
    found = program(office.app, office.hr).get(f"/staff/{office.stranger.id}")
    assert found.status_code == 404
    assert found.content_type == "application/problem+json"
