"""How much may be asked: counted in the database, whichever process is asked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from api import limits
from engine import clock
from engine.database import db
from models.api_token import Spending
from tests.factories.office import Office
from tests.factories.programs import Program, program

START = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _few_requests(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    few = {"api_per_minute": 30, "api_per_minute_from_one_place": 10_000}
    monkeypatch.setitem(app.config, "DUTYBOOK", app.config["DUTYBOOK"].model_copy(update=few))
    limits._stores.clear()
    yield
    limits._stores.clear()


def another_process() -> None:
    """What this one had taken for itself is unknown to the next."""
    limits._stores.clear()


def at(seconds: float) -> Any:
    return clock.fixed_at(START + timedelta(seconds=seconds))


@pytest.fixture
def asking(office: Office) -> Program:
    with at(0):
        return program(office.app, office.hr)


def asked(asking: Program, times: int) -> list[int]:
    return [asking.get("/team").status_code for _time in range(times)]


def test_limit_is_exact_in_one_process_and_said_with_each_answer(asking: Program) -> None:
    with at(0):
        first = asking.get("/team")
        assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("30", "29")
        assert first.headers["RateLimit-Reset"] == "60"
        assert asked(asking, 29) == [200] * 29
        last = asking.get("/team")
    assert (last.status_code, last.content_type) == (429, "application/problem+json")
    assert (last.headers["Retry-After"], last.headers["RateLimit-Remaining"]) == ("60", "0")


def test_several_processes_count_together(asking: Program) -> None:
    with at(0):
        for _process in range(3):
            another_process()
            assert 200 in asked(asking, 5)
        another_process()
        statuses = asked(asking, 40)
    assert statuses.count(200) <= 15
    assert statuses[-1] == 429


def test_minute_before_counts_in_part(asking: Program) -> None:
    with at(59):
        asked(asking, 31)
    with at(60):
        assert asked(asking, 1) == [429]
    with at(90):
        assert asked(asking, 16) == [200] * 15 + [429]
    with at(180):
        assert asked(asking, 30) == [200] * 30


def test_guessing_tokens_costs_more(office: Office, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"api_per_minute_from_one_place": 100}
    monkeypatch.setitem(app.config, "DUTYBOOK", app.config["DUTYBOOK"].model_copy(update=few))
    with at(0):
        wrong = Program(office.app, "dtb_guessed")
        statuses = [wrong.get("/team").status_code for _time in range(8)]
        assert statuses[:4] == [401] * 4
        assert statuses[-1] == 429


def test_most_requests_write_nothing(app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    plenty = {"api_per_minute": 600}
    monkeypatch.setitem(app.config, "DUTYBOOK", app.config["DUTYBOOK"].model_copy(update=plenty))
    with at(0):
        asking = program(office.app, office.hr)
        asking.get("/team")
        with app.app_context():
            engine = db.engine
        written: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            written.extend([statement] if not statement.startswith(("SELECT", "BEGIN")) else [])

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert asked(asking, 15) == [200] * 15
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert written == []


def test_old_counts_are_forgotten(office: Office, asking: Program) -> None:
    with at(0):
        asked(asking, 3)
    with at(600), office.session() as session:
        assert limits.forget_old(session) > 0
        assert session.scalar(select(func.count()).select_from(Spending)) == 0
