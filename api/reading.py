"""Lists and single records: the caller's rows, the caller's fields, and as many queries for one row as for all."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import urlencode

from flask import Response, json, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy import BigInteger, inspect, select

from api import changes, door, queries
from api.columns import LARGE, SMALL, Column, Kind
from api.door import pages
from api.entities import Offered, Resource, entities
from api.problems import DENIED, MISSING, ProblemError, Said, note_denied
from api.values import to_json
from engine.acting import current_act, seeing_all
from engine.database import db
from engine.masking import masked
from engine.permissions import may_do_to
from engine.titles import titles_of
from models.audit import AuditEntry
from models.types import Labelled
from models.words import in_language

Titles = Mapping[type[Any], Mapping[int, str]]


@pages.get("/<entity>")
def listed(entity: str) -> ResponseReturnValue:
    """A page of records."""
    offered = opened(entity, "read")
    wanted = queries.wanted(offered)
    rows = db.session.scalars(wanted.page()).all()
    shown, more = rows[: wanted.limit], len(rows) > wanted.limit
    cursor = wanted.cursor_after(shown[-1]) if more else None
    response = answer({"items": all_plain(offered, shown, wanted.fields, labels=wanted.labels), "next": cursor})
    if cursor:
        again = [(name, text) for name, text in request.args.items(multi=True) if name != "cursor"]
        response.headers["Link"] = f'<{request.path}?{urlencode([*again, ("cursor", cursor)])}>; rel="next"'
    return response


@pages.get("/<entity>/<row:number>")
def shown(entity: str, number: str) -> ResponseReturnValue:
    """One record, with its version as ETag."""
    offered = opened(entity, "read")
    queries.only(frozenset({"fields", "labels"}))
    fields = queries.fields_of(offered)
    faults: list[Said] = []
    labels = queries.wants_labels(faults)
    if faults:
        raise ProblemError(400, violations=faults)
    record = one(offered, number, fields=fields)
    tag = etag(record)
    if tag is not None and not labels and "fields" not in request.args and request.headers.get("If-None-Match") == tag:
        return Response(status=304, headers={"ETag": tag})
    return answer(all_plain(offered, [record], fields, labels=labels)[0], headers={"ETag": tag} if tag else {})


def resource(entity: str) -> Resource:
    """The entity. Raises ProblemError (404) for a name that is none."""
    found = entities().get(entity)
    if found is None:
        raise ProblemError(MISSING)
    return found


def opened(entity: str, action: str, *, writing: bool = False) -> Offered:
    """The entity as the caller may use it. Raises ProblemError: 404 for none, 403 without a scope or a grant."""
    found = resource(entity)
    door.demand(entity, writing=writing)
    offered = found.offered()
    for needed in dict.fromkeys(("read", action)):
        if not offered.may(needed):
            note_denied(entity, needed)
            raise ProblemError(DENIED)
    return offered


def one(offered: Offered, text: str, action: str = "read", *, fields: Mapping[str, Column] | None = None) -> Any:
    """The row. 404 for one that the caller may not read, as for none; 403 for one on which they may not do `action`."""
    model, number = offered.resource.model, row_id(offered.resource.model, text)
    query = select(model).where(model.id == number, *queries.in_reach(offered))
    if fields is not None:
        query = query.options(*queries.loads(offered, fields))
    found = db.session.scalars(query).one_or_none()
    if found is None:
        _missed(offered.resource, number, action)
    if action != "read" and not may_do_to(db.session(), current_act().actor, action, found):
        note_denied(offered.resource.name, action, number)
        raise ProblemError(DENIED)
    return found


def row_id(model: type[Any], text: str) -> int:
    """A primary key out of an address. What cannot be one names no row."""
    greatest = LARGE if isinstance(inspect(model).primary_key[0].type, BigInteger) else SMALL
    if not text.isascii() or not text.isdigit() or len(text) > len(str(LARGE)) or int(text) > greatest:
        raise ProblemError(MISSING)
    return int(text)


def _missed(found: Resource, number: int, action: str) -> NoReturn:
    """Answer 404. The audit alone tells a row that is hidden from one that is not there."""
    with seeing_all():
        hidden = db.session.scalar(select(found.model.id).where(found.model.id == number))
    if hidden is not None:
        note_denied(found.name, action, number)
    raise ProblemError(MISSING)


# How records read


def all_plain(
    offered: Offered, records: Sequence[Any], fields: Mapping[str, Column], *, labels: bool = False
) -> list[dict[str, Any]]:
    """The records as JSON: masked values masked, links by their ids; with `labels` in words as well."""
    titles = _titles(offered, records, fields) if labels else {}
    hidden = offered.masked
    found = []
    for record in records:
        plain = {name: _plain(column, record, hides=name in hidden) for name, column in fields.items()}
        if labels:
            words = {name: _words(column, record, titles) for name, column in fields.items() if name not in hidden}
            plain["_labels"] = {name: text for name, text in words.items() if text is not None}
        found.append(plain)
    return found


def plain(offered: Offered, record: Any) -> dict[str, Any]:
    """One record with everything that is shown of it."""
    return all_plain(offered, [record], offered.shown)[0]


def _plain(column: Column, record: Any, *, hides: bool) -> Any:
    value = getattr(record, column.name)
    if hides:
        return masked(value) or None
    if isinstance(record, AuditEntry) and column.name == "changes":
        return changes.of_entry(value, record.entity)
    return to_json(column, value)


def _titles(offered: Offered, records: Sequence[Any], fields: Mapping[str, Column]) -> Titles:
    """What the linked records are called, one query a model; of entities that the token does not reach nothing."""
    wanted: defaultdict[type[Any], set[int]] = defaultdict(set)
    for column in fields.values():
        target = column.target
        if target is None or not hasattr(target, "title") or column.name in offered.masked:
            continue
        if not door.bearer().scopes.allow(target.__tablename__, writing=False):
            continue
        for record in records:
            value = to_json(column, getattr(record, column.name))
            wanted[target] |= set(value) if isinstance(value, list) else {value}
    return {model: titles_of(model, numbers) for model, numbers in wanted.items()}


def _words(column: Column, record: Any, titles: Titles) -> Any:
    value = getattr(record, column.name)
    if isinstance(value, Labelled):
        return str(value.label)
    if column.kind is Kind.BILINGUAL:
        return in_language(value, str(get_locale()))
    if column.target is None or value is None:
        return None
    known = titles.get(column.target, {})
    plain_value = to_json(column, value)
    return (
        [known[each] for each in plain_value if each in known] if column.kind is Kind.LINKS else known.get(plain_value)
    )


def etag(record: Any) -> str | None:
    """The record's version as an entity tag; None for what has none."""
    version = getattr(record, "version", None)
    return f'"{version}"' if version is not None else None


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON."""
    return Response(json.dumps(body), status, dict(headers or {}), content_type="application/json")
