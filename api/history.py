"""What happened to a record: who, when, through which door, before and after. Hidden fields stay hidden here too."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from api import changes, cursors, queries
from api.door import pages
from api.entities import Offered
from api.problems import BAD, ProblemError, wrong
from api.reading import answer, one, opened
from engine.acting import seeing_all
from engine.database import db
from engine.titles import titles_of
from models.audit import AuditEntry
from models.organisation import Staff
from models.words import _

PAGE = 50


@pages.get("/<entity>/<row:number>/history")
def history(entity: str, number: str) -> ResponseReturnValue:
    """A page of what the audit tells of the record, newest first."""
    offered = opened(entity, "read")
    queries.only(frozenset({"cursor"}))
    record = one(offered, number)
    about = f"history {entity} {record.id}"
    query = select(AuditEntry).where(
        AuditEntry.entity == entity, AuditEntry.record_id == record.id, AuditEntry.action != "denied"
    )
    if "cursor" in request.args:
        query = query.where(AuditEntry.id < _place(request.args["cursor"], about))
    entries = db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(PAGE + 1)).all()
    cursor = cursors.sealed([entries[PAGE - 1].id], about) if len(entries) > PAGE else None
    return answer({"items": _told(offered, entries[:PAGE]), "next": cursor})


def _place(text: str, about: str) -> int:
    found = cursors.opened(text, about)
    if len(found) != 1 or not isinstance(found[0], int):
        raise ProblemError(BAD, violations=[wrong("cursor", _("This cursor does not belong to this list."))])
    return found[0]


def _told(offered: Offered, entries: Sequence[AuditEntry]) -> list[dict[str, Any]]:
    with seeing_all():
        people = titles_of(Staff, {entry.actor_id for entry in entries})
    return [
        {
            "at": entry.at.isoformat().replace("+00:00", "Z"),
            "actor_id": entry.actor_id,
            "actor": people.get(entry.actor_id or 0),
            "door": entry.door,
            "action": entry.action,
            "changes": changes.seen(offered, entry.changes),
        }
        for entry in entries
    ]
