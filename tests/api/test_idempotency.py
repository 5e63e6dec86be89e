"""A request with a key is done once, however often it is sent, to whichever process."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from api import idempotency
from engine import clock
from engine.database import db
from models.api_token import KeptAnswer
from models.service_record import Topic
from tests.factories.office import Office
from tests.factories.programs import Program, program

KEY = "3f6c"


def topic(code: str = "once") -> dict[str, Any]:
    return {"code": code, "name": {"zh": "一次", "en": "Once"}}


def count(office: Office) -> int:
    with office.session() as session:
        return session.scalar(select(func.count()).select_from(Topic)) or 0


@pytest.fixture
def asking(office: Office) -> Program:
    return program(office.app, office.manager)


def test_same_request_is_answered_and_not_done_again(office: Office, asking: Program) -> None:
    first, second = (asking.post("/topic", topic(), Idempotency_Key=KEY) for _time in range(2))
    assert (first.status_code, second.status_code, count(office)) == (201, 201, 1)
    assert second.get_json() == first.get_json()
    for name in ("ETag", "Location", "Content-Type"):
        assert second.headers[name] == first.headers[name]
    assert (first.headers.get("Idempotency-Replayed"), second.headers["Idempotency-Replayed"]) == (None, "true")


def test_answer_is_the_one_of_then(office: Office, asking: Program) -> None:
    first = asking.post("/topic", topic(), Idempotency_Key=KEY).get_json()
    asking.patch(f"/topic/{first['id']}", {"active": False}, 1)
    assert asking.post("/topic", topic(), Idempotency_Key=KEY).get_json() == first


@pytest.mark.parametrize("path", ["/topic", "/topic/bulk"])
def test_key_of_another_request_is_refused(office: Office, asking: Program, path: str) -> None:
    asking.post("/topic", topic(), Idempotency_Key=KEY)
    found = asking.post(path, topic("other"), Idempotency_Key=KEY)
    assert (found.status_code, count(office)) == (422, 1)


def test_key_is_the_token_s_own(office: Office, asking: Program) -> None:
    other = program(office.app, office.hr, *_administrates())
    asking.post("/topic", topic(), Idempotency_Key=KEY)
    assert other.post("/topic", topic("other"), Idempotency_Key=KEY).status_code == 201


def _administrates() -> Iterator[Any]:
    from engine.acting import Role

    yield Role.ADMINISTRATOR


def test_refusal_is_kept_too(office: Office, asking: Program) -> None:
    """What the rulebook said to this request it has said; a mended request is another one."""
    answers = [asking.post("/topic", {"code": "x"}, Idempotency_Key=KEY) for _time in range(2)]
    assert [each.status_code for each in answers] == [422, 422]
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_conflict_lets_go_of_the_key(office: Office, asking: Program) -> None:
    asking.post("/topic", topic())
    assert asking.post("/topic", topic(), Idempotency_Key=KEY).status_code == 409
    assert "Idempotency-Replayed" not in asking.post("/topic", topic(), Idempotency_Key=KEY).headers


def test_change_move_and_deletion_are_done_once(qa: Any) -> None:
    asking = program(qa.app, qa.inspector)
    address = f"/qa_inspection/{qa.inspection}/hand_in"
    assert [asking.post(address, Idempotency_Key=KEY).status_code for _time in range(2)] == [200, 200]
    assert asking.post(address).status_code == 409
    manager = program(qa.app, qa.manager)
    made = manager.post("/topic", topic()).get_json()
    changed = [manager.patch(f"/topic/{made['id']}", {"active": False}, 1, Idempotency_Key="a") for _time in range(2)]
    assert [each.headers["ETag"] for each in changed] == ['"2"', '"2"']
    kept = manager.post("/saved_filter", {"entity": "staff", "name": "x", "query": "a=b"}).get_json()
    path = f"/saved_filter/{kept['id']}"
    gone = [manager.send("DELETE", path, If_Match='"1"', Idempotency_Key="b").status_code for _time in range(2)]
    assert gone == [204, 204]


@pytest.mark.parametrize("key", ["x" * 256, "ключ"])
def test_key_that_is_none_is_refused(office: Office, asking: Program, key: str) -> None:
    assert asking.post("/topic", topic(), Idempotency_Key=key.encode().decode("latin-1")).status_code == 400


def test_answer_is_kept_for_a_day_and_unreadable_at_rest(office: Office, asking: Program) -> None:
    asking.post("/topic", topic(), Idempotency_Key=KEY)
    with office.session() as session:
        stored = session.execute(text("SELECT body FROM kept_answer")).scalar_one()
        assert b"once" not in bytes(stored)
        assert idempotency.forget_old(session) == 0
    with clock.fixed_at(clock.now() + timedelta(hours=24, minutes=1)), office.session() as session:
        assert idempotency.forget_old(session) == 1


def test_key_is_free_again_after_a_day(office: Office, asking: Program) -> None:
    asking.post("/topic", topic(), Idempotency_Key=KEY)
    with clock.fixed_at(clock.now() + timedelta(hours=24, minutes=1)):
        found = asking.post("/topic", topic("another"), Idempotency_Key=KEY)
    assert (found.status_code, count(office)) == (201, 2)


def test_request_under_way_is_not_begun_again(office: Office, asking: Program) -> None:
    """Another process has claimed the key and not answered yet; one that was killed gives it up after a minute."""
    asking.post("/topic", topic(), Idempotency_Key=KEY)
    with office.session() as session:
        session.execute(update(KeptAnswer).values(status=None, body=None))
    found = asking.post("/topic", topic(), Idempotency_Key=KEY)
    assert (found.status_code, found.headers["Retry-After"]) == (409, "1")
    with clock.fixed_at(clock.now() + timedelta(seconds=61)):
        # The work had been done: the database says so, and nothing is done twice.
        assert asking.post("/topic", topic(), Idempotency_Key=KEY).status_code == 409
    assert count(office) == 1


def test_crash_before_the_commit_leaves_neither_record_nor_answer(
    office: Office, asking: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_arguments: object) -> None:
        raise SystemExit

    monkeypatch.setattr(idempotency, "keep", killed)
    with pytest.raises(SystemExit):
        asking.post("/topic", topic(), Idempotency_Key=KEY)
    monkeypatch.undo()
    assert count(office) == 0
    with clock.fixed_at(clock.now() + timedelta(seconds=61)):
        assert asking.post("/topic", topic(), Idempotency_Key=KEY).status_code == 201
    assert count(office) == 1


def test_many_at_once_are_one(app: Flask, office: Office, asking: Program) -> None:
    """Eight threads, one key: one writes, the others wait or are answered with what it wrote."""
    answers: list[Any] = []
    gate = threading.Barrier(8)

    def send() -> None:
        gate.wait()
        answers.append(asking.post("/topic", topic(), Idempotency_Key=KEY))

    threads = [threading.Thread(target=send) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        db.session.remove()
    statuses = {each.status_code for each in answers}
    assert statuses <= {201, 409}
    assert len({each.get_json()["id"] for each in answers if each.status_code == 201}) == 1
    assert count(office) == 1
