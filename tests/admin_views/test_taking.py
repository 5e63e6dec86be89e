"""The ledger and the rulebook's values as files: what the page shows, for whom it is granted, noted in the audit."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.packs.adoption import adopt, set_value
from models.audit import AuditEntry
from models.obligation import ObligationState
from models.organisation import Department
from tests.factories.obligation import obligation
from tests.factories.pages import in_english
from tests.fixtures.crew import Browse
from tests.fixtures.house import House


def sheet(client: FlaskClient, address: str) -> list[tuple[Any, ...]]:
    with client.get(address) as response:
        assert response.status_code == 200, response.text[:300]
        book = load_workbook(BytesIO(response.data))
    assert book.active is not None
    return list(book.active.iter_rows(values_only=True))


def test_ledger_is_taken_away_as_it_is_narrowed(session: Session, house: House, browse: Browse) -> None:
    for days, state in ((-1, ObligationState.OVERDUE), (2, ObligationState.OPEN), (-3, ObligationState.MET)):
        obligation(session, house.home, clock.now() + timedelta(days=days), owner=house.agent).state = state
    session.commit()
    client = in_english(browse(house.manager))
    head, *rows = sheet(client, "/ledger/export/")
    assert head[:2] == ("Clause", "What")
    assert [row[head.index("State")] for row in rows] == ["Overdue", "Open"]
    assert {row[head.index("Owner")] for row in rows} == {house.agent.name}
    assert [row[head.index("State")] for row in sheet(client, "/ledger/export/?state=met")[1:]] == ["Met"]
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).all()
    assert [(entry.entity, entry.changes["rows"][1]) for entry in noted] == [("obligation", 2), ("obligation", 1)]


def test_values_are_taken_away_with_their_history(session: Session, house: House, browse: Browse) -> None:
    adopt(session, session.get_one(Department, house.home.id), "Q", rank=1, valid_from=date(2026, 1, 1))
    set_value(session, house.home.id, "pass_mark", 85, date(2026, 6, 1), "新标准")
    session.commit()
    head, *rows = sheet(in_english(browse(house.manager)), "/rulebook/export/")
    marks = [row for row in rows if row[head.index("Set to")] in {"80 points", "85 points"} and "mark" in row[1]]
    assert [(row[head.index("Set to")], row[head.index("In force")], row[head.index("Pack")]) for row in marks] == [
        ("80 points", "Yes", "Q 1.0"),
        ("85 points", None, None),
    ]
    assert marks[1][head.index("Reason")] == "新标准"


def test_files_are_for_those_who_hold_the_grant(house: House, browse: Browse) -> None:
    client = browse(house.agent)
    for address in ("/ledger/export/", "/rulebook/export/"):
        assert client.get(address).status_code == 403
    page = in_english(client).get("/ledger/").text + client.get("/rulebook/").text
    assert "/export/" not in page
