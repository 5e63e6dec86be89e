"""Records that go in at once leave the same behind as records that are flushed one by one."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Door, acting
from engine.audit import faults
from engine.errors import BypassError
from engine.gate import fresh
from engine.gate.review import complete
from engine.registry import registry
from engine.rules import CREATE
from engine.search.finding import holds
from models.audit import AuditEntry, Refusal, RuleTally
from models.organisation import Channel
from models.service_record import ServiceRecord
from tests.factories.organisation import actor_of
from tests.factories.quality import House, house

OWN = {"id", "number", "customer_name", "customer_contact"}
"""Columns in which every record differs, or every encryption does."""


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


def contacts(at: House, name: str, count: int = 3, **values: Any) -> list[ServiceRecord]:
    given = {
        "department_id": at.department.id,
        "channel_id": at.channel.id,
        "topic_id": at.topic.id,
        "agent_id": at.agent.id,
        "occurred_at": clock.now() - timedelta(days=1),
        "customer_name": "王芳",
        "customer_contact": "13800000000",
        "question": "怎么退货？",
    }
    return [ServiceRecord(number=f"{name}{number}", **(given | values)) for number in range(count)]


def at_once(session: Session, records: Sequence[ServiceRecord]) -> list[str]:
    """Write them; the rules that spoke against some."""
    complete(session, dict.fromkeys(records, CREATE))
    return [violation.rule for violation in fresh.write(session, records)]


def left_behind(session: Session, name: str) -> dict[str, Any]:
    """Everything that the records of this name left in the database, without what is each one's own."""
    rows = session.execute(select(ServiceRecord.__table__).where(ServiceRecord.number.startswith(name))).mappings()
    records = [{key: value for key, value in row.items() if key not in OWN} for row in rows]
    ids = list(session.scalars(select(ServiceRecord.id).where(ServiceRecord.number.startswith(name))))
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.entity == "service_record", AuditEntry.record_id.in_(ids))
    ).all()
    told = [(e.action, e.actor_id, e.door, e.rules, e.changes | {"number": None}) for e in entries]
    found = session.scalars(
        select(ServiceRecord.number).where(holds(session, ServiceRecord, ("number",), name), ServiceRecord.id.in_(ids))
    ).all()
    return {"records": records, "told": told, "found": len(found)}


def test_records_at_once_leave_what_a_flush_leaves(session: Session, at: House) -> None:
    with acting(actor_of(at.agent), Door.IMPORT):
        session.add_all(contacts(at, "FLUSHED"))
        session.commit()
        once = contacts(at, "AT-ONCE")
        assert at_once(session, once) == []
        session.commit()
    assert left_behind(session, "AT-ONCE") == left_behind(session, "FLUSHED")
    assert [record.id for record in once] == list(
        session.scalars(
            select(ServiceRecord.id).where(ServiceRecord.number.startswith("AT-ONCE")).order_by(ServiceRecord.id)
        )
    )
    kept = dict(session.execute(select(RuleTally.rule, RuleTally.kept)).all())
    assert kept["service_record.contact_has_happened"] == 6
    assert list(faults(session)) == []


def test_customer_rests_encrypted_and_is_found_by_the_fingerprint(session: Session, at: House) -> None:
    at_once(session, contacts(at, "A", 1))
    session.commit()
    stored = session.scalars(select(ServiceRecord)).one()
    assert (stored.customer_name, stored.customer_contact) == ("王芳", "13800000000")
    raw = session.connection().exec_driver_sql("SELECT customer_name FROM service_record").scalar_one()
    assert "王芳".encode() not in bytes(raw)
    flushed = contacts(at, "F", 1)[0]
    session.add(flushed)
    session.commit()
    assert stored.customer_contact_index == flushed.customer_contact_index is not None


@pytest.mark.clause("SVC-1")
def test_broken_ones_are_left_out_and_counted_once(session: Session, at: House) -> None:
    good, late = contacts(at, "A"), contacts(at, "L", 2, occurred_at=clock.now() + timedelta(days=1))
    assert at_once(session, [*good, *late]) == ["service_record.contact_has_happened"] * 2
    session.commit()
    assert session.scalars(select(ServiceRecord.number).order_by(ServiceRecord.id)).all() == ["A0", "A1", "A2"]
    assert session.scalars(select(Refusal.rule)).all() == ["service_record.contact_has_happened"] * 2
    assert [record.id for record in late] == [None, None]


def test_batch_of_broken_ones_writes_nothing(session: Session, at: House) -> None:
    at_once(session, contacts(at, "L", 2, occurred_at=clock.now() + timedelta(days=1)))
    session.commit()
    assert session.scalar(select(func.count()).select_from(ServiceRecord)) == 0


def test_what_was_written_at_once_is_rolled_back_with_its_audit(session: Session, at: House) -> None:
    before = session.scalar(select(func.count()).select_from(AuditEntry))
    at_once(session, contacts(at, "A"))
    session.rollback()
    session.commit()
    assert session.scalar(select(func.count()).select_from(ServiceRecord)) == 0
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_role_without_the_grant_writes_nothing_at_once(session: Session, at: House) -> None:
    with acting(actor_of(at.inspectors[0]), Door.IMPORT):
        assert at_once(session, contacts(at, "A", 1)) == ["gate.granted"]


def test_way_past_the_gate_is_shut_again(session: Session, at: House) -> None:
    at_once(session, contacts(at, "A"))
    with pytest.raises(BypassError):
        session.connection().exec_driver_sql("UPDATE service_record SET number = 'x'")


def test_entity_of_whose_records_more_comes_does_not_go_at_once(session: Session) -> None:
    assert fresh.goes_at_once(ServiceRecord)
    assert fresh.goes_at_once(Channel) == (not registry.duties_for(Channel) and not registry.afters_for(Channel))
    with_duties = {each for each in registry.entities.values() if registry.duties_for(each)}
    assert with_duties
    assert not any(fresh.goes_at_once(each) for each in with_duties)
    assert not any(fresh.goes_at_once(each) for each in registry.entities.values() if registry.afters_for(each))
