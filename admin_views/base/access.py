"""Who may open what: deny by default, one scoped way to find a row, and every refusal in the audit."""

from collections.abc import Iterable
from typing import Any, NoReturn

from flask import abort, request
from sqlalchemy import BigInteger, ColumnElement, inspect, select

from engine import audit
from engine.acting import Actor, NobodyActingError, Role, current_act, seeing_all
from engine.database import db
from engine.permissions import may, may_do_to
from engine.scope import criterion

FORBIDDEN, NOT_FOUND = 403, 404
SMALL, LARGE = 2**31 - 1, 2**63 - 1


def actor() -> Actor | None:
    """Whoever acts in this request; None when nobody has signed in."""
    try:
        return current_act().actor
    except NobodyActingError:
        return None


def allowed(entity: str, action: str) -> bool:
    """Whether whoever acts may do `action` to any rows of `entity`; nobody may do nothing."""
    who = actor()
    return who is not None and may(who, entity, action)


def reader_if(role: Role) -> int | None:
    """The staff id of whoever acts, if they hold the role."""
    who = current_act().actor
    return who.staff_id if role in who.roles else None


def deny(entity: str, action: str, record_id: int | None = None, *, status: int = FORBIDDEN) -> NoReturn:
    """Answer 403 (or 404 for a row that this person may not know of) and put the attempt into the audit."""
    note_denied(entity, action, record_id)
    abort(status)


def note_denied(entity: str, action: str, record_id: int | None = None) -> None:
    """Put the attempt into the audit, and nothing else that was under way."""
    if actor() is not None:
        db.session.rollback()
        audit.note(db.session(), "denied", entity, record_id, changes={"action": [None, action]})
        db.session.commit()


def row_id(text: str | None, model: type[Any]) -> int:
    """A primary key from a request. What cannot be one answers 404: it names no row."""
    column = inspect(model).primary_key[0]
    greatest = LARGE if isinstance(column.type, BigInteger) else SMALL
    if not text or not text.isascii() or not text.isdigit() or int(text[:20]) > greatest or len(text) > len(str(LARGE)):
        abort(NOT_FOUND)
    return int(text)


def one(model: type[Any], number: int, action: str = "read") -> Any:
    """The row. 404 for one that they may not read, as for none; 403 for one on which they may not do `action`."""
    who = current_act().actor
    found = db.session.scalars(select(model).where(model.id == number, *_readable(model, who))).one_or_none()
    if found is None:
        missed(model, [number], action)
    if action != "read" and not may_do_to(db.session(), who, action, found):
        deny(model.__tablename__, action, number)
    return found


def _readable(model: type[Any], who: Actor) -> list[ColumnElement[bool]]:
    return [] if who.is_system else [criterion(model, who, "read")]


def missed(model: type[Any], numbers: Iterable[int], action: str) -> NoReturn:
    """Answer 404. The audit alone tells a row that is hidden, which is noted, from one that is not there."""
    with seeing_all():
        hidden = db.session.scalar(select(model.id).where(model.id.in_(sorted(numbers))).order_by(model.id).limit(1))
    if hidden is None:
        abort(NOT_FOUND)
    deny(model.__tablename__, action, hidden, status=NOT_FOUND)


def requested_id(model: type[Any]) -> int:
    """The row that `?id=` names. Named twice, it names none."""
    values = request.args.getlist("id") or request.form.getlist("id")
    return row_id(values[0] if len(values) == 1 else None, model)
