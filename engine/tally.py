"""How often each rule was kept and broken, by day: what the clause page counts."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import current_act
from engine.circumstances import zone_of
from engine.errors import Violation
from engine.rules import Rule
from models.audit import Refusal, RuleTally
from models.base import Record

KEPT = "rules_kept"
"""Key in `session.info`: how often each (department, rule, clause) was kept in this transaction."""
BROKEN = "rules_broken"
"""Key in `session.info`: refusals that outlive the transaction they stopped."""
Broken = tuple[dict[str, Any], date]
"""A refusal's columns and the day that it counts for."""


def count_kept(session: Session, record: Record, rules: Iterable[Rule]) -> None:
    """Count rules that a record's write has kept; stored with the commit."""
    counter: Counter[tuple[int, str, str]] = session.info.setdefault(KEPT, Counter())
    counter.update((record.department_id, rule.name, rule.clause) for rule in rules)


def count_broken(session: Session, violations: Iterable[Violation]) -> None:
    """Remember refusals; they are stored when the refused transaction has been rolled back."""
    act, now = current_act(), clock.now()
    for broken in violations:
        record = broken.record
        department = record.department_id if record is not None else act.actor.department_id
        row = {
            "at": now,
            "department_id": department,
            "actor_id": act.actor.staff_id,
            "door": act.door.value,
            "entity": record.__tablename__ if record is not None else "",
            "record_id": record.id if record is not None else None,
            "clause": broken.clause,
            "rule": broken.rule,
            "field": broken.field,
        }
        session.info.setdefault(BROKEN, []).append((row, _day(session, department)))


def write_kept(session: Session) -> None:
    """Store the counts of this transaction, just before its commit."""
    counter: Counter[tuple[int, str, str]] = session.info.pop(KEPT, Counter())
    rows = [
        _row(department, rule, clause, _day(session, department), kept=times)
        for (department, rule, clause), times in sorted(counter.items())
    ]
    if rows:
        _add(session.connection(), rows)


def write_broken(session: Session) -> None:
    """Store the refusals in a transaction of their own."""
    rows: list[Broken] = session.info.pop(BROKEN, [])
    if not rows:
        return
    bind = session.get_bind()
    engine = bind.engine if isinstance(bind, Connection) else bind
    with engine.begin() as connection:
        _store_broken(connection, rows)


def keep_broken(session: Session) -> None:
    """Store the refusals with the transaction under way, for a door that leaves them out and writes the rest."""
    if rows := session.info.pop(BROKEN, []):
        _store_broken(session.connection(), rows)


def _store_broken(connection: Connection, rows: list[Broken]) -> None:
    connection.execute(insert(Refusal), [row for row, _day in rows])
    counter = Counter(
        (row["department_id"], row["rule"], row["clause"], day) for row, day in rows if row["department_id"] is not None
    )
    counted = [_row(*key, broken=times) for key, times in sorted(counter.items())]
    if counted:
        _add(connection, counted)


def _day(session: Session, department_id: int | None) -> date:
    return clock.day_in(zone_of(session, department_id), clock.now())


def _row(  # noqa: PLR0913, PLR0917 a tally has that many sides
    department: int, rule: str, clause: str, day: date, kept: int = 0, broken: int = 0
) -> dict[str, Any]:
    return {"department_id": department, "rule": rule, "clause": clause, "day": day, "kept": kept, "broken": broken}


def _add(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Add to the counts, in one statement for all of them."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(RuleTally)
    added = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["department_id", "rule", "day"],
            set_={"kept": RuleTally.kept + added.kept, "broken": RuleTally.broken + added.broken},
        ),
        rows,
    )
