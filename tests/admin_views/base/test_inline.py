from typing import Any

import pytest
from sqlalchemy import select

from engine.acting import Role
from models.audit import AuditEntry
from models.scorecard import Scorecard, ScorecardItem
from tests.factories.browsing import post, version_in
from tests.factories.office import Office
from tests.fixtures.client import ClientAs


@pytest.fixture
def card(office: Office) -> int:
    with office.session() as session:
        made = Scorecard(
            department_id=office.home.id,
            name={"zh": "评分标准"},
            edition="2026",
            bands=BANDS,
            items=[item(office, "A", 1)],
        )
        session.add(made)
        session.flush()
        return made.id


BANDS = {"minor": ["1", "3"], "general": ["4", "6"], "severe": ["7", "10"]}


def item(office: Office, code: str, position: int) -> ScorecardItem:
    name = {"zh": "类"}
    return ScorecardItem(
        department_id=office.home.id, code=code, name={"zh": code}, category="c", category_name=name, position=position
    )


def form(version: str, rows: list[dict[str, str]]) -> dict[str, Any]:
    data = {"version": version, "edition": "2026", "name-zh": "评分标准", "base_score": "100", "floor": "0"}
    data |= {
        f"bands-{name}-{end}": points[n] for name, points in BANDS.items() for n, end in enumerate(("low", "high"))
    }
    data["scorecard_item-count"] = str(len(rows))
    for number, row in enumerate(rows):
        data |= {f"scorecard_item-{number}-{name}": value for name, value in row.items()}
    return data


def fresh(code: str) -> dict[str, str]:
    return {"position": "9", "code": code, "name-zh": code, "category": "c", "category_name-zh": "类", "weight": ""}


def items(office: Office, card: int) -> list[ScorecardItem]:
    with office.session() as session:
        query = select(ScorecardItem).where(ScorecardItem.scorecard_id == card).order_by(ScorecardItem.id)
        found = list(session.scalars(query))
        session.expunge_all()
        return found


def test_rows_are_changed_and_added_through_their_own_door(office: Office, client_as: ClientAs, card: int) -> None:
    client, url = client_as(office.manager, Role.QA_SUPERVISOR), f"/scorecard/edit/?id={card}"
    (old,) = items(office, card)
    kept = {**fresh("A2"), "position": "1", "id": str(old.id), "version": str(old.version)}
    answer = post(client, url, form(version_in(client.get(url)), [kept, fresh("B"), {"code": "", "position": ""}]))
    assert answer.status_code == 303
    assert [one.code for one in items(office, card)] == ["A2", "B"]
    with office.session() as session:
        doors = session.scalars(
            select(AuditEntry.door).where(
                AuditEntry.entity == "scorecard_item", AuditEntry.actor_id == office.manager.id
            )
        ).all()
        assert doors == ["inline", "inline"]


def test_faulty_row_saves_nothing_and_says_where(office: Office, client_as: ClientAs, card: int) -> None:
    client, url = client_as(office.manager, Role.QA_SUPERVISOR), f"/scorecard/edit/?id={card}"
    answer = post(client, url, form(version_in(client.get(url)), [{**fresh("B"), "position": "viele"}]))
    assert answer.status_code == 422
    assert 'id="e-scorecard_item-0-position"' in answer.text
    assert [one.code for one in items(office, card)] == ["A"]


def test_row_changed_by_somebody_else_is_a_conflict(office: Office, client_as: ClientAs, card: int) -> None:
    client, url = client_as(office.manager, Role.QA_SUPERVISOR), f"/scorecard/edit/?id={card}"
    (old,) = items(office, card)
    version = version_in(client.get(url))
    with office.session() as session:
        session.get_one(ScorecardItem, old.id).code = "快手"
    row = {**fresh("慢手"), "id": str(old.id), "version": str(old.version)}
    assert post(client, url, form(version, [row])).status_code == 409
    assert [one.code for one in items(office, card)] == ["快手"]


def test_row_of_another_parent_is_not_there(office: Office, client_as: ClientAs, card: int) -> None:
    with office.session() as session:
        home, name = office.home.id, {"zh": "另"}
        other = Scorecard(department_id=home, name=name, edition="X", bands=BANDS, items=[item(office, "Z", 1)])
        session.add(other)
        session.flush()
        foreign = other.items[0].id
    client, url = client_as(office.manager, Role.QA_SUPERVISOR), f"/scorecard/edit/?id={card}"
    row = {**fresh("偷"), "id": str(foreign), "version": "1"}
    assert post(client, url, form(version_in(client.get(url)), [row])).status_code == 404


def test_rows_of_a_parent_one_may_not_edit_stay(office: Office, client_as: ClientAs, card: int) -> None:
    client = client_as(office.agent)
    assert post(client, f"/scorecard/edit/?id={card}", form("1", [fresh("B")])).status_code == 403
    assert [one.code for one in items(office, card)] == ["A"]
