"""Creating, changing and deleting: typed fields only, the version named, every broken clause said at once."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from api import idempotency
from api.bodies import json_object
from api.columns import Column, Kind
from api.door import PREFIX, pages
from api.entities import Offered
from api.problems import (
    BAD,
    METHOD,
    PRECONDITION,
    UNCONDITIONAL,
    UNPROCESSABLE,
    ProblemError,
    Said,
    on_error,
    wrong,
)
from api.reading import answer, etag, one, opened, plain, resource
from api.values import UnreadableError, from_json, to_json
from engine.acting import current_act
from engine.database import db
from engine.registry import registry
from engine.scope import criterion
from models.words import Words, _

CREATED, DONE = 201, 204
NOT_TYPED = _("This is filled in by the product and cannot be written.")
NOT_THEIRS = _("Your role does not allow you to write this field.")
NO_SUCH = _("There is no such field.")
LONGEST_TAG = 40


@pages.post("/<entity>")
def create(entity: str) -> ResponseReturnValue:
    """A new record."""
    found = resource(entity)
    _demand_way(found.offered().creatable)
    offered = opened(entity, "create", writing=True)
    body = json_object()

    def work() -> Callable[[], Response]:
        record = fresh(offered, body)
        db.session.add(record)
        db.session.flush()
        return lambda: made(offered, record)

    return written(work)


@pages.patch("/<entity>/<row:number>")
def change(entity: str, number: str) -> ResponseReturnValue:
    """The named fields of a record, as of the version that was read."""
    found = resource(entity)
    _demand_way(found.offered().editable)
    offered = opened(entity, "edit", writing=True)
    body = json_object()

    def work() -> Callable[[], Response]:
        record = one(offered, number, "edit")
        demand_version(offered, record, body)
        values = checked(offered, body, record)
        _set(record, values)
        db.session.flush()
        return lambda: stands(offered, record)

    return written(work)


@pages.delete("/<entity>/<row:number>")
def remove(entity: str, number: str) -> ResponseReturnValue:
    """Take a draft back. Records are closed or archived, not deleted: the gate says so."""
    found = resource(entity)
    _demand_way(found.deletable)
    offered = opened(entity, "delete", writing=True)

    def work() -> Callable[[], Response]:
        record = one(offered, number, "delete")
        demand_version(offered, record, {})
        db.session.delete(record)
        db.session.flush()
        return lambda: Response(status=DONE)

    return written(work)


def written(work: Callable[[], Callable[[], Response]]) -> Response:
    """Do the work in one transaction and answer it, once for each Idempotency-Key.

    `work` flushes and returns how the answer is made; that is asked when everything that follows from the work has
    been written too, just before the commit, and kept with it.
    """
    claim = idempotency.claimed()
    if isinstance(claim, Response):
        return claim
    try:
        return _committed(work, claim)
    except Exception as error:  # noqa: BLE001 whatever is raised is answered; the key must know of it
        response = on_error(error)
        if claim is not None:
            idempotency.settle(claim, response)
        return response


def _committed(work: Callable[[], Callable[[], Response]], claim: idempotency.Claim | None) -> Response:
    session, say = db.session(), work()
    found: list[Response] = []

    def keep(session: Session) -> None:
        if not session.in_nested_transaction() and not found:
            found.append(say())
            if claim is not None:
                idempotency.keep(session, claim, found[0])

    event.listen(session, "before_commit", keep)
    try:
        session.commit()
    finally:
        event.remove(session, "before_commit", keep)
    return found[0]


def made(offered: Offered, record: Any) -> Response:
    """The answer to a new record."""
    headers = {"Location": f"{PREFIX}/{offered.resource.name}/{record.id}", "ETag": etag(record) or ""}
    return answer(plain(offered, record), CREATED, headers)


def stands(offered: Offered, record: Any) -> Response:
    """The answer to a changed record: what it says now."""
    return answer(plain(offered, record), headers={"ETag": etag(record) or ""})


def fresh(offered: Offered, body: Mapping[str, Any]) -> Any:
    """A new record of what was sent, not yet in the session. Raises ProblemError with everything unreadable."""
    values = checked(offered, body, None)
    model = offered.resource.model
    with db.session.no_autoflush:
        record = model(**values)
        owner = model.__entity__.owner
        # Whose it is nobody types and nothing computes: whoever writes it.
        if owner is not None and _is_ones_own(offered, owner):
            setattr(record, owner, current_act().actor.staff_id)
    return record


def _is_ones_own(offered: Offered, owner: str) -> bool:
    model = offered.resource.model
    column = model.__mapper__.columns[owner]
    free = not registry.fills_for(model) and owner not in offered.resource.surface.typed
    return bool(free and not column.nullable and column.foreign_keys and not column.primary_key)


def checked(offered: Offered, body: Mapping[str, Any], record: Any | None) -> dict[str, Any]:
    """What was sent, typed. Raises ProblemError (422) that names every field that cannot be taken."""
    faults: list[Said] = []
    values = dict(_read(offered, body, faults))
    if record is None:
        needed = [c for name, c in offered.writable.items() if c.is_needed and name not in body]
        faults += [wrong(column.name, _("This is needed.")) for column in needed]
    faults += _unreachable(offered, values, record)
    if faults:
        raise ProblemError(UNPROCESSABLE, _("Nothing was saved: some fields cannot be taken."), faults)
    return _with_links(offered, values)


def _read(offered: Offered, body: Mapping[str, Any], faults: list[Said]) -> Iterator[tuple[str, Any]]:
    writable = offered.writable
    for name, value in body.items():
        if name not in writable:
            faults.append(wrong(name[:80], _why_not(offered, name)))
            continue
        try:
            yield name, from_json(writable[name], value)
        except UnreadableError as error:
            faults.append(wrong(name, error.sentence))


def _why_not(offered: Offered, name: str) -> Words:
    """A field that the caller sees nothing of is answered like one that is not there."""
    if name not in offered.shown:
        return NO_SUCH
    return NOT_THEIRS if name in offered.resource.surface.typed else NOT_TYPED


def _unreachable(offered: Offered, values: Mapping[str, Any], record: Any | None) -> Iterator[Said]:
    """Links to rows that the caller may not see or choose. What stood there may stay."""
    for name, value in values.items():
        column = offered.resource.columns[name]
        if column.target is None or value is None:
            continue
        asked = set(value) if isinstance(value, list) else {value}
        stood = to_json(column, getattr(record, name)) if record is not None else None
        fresh_ones = asked - (set(stood) if isinstance(stood, list) else {stood})
        if fresh_ones - _choosable(offered, column, fresh_ones):
            yield wrong(name, _("There is no such record that could be chosen."))


def _choosable(offered: Offered, column: Column, ids: set[int]) -> set[int]:
    model, narrow = column.target, offered.resource.surface.narrow.get(column.name)
    if model is None or not ids:
        return set()
    actor = current_act().actor
    scope = [] if actor.is_system else [criterion(model, actor)]
    conditions = [*scope, *(narrow() if narrow else ())]
    return set(db.session.scalars(select(model.id).where(model.id.in_(sorted(ids)), *conditions)))


def _with_links(offered: Offered, values: dict[str, Any]) -> dict[str, Any]:
    """The ids of several links as the records that they name."""
    for name, value in values.items():
        column = offered.resource.columns[name]
        if column.kind is Kind.LINKS and column.target is not None:
            values[name] = list(db.session.scalars(select(column.target).where(column.target.id.in_(value))))
    return values


def _set(record: Any, values: Mapping[str, Any]) -> None:
    with db.session.no_autoflush:
        for name, value in values.items():
            if getattr(record, name) != value:
                setattr(record, name, value)


def demand_version(offered: Offered, record: Any, body: Mapping[str, Any], *, needed: bool = True) -> None:
    """Raise ProblemError: 428 without a version, 400 for what is none, 412 with both versions for an older one."""
    text = request.headers.get("If-Match")
    if text is None or text.strip() == "*":
        if needed or text is not None:
            raise ProblemError(UNCONDITIONAL)
        return
    tag = text.strip().removeprefix("W/")
    if len(tag) > LONGEST_TAG or not (tag.startswith('"') and tag.endswith('"') and tag[1:-1].isdigit()):
        raise ProblemError(BAD, _('If-Match holds the ETag that was read, such as "3".'))
    if tag != etag(record):
        current = plain(offered, record)
        more = {"current": current, "yours": {name: body[name] for name in body if name in offered.writable}}
        headers = {"ETag": etag(record) or ""}
        raise ProblemError(PRECONDITION, headers=headers, more=more)


def _demand_way(there: bool) -> None:  # noqa: FBT001 says whether there is a way at all
    if not there:
        raise ProblemError(METHOD, _("Records of this kind are not written directly."), headers={"Allow": "GET"})
