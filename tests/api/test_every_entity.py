"""The interface for programs against every entity, as every role: the same rows, fields and grants as on the screens.

The rows lie in every place that a scope tells apart (`tests/house/places.py`); what has to come out is said apart from
the product's own checks.
"""

from collections.abc import Iterator, Mapping

import pytest
from flask import Flask

from engine.acting import Role
from engine.permissions import Scope, Sight, matrix
from engine.registry import registry
from engine.surface import OFFERED
from models.types import Encrypted
from tests.factories.programs import Program, of_account
from tests.house.places import ABSENT, CANARIES, Place, World, detached_world, hidden_from, reaches

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("clock_stands_still", "quick_disk")]

TELLING = frozenset({Role.AGENT, Role.SHIFT_LEAD, Role.AUDITOR})
"""Own rows, a team's, all departments, masked fields: between them every scope and sight. The others: `make drill`."""
ROLES = pytest.mark.parametrize(
    "role", [pytest.param(role, marks=[] if role in TELLING else pytest.mark.drill) for role in Role]
)


@pytest.fixture(autouse=True)
def _much_is_asked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    plenty = {"api_per_minute": 10**6, "api_per_minute_from_one_place": 10**6}
    monkeypatch.setitem(app.config, "DUTYBOOK", app.config["DUTYBOOK"].model_copy(update=plenty))


def program_of(app: Flask, world: World, *scopes: str) -> Program:
    from engine.acting import SYSTEM, Door, acting
    from engine.database import db
    from models.accounts import Account

    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        found = of_account(app, db.session(), db.session.get_one(Account, world.me.account.id), scopes=scopes)
        db.session.commit()
    return found


def scope(entity: str, action: str, role: Role) -> Scope | None:
    return matrix.grants.get((entity, action, role))


def offered(app: Flask) -> Iterator[str]:
    yield from app.extensions[OFFERED]


@ROLES
def test_reading_is_what_the_matrix_grants(app: Flask, role: Role) -> None:
    world = detached_world(app, role)
    ask = program_of(app, world, "write")
    assert [*rows_and_fields(app, world, ask, role), *hidden_fields(app, ask, role)] == []


@ROLES
def test_writing_is_what_the_matrix_grants(app: Flask, role: Role) -> None:
    world = detached_world(app, role)
    ask = program_of(app, world, "write")
    # Whatever is let through comes last.
    assert [*moves(app, world, ask, role), *untyped(app, ask), *writes(app, world, ask, role)] == []


def rows_and_fields(app: Flask, world: World, ask: Program, role: Role) -> list[str]:
    """In lists with words, records, histories, moves and the document: no row out of reach, no hidden content."""
    wrong: list[str] = []
    hidden = hidden_from(role)

    def status_of(path: str) -> int:
        answer = ask.get(path)
        said = answer.get_data(as_text=True)
        wrong.extend(f"{path} tells {name}" for name, texts in hidden.items() if any(text in said for text in texts))
        return answer.status_code

    for path in ("", "/openapi.json"):
        assert status_of(path) == 200
    for entity in offered(app):
        granted = scope(entity, "read", role)
        assert status_of(f"/{entity}?limit=200&labels=true") == (403 if granted is None else 200), entity
        if granted is None:
            continue
        found = {row["id"] for row in ask.all(f"/{entity}?limit=200&fields=id")}
        rows = world.rows.get(entity, {}) | {Place.ABSENT: ABSENT}
        seen = {place: reaches(granted, place, entity) for place in rows}
        wrong += [f"the list of {entity} and {place}" for place, row in rows.items() if seen[place] != (row in found)]
        for place, page in _telling(entity, seen):
            status, expected = status_of(f"/{entity}/{rows[place]}{page}"), 200 if seen[place] else 404
            if status != expected:
                wrong.append(f"GET {entity}{page} of {place}: {status} instead of {expected}")
    return wrong


def _telling(entity: str, seen: Mapping[Place, bool]) -> Iterator[tuple[Place, str]]:
    """Every row by itself; what stands beside it once in reach and once out of it: both look it up the same way."""
    yield from ((place, "?labels=true") for place in seen)
    first = {reach: place for place, reach in reversed(seen.items())}
    for page in ("/history", *(["/transitions"] if entity in registry.entities else [])):
        yield from ((place, page) for place in first.values())


