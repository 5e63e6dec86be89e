"""Two people, one record: the second is told, sees both versions side by side, and loses nothing of what they typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import select

from admin_views import formats
from engine.acting import seeing_all
from engine.database import db
from models.audit import AuditEntry
from models.base import Record
from models.organisation import Staff

VERSION = "version"
"""The hidden field that says which version of the record a form was made from."""


@dataclass(frozen=True)
class Difference:
    """One field that reads differently in the two versions."""

    label: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Conflict:
    """Who was faster, when, and where the two versions differ."""

    who: str
    when: Any
    differences: Sequence[Difference]


def is_stale(record: Any, name: str = VERSION) -> bool:
    """Whether the form was made from an older version. One that does not say which counts as old."""
    return isinstance(record, Record) and request.form.get(name, "") != str(record.version)


def compare(record: Any, labels: Mapping[str, Any], mine: Mapping[str, str], theirs: Mapping[str, str]) -> Conflict:
    """Set the two versions side by side, field by field, both already in words."""
    differences = [
        Difference(str(labels[name]), mine[name], theirs[name])
        for name in mine
        if name in theirs and mine[name] != theirs[name]
    ]
    return Conflict(*last_change(record), differences)


def last_change(record: Any) -> tuple[str, Any]:
    """Who changed the record last, and when."""
    entry = db.session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.entity == record.__tablename__, AuditEntry.record_id == record.id, AuditEntry.action != "denied"
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    if entry is None:
        return formats.NOTHING, record.updated_at
    with seeing_all():
        person = db.session.get(Staff, entry.actor_id) if entry.actor_id else None
    return person.label if person else formats.NOTHING, entry.at
