"""A fuzzer that reads the API's own document: whatever is sent, as whoever, the answer is one that was promised."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from engine.acting import SYSTEM, Door, Role, acting
from tests.factories.programs import BASE, Program, of_account
from tests.house.places import World, detached_world

pytestmark = [pytest.mark.sqlite, pytest.mark.slow, pytest.mark.usefixtures("quick_disk")]

SEED = 20261130
REQUESTS_IN_THE_DRILL = 20_000
PROMISES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
)


@pytest.fixture(autouse=True)
def _much_is_asked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    plenty = {"api_per_minute": 10**9, "api_per_minute_from_one_place": 10**9}
    monkeypatch.setitem(app.config, "DUTYBOOK", app.config["DUTYBOOK"].model_copy(update=plenty))


@dataclass
class Found:
    """What came of the requests."""

    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return sum(self.statuses.values())


def fuzz(app: Flask, program: Program, seed: int, **settings: Any) -> Found:
    """Drive every operation of the program's document."""
    found = Found()
    headers = {"Authorization": f"Bearer {program.key}", "Accept-Language": "en"}
    config = SchemathesisConfig.from_dict(_settings(seed, headers, **settings))
    schema = schemathesis.openapi.from_wsgi(f"{BASE}/openapi.json", app=app, config=config, headers=headers)
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            for answer in event.recorder.interactions.values():
                if answer.response is not None:
                    found.statuses[answer.response.status_code] += 1
            found.broken += list(_failures(event))
        elif isinstance(event, events.NonFatalError | events.FatalError):
            found.broken.append(str(getattr(event, "exception", event)))
    return found


def _failures(event: events.ScenarioFinished) -> Iterator[str]:
    for number, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                case = event.recorder.cases[number].value
                failure = check.failure_info.failure
                yield f"{check.name}: {case.as_curl_command()}: {failure.message}"


def _settings(seed: int, headers: dict[str, str], examples: int, *, coverage: bool) -> dict[str, Any]:
    return {
        "seed": seed,
        "headers": headers,
        "generation": {"max-examples": examples, "no-shrink": True, "deterministic": True, "database": "none"},
        "phases": {
            "examples": {"enabled": False},
            "coverage": {"enabled": coverage},
            "stateful": {"enabled": False},
            "fuzzing": {"enabled": True},
        },
        "checks": {"enabled": False, **{name: {"enabled": True} for name in PROMISES}},
    }


def program_of(app: Flask, world: World) -> Program:
    from engine.database import db
    from models.accounts import Account

    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        found = of_account(app, db.session(), db.session.get_one(Account, world.me.account.id))
        db.session.commit()
    return found


@pytest.mark.drill
@pytest.mark.parametrize("role", list(Role))
def test_every_answer_is_one_that_was_promised_for_long(app: Flask, role: Role) -> None:
    """20,000 requests and more, over all roles."""
    program, requests, seed = program_of(app, detached_world(app, role)), 0, SEED
    while requests < REQUESTS_IN_THE_DRILL / len(Role):
        found = fuzz(app, program, seed, examples=10, coverage=False)
        assert found.broken == []
        assert not [status for status in found.statuses if status >= 500]
        requests, seed = requests + found.requests, seed + 1


def test_every_answer_is_one_that_was_promised(app: Flask) -> None:
    program = program_of(app, detached_world(app, Role.QA_SUPERVISOR))
    found = fuzz(app, program, SEED, examples=1, coverage=False)
    assert found.broken == []
    assert found.requests > 100
    # The token opened the door, and some of what was sent made sense.
    assert 401 not in found.statuses
    assert found.statuses[200] > found.requests // 20