def hidden_fields(app: Flask, ask: Program, role: Role) -> list[str]:
    """They cannot be filtered, sorted or asked for, and what is said of that does not tell that they exist."""
    wrong = []
    for field in CANARIES:
        entity, _dot, name = field.partition(".")
        sight = matrix.fields[entity, name].get(role, Sight.NONE)
        if scope(entity, "read", role) is None or entity not in app.extensions[OFFERED]:
            continue
        open_ = sight in {Sight.READ, Sight.WRITE} and not _is_encrypted(app, entity, name)
        for query in (
            () if open_ else ("?{}=x", "?{}.contains=x", "?{}.null=true", "?{}.gte=x", "?sort={}", "?sort=-{}")
        ):
            answers = [ask.get(f"/{entity}" + query.format(each)) for each in (name, "nosuchfield")]
            if [each.status_code for each in answers] != [400, 400]:
                wrong.append(f"{role} {entity}{query.format(name)}: {answers[0].status_code}")
            if _said(answers[0], name) != _said(answers[1], "nosuchfield"):
                wrong.append(f"{role} {entity}{query.format(name)} is told apart")
        status = ask.get(f"/{entity}?fields={name}").status_code
        known = sight is not Sight.NONE and name in app.extensions[OFFERED][entity].surface.shown
        if status != (200 if known else 400):
            wrong.append(f"{role} {entity}?fields={name}: {status}")
    return wrong


def _is_encrypted(app: Flask, entity: str, name: str) -> bool:
    """Encrypted content is compared with nothing, whoever asks."""
    return isinstance(app.extensions[OFFERED][entity].model.__table__.c[name].type, Encrypted)


def _said(answer: object, name: str) -> str:
    body = answer.get_json()  # type: ignore[attr-defined]  # a test response
    return f"{body['status']} {body['detail']} " + str(body["violations"]).replace(name, "")


def writes(app: Flask, world: World, ask: Program, role: Role) -> list[str]:
    """Adding, changing, deleting."""
    wrong = []
    for entity, resource in app.extensions[OFFERED].items():
        one = resource.surface
        is_record = entity in registry.entities
        for place, row in world.rows.get(entity, {}).items():
            for method, action, way in (
                ("PATCH", "edit", is_record and bool(one.typed)),
                ("DELETE", "delete", resource.deletable),
            ):
                if place is not Place.OWN and (not way or scope(entity, action, role) is None):
                    # No row makes a difference: one's own is the likeliest to slip through.
                    continue
                body = {} if method == "PATCH" else None
                status = ask.send(method, f"/{entity}/{row}", body).status_code
                expected = _expected(entity, action, role, place, way=way)
                if status != expected:
                    wrong.append(f"{method} {entity} of {place}: {status} instead of {expected}")
        creatable = is_record and one.creatable and bool(one.typed)
        both = scope(entity, "read", role) is not None and scope(entity, "create", role) is not None
        wanted = {405} if not creatable else {403} if not both else {201, 409, 422}
        if (status := ask.post(f"/{entity}", {}).status_code) not in wanted:
            wrong.append(f"POST {entity}: {status} instead of {wanted}")
    return wrong


def _expected(entity: str, action: str, role: Role, place: Place, *, way: bool) -> int:
    read, granted = scope(entity, "read", role), scope(entity, action, role)
    if not way:
        return 405
    if read is None or granted is None:
        return 403
    if not reaches(read, place, entity):
        return 404
    return 428 if reaches(granted, place, entity) else 403


def moves(app: Flask, world: World, ask: Program, role: Role) -> list[str]:
    """State changes."""
    wrong = []
    for entity, resource in app.extensions[OFFERED].items():
        for move in resource.moves():
            for place, row in world.rows.get(entity, {}).items():
                if place is not Place.OWN and scope(entity, move.name, role) is None:
                    continue
                status = ask.post(f"/{entity}/{row}/{move.name}", {}, If_Match='"99"').status_code
                # The version is asked after the grant and before anything is done.
                expected = 412 if (found := _expected(entity, move.name, role, place, way=True)) == 428 else found
                if status != expected:
                    wrong.append(f"{move.key} of {place}: {status} instead of {expected}")
    return wrong


def untyped(app: Flask, ask: Program) -> list[str]:
    """Every column that the product fills in by itself is refused by name."""
    wrong = []
    for entity, resource in app.extensions[OFFERED].items():
        if ask.post(f"/{entity}", {}).status_code not in {201, 409, 422}:
            continue
        typed = set(resource.surface.typed)
        names = [column.key for column in resource.model.__mapper__.column_attrs if column.key not in typed]
        answer = ask.post(f"/{entity}", dict.fromkeys(names, 1))
        named = {each["field"] for each in answer.get_json()["violations"]}
        if answer.status_code != 422 or not set(names) <= named:
            wrong.append(f"{entity}: {sorted(set(names) - named)}")
    return wrong


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT])
def test_token_reaches_no_further_than_its_scopes(app: Flask, role: Role) -> None:
    world = detached_world(app, role)
    ask = program_of(app, world, "read:team")
    for entity in offered(app):
        answer = ask.get(f"/{entity}?limit=1")
        assert answer.status_code == (200 if entity == "team" else 403), entity
        assert ask.post(f"/{entity}", {}).status_code in {403, 405}, entity
