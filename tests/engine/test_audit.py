import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.audit import ChainKey, faults, note, plain
from engine.database import db
from models.audit import AuditEntry, AuditHead
from models.organisation import Post, StaffStatus
from tests.factories.organisation import actor_of, channel, department, staff
from tests.fixtures.rulebook import NOW


@pytest.fixture
def chain(session: Session) -> Session:
    """Six entries by three commits."""
    home = department(session)
    for first in range(3):
        channel(session, home, f"c{first}")
        channel(session, home, f"d{first}")
        session.commit()
    return session


def found(session: Session) -> list[tuple[int, str]]:
    session.expire_all()
    return [(fault.number, fault.what) for fault in faults(session)]


def tamper(session: Session, statement: str, **values: Any) -> None:
    """Somebody with the database in their hands, past its triggers."""
    disarm(session)
    session.execute(text(statement), values)
    session.commit()


def disarm(session: Session) -> None:
    """What only the owner of the database can do."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for trigger in session.scalars(
        text("SELECT name FROM sqlite_master WHERE name LIKE 'audit_%' AND type = 'trigger'")
    ):
        session.execute(text(f"DROP TRIGGER {trigger}"))


def test_chain_holds_as_it_was_written(chain: Session) -> None:
    assert found(chain) == []
    assert chain.scalars(select(AuditEntry.id).order_by(AuditEntry.id)).all() == [1, 2, 3, 4, 5, 6]


FIELDS = {
    "at": "2020-01-01 00:00:00.000000",
    "department_id": 9,
    "actor_id": 9,
    "door": "api",
    "action": "edit",
    "entity": "staff",
    "record_id": 99,
    "record_title": "x",
    "changes": "{}",
    "rules": '["x"]',
    "request_id": "x",
    "digest": "0" * 64,
}


def test_every_field_of_an_entry_is_covered(chain: Session) -> None:
    assert set(FIELDS) | {"id"} == {column.key for column in AuditEntry.__table__.columns}


@pytest.mark.parametrize("field", FIELDS)
def test_changed_field_is_found(chain: Session, field: str) -> None:
    tamper(chain, f"UPDATE audit_entry SET {field} = :value WHERE id = 3", value=FIELDS[field])
    assert (3, "changed") in found(chain)


def test_removed_entry_is_found(chain: Session) -> None:
    tamper(chain, "DELETE FROM audit_entry WHERE id = 3")
    assert found(chain)[:2] == [(3, "missing"), (4, "changed")]


def test_entries_in_another_order_are_found(chain: Session) -> None:
    for statement in ("SET id = 99 WHERE id = 2", "SET id = 2 WHERE id = 3", "SET id = 3 WHERE id = 99"):
        tamper(chain, f"UPDATE audit_entry {statement}")
    assert [number for number, what in found(chain) if what == "changed"][:2] == [2, 3]


def test_tail_that_was_cut_is_found(chain: Session) -> None:
    tamper(chain, "DELETE FROM audit_entry WHERE id > 4")
    assert found(chain) == [(5, "cut")]


def test_entry_that_was_made_up_is_found(chain: Session) -> None:
    tamper(
        chain,
        "INSERT INTO audit_entry SELECT 7, at, department_id, actor_id, door, action, entity, record_id, record_title, "
        "changes, rules, request_id, digest FROM audit_entry WHERE id = 6",
    )
    assert found(chain) == [(7, "changed"), (8, "cut")]


def test_everything_thrown_away_is_found(chain: Session) -> None:
    tamper(chain, "DELETE FROM audit_entry")
    assert found(chain) == [(1, "cut")]


def test_chain_under_another_key_does_not_hold(chain: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChainKey, "value", b"another key")
    assert found(chain)[0] == (1, "changed")


def test_entry_says_who_did_what_through_which_door(session: Session) -> None:
    home = department(session)
    manager = staff(session, home, Post.MANAGER)
    session.commit()
    with acting(actor_of(manager), Door.CELL, request_id="r1"):
        made = channel(session, home, "mail")
        session.commit()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.entity == "channel")).one()
    assert (entry.at, entry.actor_id, entry.door, entry.request_id) == (NOW, manager.id, "cell", "r1")
    assert (entry.action, entry.record_id, entry.record_title) == ("create", made.id, "mail")
    assert entry.changes["code"] == [None, "mail"]


def test_secret_fields_leave_only_that_they_changed(session: Session) -> None:
    home = department(session)
    person = staff(session, home, Post.MANAGER, status=StaffStatus.ON_POST)
    session.commit()
    person.phone = "13912345678"
    session.commit()
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.changes["phone"] for entry in entries] == [[None, "•"], ["•", "•"]]
    assert "139" not in str([entry.changes for entry in entries])


def test_note_of_work_that_was_rolled_back_is_gone(session: Session) -> None:
    note(session, "export", "staff", None, "all", {"rows": 12})
    session.rollback()
    session.commit()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0


def test_note_without_a_record_is_chained(session: Session) -> None:
    note(session, "export", "staff", None, "所有员工" * 100, {"rows": 12, "at": datetime(2026, 5, 4, tzinfo=UTC)})
    session.commit()
    entry = session.scalars(select(AuditEntry)).one()
    assert (len(entry.record_title), entry.changes) == (200, {"rows": 12, "at": "2026-05-04T00:00:00+00:00"})
    assert found(session) == []


def test_writers_at_once_keep_one_chain(app: Flask, session: Session) -> None:
    number = department(session).id
    session.commit()

    def write(worker: int) -> None:
        with app.app_context(), clock.fixed_at(NOW), acting(SYSTEM, Door.IMPORT):
            own = db.session()
            for each in range(5):
                note(own, "export", "staff", each, f"{worker}", department_id=number)
                own.commit()
            db.session.remove()

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)).all() == list(range(1, 21))
    assert session.scalars(select(AuditHead.last_id)).one() == 20
    assert found(session) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("4.10"), "4.10"),
        (StaffStatus.ON_POST, "on_post"),
        ({1: [Decimal(1)]}, {"1": ["1"]}),
        ((True, None), [True, None]),
    ],
)
def test_values_are_kept_exactly_in_json(value: Any, expected: Any) -> None:
    assert plain(value) == expected


def test_bytes_are_never_kept() -> None:
    assert "secret" not in plain(b"secret")


def test_verify_audit_says_yes_and_no(app: Flask, chain: Session) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["verify-audit"]).exit_code == 0
    tamper(chain, "UPDATE audit_entry SET action = 'edit' WHERE id = 3")
    tamper(chain, "DELETE FROM audit_entry WHERE id = 6")
    outcome = runner.invoke(args=["verify-audit"])
    assert outcome.exit_code == 1
    assert len(outcome.output.splitlines()) == 2
    assert "3" in outcome.output.splitlines()[0]
