"""The parts of the OpenAPI document: schemas of records and bodies, parameters of lists, the common shapes."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.bulk import MOST as MOST_ROWS
from api.columns import SMALL, Column, Kind
from api.entities import Offered, entity_of
from api.moves import column_for
from api.queries import LONGEST_VALUE, MOST, MOST_VALUES, USUAL
from api.schemas import schema_of
from engine.registry import registry
from engine.transitions.kinds import Transition
from models.words import _

EXAMPLES: Mapping[Kind, Any] = {
    Kind.TEXT: "text",
    Kind.WHOLE: 1,
    Kind.DECIMAL: "1.00",
    Kind.BOOLEAN: True,
    Kind.DAY: "2026-11-30",
    Kind.MOMENT: "2026-11-30T08:00:00+08:00",
    Kind.CLOCK: "08:30",
    Kind.BILINGUAL: {"zh": "名称", "en": "Name"},
    Kind.LINK: 1,
    Kind.LINKS: [1],
}
NULL = {"type": "null"}
VIOLATION = {
    "type": "object",
    "required": ["clause", "field", "message"],
    "properties": {
        "clause": {"type": ["string", "null"]},
        "field": {"type": ["string", "null"]},
        "message": {"type": "string"},
        "rule": {"type": "string"},
    },
}
ANSWERED = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": {"type": "object"}}},
}
COMMON: dict[str, Any] = {
    "Violation": VIOLATION,
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail", "violations"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "violations": {"type": "array", "items": {"$ref": "#/components/schemas/Violation"}},
        },
    },
    "History": ANSWERED | {"properties": {**ANSWERED["properties"], "next": {"type": ["string", "null"]}}},  # type: ignore[dict-item]  # a mapping
    "Transitions": ANSWERED,
    "Bulk": ANSWERED,
}


def schema(name: str) -> dict[str, str]:
    """A reference to one of the document's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def ref(name: str) -> dict[str, str]:
    """A reference to one of the document's parameters."""
    return {"$ref": f"#/components/parameters/{name}"}


def about(one: Offered) -> str:
    """What the entity is called, and the clauses that it embodies."""
    entity = entity_of(one.resource.model)
    clauses = ", ".join(entity.clauses) if entity else ""
    return f"{one.resource.plural} ({clauses})" if clauses else one.resource.plural


