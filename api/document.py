"""The OpenAPI 3.1 document, made from the entities, columns, rules and moves as whoever asks may use them."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import g
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from api import describing, door
from api.door import PREFIX, pages
from api.entities import Offered, entities
from api.problems import BUSY, OURS, TITLES
from api.reading import answer
from engine.acting import current_act
from models.words import _

VERSION = "1.0.0"
ANYWHERE = (400, 401, 403, 404, 405, 429, BUSY)
"""What any request may be answered beside its purpose."""
WRITING = (*ANYWHERE, 409, 413, 415, 422)
_made: dict[Any, dict[str, Any]] = {}
_MOST_KEPT = 64


@pages.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The document. A stranger's holds how to get a token; a caller's holds everything that the token reaches."""
    scopes = door.bearer().scopes.given if g.get("bearer") else frozenset()
    key = (current_act().actor.roles, scopes, str(get_locale()), len(entities()))
    if key not in _made:
        if len(_made) >= _MOST_KEPT:
            _made.clear()
        _made[key] = document()
    return answer(_made[key])


def document() -> dict[str, Any]:
    """The document for whoever acts."""
    offered = [each for each in _offered() if each.may("read")]
    paths = {PREFIX: {"get": _index()}}
    for each in offered:
        paths |= dict(_paths(each))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Dutybook",
            "version": VERSION,
            "summary": str(_("The department's records and its rulebook, for programs.")),
            "description": str(_("Every write is judged by the same rules as on the screens, and none is half done.")),
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": one.resource.name, "description": describing.about(one)} for one in offered],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": str(_("A personal token, made under “My account”.")),
                }
            },
            "schemas": describing.COMMON
            | {name: schema for one in offered for name, schema in describing.schemas(one)},
            "responses": {str(status): _problem(status) for status in TITLES if status < OURS or status == BUSY},
            "parameters": describing.parameters(),
        },
    }


def _offered() -> Iterator[Offered]:
    if g.get("bearer") is None:
        return
    scopes = door.bearer().scopes
    yield from (each.offered() for name, each in entities().items() if scopes.allow(name, writing=False))


def _paths(one: Offered) -> Iterator[tuple[str, dict[str, Any]]]:
    base, writes = f"{PREFIX}/{one.resource.name}", door.bearer().scopes.allow(one.resource.name, writing=True)
    creates = writes and one.creatable and one.may("create")
    yield base, {"get": _list(one)} | ({"post": _create(one)} if creates else {})
    if creates:
        yield f"{base}/bulk", {"post": _bulk(one)}
    yield f"{base}/{{id}}", _record(one, writes=writes)
    yield (
        f"{base}/{{id}}/history",
        {
            "get": _get(
                one, "history", _("What happened to it"), "History", [describing.ref("id"), describing.ref("cursor")]
            )
        },
    )
    if one.resource.is_record:
        yield (
            f"{base}/{{id}}/transitions",
            {"get": _get(one, "transitions", _("What may be done with it"), "Transitions", [describing.ref("id")])},
        )
    for move in one.resource.moves() if writes else ():
        if one.may(move.name):
            yield f"{base}/{{id}}/{move.name}", {"post": _move(one, move)}


def _record(one: Offered, *, writes: bool) -> dict[str, Any]:
    fields = [describing.ref("id"), describing.ref("labels"), describing.fields(one), describing.ref("ifNoneMatch")]
    found = {"get": _get(one, "one", _("One record"), one.resource.name, fields)}
    found["get"]["responses"]["304"] = {"description": str(_("It is still the version that you have."))}
    if writes and one.editable and one.may("edit"):
        found["patch"] = _write(
            one,
            "change",
            _("Change fields"),
            f"{one.resource.name}-change",
            200,
            [describing.ref("id"), describing.ref("ifMatch")],
            (412, 428),
        )
    if writes and one.resource.deletable and one.may("delete"):
        found["delete"] = _operation(
            one,
            "remove",
            _("Take a draft back"),
            [describing.ref("id"), describing.ref("ifMatch"), describing.ref("idempotencyKey")],
        ) | {"responses": {"204": {"description": str(_("It is gone."))}} | _problems((*ANYWHERE, 409, 412, 422, 428))}
    return found


def _index() -> dict[str, Any]:
    return {
        "operationId": "index",
        "summary": str(_("The entities that you may read")),
        "responses": {"200": _json({"type": "object"}, _("The entities"))} | _problems(ANYWHERE),
    }


def _list(one: Offered) -> dict[str, Any]:
    shape = {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": describing.schema(one.resource.name)},
            "next": {"type": ["string", "null"], "description": str(_("The cursor of the next page."))},
        },
    }
    asked = [describing.ref(name) for name in ("limit", "cursor", "labels")] + [
        describing.sort(one),
        describing.fields(one),
    ]
    found = _operation(one, "list", _("A page of records"), [*asked, *describing.filters(one)])
    return found | {"responses": {"200": _json(shape, _("A page"))} | _problems(ANYWHERE)}


def _create(one: Offered) -> dict[str, Any]:
    return _write(one, "create", _("Add a record"), f"{one.resource.name}-new", 201, [])


def _bulk(one: Offered) -> dict[str, Any]:
    return _write(one, "bulk", _("Add many records, all or none"), f"{one.resource.name}-bulk", 201, [], answers="Bulk")


def _move(one: Offered, move: Any) -> dict[str, Any]:
    name = f"{one.resource.name}-{move.name}"
    found = _write(
        one, move.name, move.label, name, 200, [describing.ref("id"), describing.ref("ifMatchIfAny")], (412, 428)
    )
    return found | ({"description": str(_("Clause %(clause)s.", clause=move.clause))} if move.clause else {})


def _get(one: Offered, what: str, summary: Any, schema: str, asked: list[Any]) -> dict[str, Any]:
    found = _operation(one, what, summary, asked)
    return found | {"responses": {"200": _json(describing.schema(schema), summary)} | _problems(ANYWHERE)}


def _write(  # noqa: PLR0913, PLR0917 an operation has that many sides
    one: Offered,
    what: str,
    summary: Any,
    body: str,
    status: int,
    asked: list[Any],
    more: tuple[int, ...] = (),
    answers: str | None = None,
) -> dict[str, Any]:
    found = _operation(one, what, summary, [*asked, describing.ref("idempotencyKey")])
    sent = {"required": True, "content": {"application/json": {"schema": describing.schema(body)}}}
    told = _json(describing.schema(answers or one.resource.name), summary)
    return found | {"requestBody": sent, "responses": {str(status): told} | _problems((*WRITING, *more))}


def _operation(one: Offered, what: str, summary: Any, asked: list[Any]) -> dict[str, Any]:
    found = {"operationId": f"{one.resource.name}.{what}", "tags": [one.resource.name], "summary": str(summary)}
    return found | ({"parameters": asked} if asked else {})


def _json(schema: Mapping[str, Any], says: Any) -> dict[str, Any]:
    return {"description": str(says), "content": {"application/json": {"schema": dict(schema)}}}


def _problems(statuses: tuple[int, ...]) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": str(TITLES[status]),
        "content": {"application/problem+json": {"schema": describing.schema("Problem")}},
    }
