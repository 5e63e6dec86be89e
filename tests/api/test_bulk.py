"""Many records at once: all of them or none."""

from typing import Any

from sqlalchemy import event, func, select

from engine.database import db
from models.service_record import Topic
from tests.factories.office import Office
from tests.factories.programs import program


def topics(count: int, **odd: Any) -> dict[str, Any]:
    rows = [{"code": f"topic-{n}", "name": {"zh": f"主题{n}", "en": f"Topic {n}"}} for n in range(count)]
    for place, row in odd.items():
        rows[int(place.removeprefix("at"))] = row
    return {"items": rows}


def stored(office: Office) -> int:
    with office.session() as session:
        return session.scalar(select(func.count()).select_from(Topic)) or 0


def test_all_are_added(office: Office) -> None:
    found = program(office.app, office.manager).post("/topic/bulk", topics(1000))
    assert found.status_code == 201
    assert len({each["id"] for each in found.get_json()["items"]}) == stored(office) == 1000


def test_one_that_cannot_be_read_keeps_all_out(office: Office) -> None:
    sent = topics(5, at1={"code": 7}, at3={"code": "x", "name": {"zh": "x"}, "state": "y"})
    found = program(office.app, office.manager).post("/topic/bulk", sent)
    assert found.status_code == 422
    rows = {row["index"]: {each["field"] for each in row["violations"]} for row in found.get_json()["rows"]}
    assert rows == {1: {"code", "name"}, 3: {"state"}}
    assert found.get_json()["detail"] == "Nothing was saved: 2 of 5 rows were refused."
    assert stored(office) == 0


def test_rules_speak_of_each_row(office: Office) -> None:
    people = [
        {
            "number": f"B{n}",
            "name": f"职员{n}",
            "post": "hotline_agent",
            "team_id": office.team.id if n != 2 else None,
            "superior_id": office.lead.id,
            "hire_date": "2026-11-02",
        }
        for n in range(4)
    ]
    found = program(office.app, office.hr).post("/staff/bulk", {"items": people})
    rows = found.get_json()["rows"]
    assert [(row["index"], row["violations"][0]["clause"]) for row in rows] == [(2, "ORG-1")]


def test_what_the_database_refuses_is_found_row_by_row(office: Office) -> None:
    asking = program(office.app, office.manager)
    asking.post("/topic", topics(1)["items"][0])
    sent = topics(4, at2={"code": "topic-3", "name": {"zh": "双", "en": "Twin"}})
    found = asking.post("/topic/bulk", sent)
    assert [row["index"] for row in found.get_json()["rows"]] == [0, 3]
    assert stored(office) == 1


def test_shape_of_the_body_is_asked(office: Office) -> None:
    asking = program(office.app, office.manager)
    for sent in ({}, {"items": []}, {"items": {}}, {"items": [1]}, {"items": [{}], "more": 1}, topics(1001)):
        assert asking.post("/topic/bulk", sent).status_code == 422
    assert stored(office) == 0


def test_thousand_rows_ask_what_rules_need_once(office: Office) -> None:
    """A rule's need is loaded for the batch, not for each row."""
    asking = program(office.app, office.manager)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    with office.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        counts = []
        for start in (0, 500):
            asked.clear()
            rows = [
                {"code": f"n{n}", "name": {"zh": "x", "en": "x"}}
                for n in range(start, start + (5 if not start else 500))
            ]
            assert asking.post("/topic/bulk", {"items": rows}).status_code == 201
            counts.append(len(asked))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert counts[1] <= counts[0] + 2
