import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from admin_views.organisation import StaffView
from models.audit import AuditEntry
from models.organisation import Staff
from tests.factories.office import Office
from tests.fixtures.client import ClientAs


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"))))


def test_csv_holds_what_the_list_shows(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    with client.get(f"/staff/export/csv/?flt_team_id={office.team.id}&sort=number") as answer:
        assert answer.data.startswith(b"\xef\xbb\xbf")
        table = rows(answer.data.decode())
    assert [row[0] for row in table[1:]] == [office.lead.number, office.agent.number]
    assert table[2][3] == office.team.name
    *titles, mark = table[0]
    assert len(titles) == len(StaffView.list_columns)
    assert mark.startswith("※ ")
    assert office.hr.label in mark


def test_export_without_the_grant_is_refused(office: Office, client_as: ClientAs) -> None:
    assert client_as(office.agent).get("/staff/export/csv/").status_code == 403


def test_export_is_noted_with_who_took_what(office: Office, client_as: ClientAs) -> None:
    with client_as(office.hr).get("/staff/export/xlsx/?search=王") as answer:
        assert answer.status_code == 200
    with office.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
        assert (entry.entity, entry.actor_id, entry.changes["rows"], entry.changes["filters"]) == (
            "staff",
            office.hr.id,
            [None, 1],
            [None, ["search"]],
        )
        assert "王" not in str(entry.changes)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@sum", "\t=1", "＝1+1", "＋1"])
def test_no_cell_is_a_formula(name: str, office: Office, client_as: ClientAs) -> None:
    with office.session() as session:
        session.get_one(Staff, office.agent.id).name = name
    client = client_as(office.hr)
    with client.get(f"/staff/export/csv/?flt_team_id={office.team.id}&sort=number") as answer:
        assert rows(answer.data.decode())[2][1].startswith("'")
    with client.get(f"/staff/export/xlsx/?flt_team_id={office.team.id}&sort=number") as answer:
        cell = load_workbook(BytesIO(answer.data)).active["B3"]
        assert (cell.value, cell.data_type) == (name, "s")


def test_more_than_the_cap_is_refused_not_cut(
    office: Office, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StaffView, "export_cap", 3)
    client = client_as(office.hr)
    answer = client.get("/staff/export/csv/?sort=number")
    assert (answer.status_code, answer.location) == (303, "/staff/?sort=number")
    assert "More than 3 rows" in client.get(answer.location).text


def test_unknown_type_is_not_there(office: Office, client_as: ClientAs) -> None:
    assert client_as(office.hr).get("/staff/export/yaml/").status_code == 404
