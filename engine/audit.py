"""The append-only chain: who did what, when, by which door, with before and after. Written with the work itself."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import current_act
from models.audit import AuditEntry, AuditHead

PENDING = "audit"
"""Key in `session.info`: entries to be chained just before the commit."""
GENESIS = "0" * 64
HEAD = 1
RETIRED = "retire"
"""The action of an entry that says how far older entries were removed, and from which digest the chain goes on."""
BATCH = 1000
PLAIN = frozenset({str, int, bool, type(None)})
"""What JSON holds as it is; their subclasses (enums) are looked at."""


class ChainKey:
    """The key under which links are made; set once at start-up, kept apart from the database."""

    value: bytes = b""


@dataclass(frozen=True)
class Entry:
    """An audit row before it gets its place in the chain."""

    at: datetime
    department_id: int | None
    actor_id: int | None
    door: str
    action: str
    entity: str
    record_id: int | None
    record_title: str
    changes: Mapping[str, Any]
    rules: Sequence[str]
    request_id: str


_CHAINED = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
"""How an entry is written down for its digest: every key, sorted."""


def note(  # noqa: PLR0913, PLR0917 an audit row has that many sides
    session: Session,
    action: str,
    entity: str,
    record_id: int | None,
    title: str = "",
    changes: Mapping[str, Any] | None = None,
    rules: Sequence[str] = (),
    department_id: int | None = None,
) -> None:
    """Record something that happened. It is committed with the work, or not at all. Secrets never go in."""
    note_plain(session, action, entity, record_id, title, plain(changes or {}), rules, department_id)


def note_plain(  # noqa: PLR0913, PLR0917 an audit row has that many sides
    session: Session,
    action: str,
    entity: str,
    record_id: int | None,
    title: str,
    changes: Mapping[str, Any],
    rules: Sequence[str],
    department_id: int | None,
) -> None:
    """The same for changes that are in JSON's words already."""
    act = current_act()
    entry = Entry(
        clock.now(),
        department_id or act.actor.department_id,
        act.actor.staff_id,
        act.door.value,
        action,
        entity,
        record_id,
        title[:200],
        changes,
        sorted(rules),
        act.request_id,
    )
    if not session.in_transaction():
        # Without a transaction a rollback would be heard by nobody, and the note outlive it.
        session.begin()
    session.info.setdefault(PENDING, []).append(entry)


def write_pending(session: Session) -> None:
    """Chain what was noted in this transaction. Runs just before the commit, so the head is locked only briefly."""
    entries: list[Entry] = session.info.pop(PENDING, [])
    if not entries:
        return
    connection = session.connection()
    # An update first, not a select: it takes the lock on both databases.
    longer = update(AuditHead).where(AuditHead.id == HEAD).values(last_id=AuditHead.last_id + len(entries))
    if connection.execute(longer).rowcount == 0:
        _begin_chain(connection)
        connection.execute(longer)
    last, digest = connection.execute(select(AuditHead.last_id, AuditHead.digest).where(AuditHead.id == HEAD)).one()
    rows = []
    for number, entry in enumerate(entries, start=last - len(entries) + 1):
        digest = link(digest, number, entry)
        rows.append({"id": number, **entry.__dict__, "digest": digest})
    connection.execute(insert(AuditEntry), rows)
    connection.execute(update(AuditHead).where(AuditHead.id == HEAD).values(digest=digest))


def _begin_chain(connection: Connection) -> None:
    """Make the head; of several first writers at once one does, and the others wait for it."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    head = dialect.insert(AuditHead).values(id=HEAD, last_id=0, digest=GENESIS)
    connection.execute(head.on_conflict_do_nothing())


def link(previous: str, number: int, entry: Entry) -> str:
    """The digest that ties an entry to everything before it."""
    content = {**entry.__dict__, "id": number, "at": entry.at.isoformat()}
    return hmac.digest(ChainKey.value, (previous + _CHAINED.encode(content)).encode(), "sha256").hex()


@dataclass(frozen=True)
class Fault:
    """Where the chain does not hold: the entry's number and what is wrong, as a code."""

    number: int
    what: str


def faults(session: Session) -> Iterator[Fault]:
    """Walk the whole chain. Finds changed fields, removed rows, reordering, a cut tail and a cut beginning."""
    digest, expected = _beginning(session)
    query = select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=BATCH)
    for row in session.scalars(query):
        if row.id != expected:
            yield Fault(expected, "missing")
        entry = Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})
        digest = link(digest, row.id, entry)
        if not hmac.compare_digest(digest.encode(), row.digest.encode()):
            yield Fault(row.id, "changed")
            digest = row.digest
        expected = row.id + 1
    head = session.get(AuditHead, HEAD, populate_existing=True)
    if head is None or (head.last_id, head.digest) != (expected - 1, digest):
        yield Fault(expected, "cut")


def _beginning(session: Session) -> tuple[str, int]:
    """Where the chain begins: with its first entry, or behind those that retention removed.

    What says so is an entry of the chain itself: a made-up one does not hold when the walk comes to it.
    """
    query = select(AuditEntry.changes).where(AuditEntry.entity == AuditEntry.__tablename__)
    said = session.scalars(query.where(AuditEntry.action == RETIRED).order_by(AuditEntry.id.desc()).limit(1)).first()
    try:
        return (str(said["digest"][1]), int(said["through"][1]) + 1) if said else (GENESIS, 1)
    except (KeyError, IndexError, TypeError, ValueError):
        return GENESIS, 1


def plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 whatever a column may hold, kind by kind
    """The same value in JSON's words, exactly: decimals and dates as text."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool | int | str | type(None)):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()[:16]
    return str(value)