def schemas(one: Offered) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything about one entity: as it is read, as it is written, as its moves are answered."""
    name = one.resource.name
    yield name, _as_read(one)
    if one.creatable and one.may("create"):
        new = _as_written(one, is_new=True)
        rows = {"type": "array", "minItems": 1, "maxItems": MOST_ROWS, "items": schema(f"{name}-new")}
        yield f"{name}-new", new
        yield f"{name}-bulk", _object({"items": rows}, ["items"])
    if one.editable and one.may("edit"):
        yield f"{name}-change", _as_written(one, is_new=False)
    for move in one.resource.moves():
        if one.may(move.name):
            yield f"{name}-{move.name}", _as_answered(move)


def _as_read(one: Offered) -> dict[str, Any]:
    shown = {name: _shown(one, column) for name, column in one.shown.items()}
    words = {"type": "object", "description": str(_("Codes and links in words, with labels=true."))}
    needed = [name for name in ("id", "version") if name in shown]
    return {"type": "object", "title": one.resource.title, "required": needed, "properties": shown | {"_labels": words}}


def _shown(one: Offered, column: Column) -> dict[str, Any]:
    if column.name in one.masked:
        return {"type": ["string", "null"], "description": f"{column.label} ({_('masked')})", "readOnly": True}
    found = schema_of(column)
    # What was stored before a limit was drawn is shown all the same.
    for bound in ("maxLength", "pattern", "minimum", "maximum", "minProperties", "maxItems"):
        found.pop(bound, None)
    found = {"anyOf": [found, NULL]} if column.nullable and found else found
    return found | _described(one, column) | ({} if column.name in one.writable else {"readOnly": True})


def _described(one: Offered, column: Column) -> dict[str, Any]:
    clauses = dict.fromkeys(
        rule.clause for rule in registry.rules_for(one.resource.model) if rule.field == column.name and rule.clause
    )
    return {"description": f"{column.label} ({', '.join(clauses)})" if clauses else str(column.label)}


def _as_written(one: Offered, *, is_new: bool) -> dict[str, Any]:
    settled = frozenset() if is_new else one.resource.settled
    columns = {name: column for name, column in one.writable.items() if name not in settled}
    properties = {name: _typed(column) | _described(one, column) for name, column in columns.items()}
    needed = [name for name, column in columns.items() if is_new and column.is_needed]
    example = {name: _example(columns[name]) for name in needed or list(columns)[:1]}
    return _object(properties, needed) | {"title": one.resource.title, "example": example}


def _typed(column: Column) -> dict[str, Any]:
    found = schema_of(column)
    if column.kind is Kind.TEXT and not column.nullable:
        found["minLength"] = 1
    return {"anyOf": [found, NULL]} if column.nullable else found


def _example(column: Column) -> Any:
    if column.choices is not None:
        return next(member.value for member in column.choices)
    return EXAMPLES.get(column.kind, {})


def _as_answered(move: Transition) -> dict[str, Any]:
    columns = {ask.name: column_for(ask, move) for ask in move.asks}
    points = {"type": "object", "additionalProperties": {"type": "string"}, "description": str(_("Points by id."))}
    properties = {
        ask.name: (points if (column := columns[ask.name]) is None else schema_of(column)) | {"title": str(ask.label)}
        for ask in move.asks
    }
    return _object(properties, [ask.name for ask in move.asks if ask.required])


def _object(properties: Mapping[str, Any], needed: list[str]) -> dict[str, Any]:
    found = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return found | ({"required": needed} if needed else {})


# Parameters


def filters(one: Offered) -> Iterator[dict[str, Any]]:
    """What the list can be narrowed by."""
    for name, column in one.readable.items():
        for operator in column.operators:
            label = f"{column.label} · {operator}"
            yield {"name": name if operator == "eq" else f"{name}.{operator}", "in": "query", "description": label} | {
                "schema": _filter(column, operator)
            }


def _filter(column: Column, operator: str) -> dict[str, Any]:
    if operator == "null":
        return {"type": "boolean"}
    if operator == "contains":
        return {"type": "string", "minLength": 1, "maxLength": LONGEST_VALUE}
    value = schema_of(column)["items"] if column.kind is Kind.LINKS else schema_of(column)
    if value.get("type") == "string" and "maxLength" in value:
        value |= {"minLength": 1, "maxLength": min(value["maxLength"], LONGEST_VALUE)}
    return {"type": "array", "minItems": 1, "maxItems": MOST_VALUES, "items": value} if operator == "in" else value


def sort(one: Offered) -> dict[str, Any]:
    """The orders of the list."""
    names = [name for name, column in one.readable.items() if column.sortable]
    orders = [sign + name for name in names for sign in ("", "-")]
    return {"name": "sort", "in": "query", "schema": {"type": "string", "enum": orders, "default": "-id"}}


def fields(one: Offered) -> dict[str, Any]:
    """The fields that can be asked for."""
    names = {"type": "array", "items": {"type": "string", "enum": list(one.shown)}}
    return {"name": "fields", "in": "query", "explode": False, "style": "form", "schema": names}


def parameters() -> dict[str, Any]:
    """What operations have in common."""
    key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
    tag = {"type": "string", "pattern": '^"[0-9]{1,9}"$'}
    return {
        "id": {
            "name": "id",
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": SMALL},
        },
        "limit": _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
        "cursor": _query("cursor", {"type": "string"}, _("Where the page before ended: its “next”.")),
        "labels": _query("labels", {"type": "boolean", "default": False}, _("Codes and links in words as well.")),
        "ifMatch": _header("If-Match", tag, _("The ETag that you read."), needed=True),
        "ifMatchIfAny": _header("If-Match", tag, _("The ETag that you read, if the version matters.")),
        "ifNoneMatch": _header("If-None-Match", tag, _("The ETag that you have.")),
        "idempotencyKey": _header("Idempotency-Key", key, _("Sent again with the same key, it is done once.")),
    }


def _query(name: str, shape: Mapping[str, Any], says: Any = "") -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": dict(shape)} | ({"description": str(says)} if says else {})


def _header(name: str, shape: Mapping[str, Any], says: Any, *, needed: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": needed, "description": str(says), "schema": dict(shape)}
