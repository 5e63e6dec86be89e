"""Speed as ratios in one run: this product against itself at another size, and against the bare database.

Figures move with the machine, ratios much less. Nothing here passes or fails by a time; the table is what comes out.
"""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.database import db
from engine.gate.bypass import maintenance_write
from models.organisation import Channel, Post, Staff
from models.service_record import Origin, RecordState, ServiceRecord, Topic
from tests.bench.timing import timed
from tests.factories.accounts import account, sign_in
from tests.factories.quality import House, contact, house

pytestmark = pytest.mark.bench
SMALL, LARGE = 1_000, 100_000


@pytest.fixture
def at(app: Flask) -> Iterator[House]:
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        yield house(db.session())


def report(what: str, ratio: float, detail: str) -> None:
    print(f"\n| {what} | {ratio:.2f} | {detail} |")  # noqa: T201 a benchmark's table is its outcome


def rows(session: Session, first: int, last: int) -> list[dict[str, object]]:
    now, agent = clock.now(), session.scalars(select(Staff).where(Staff.post == Post.HOTLINE_AGENT)).first()
    assert agent is not None
    same = {
        "department_id": agent.department_id, "version": 1, "created_at": now, "updated_at": now,
        "origin": Origin.IMPORTED, "channel_id": session.scalar(select(Channel.id)), "agent_id": agent.id,
        "topic_id": session.scalar(select(Topic.id)), "team_id": agent.team_id, "answered": True,
        "state": RecordState.OPEN,
    }  # fmt: skip
    return [{**same, "number": f"B{n:07}", "occurred_at": now - timedelta(minutes=n)} for n in range(first, last)]


def fill(session: Session, first: int, last: int) -> None:
    with maintenance_write(session.connection()) as connection:
        connection.execute(insert(ServiceRecord), rows(session, first, last))
    session.commit()


def test_first_page_stays_flat_as_the_table_grows(app: Flask) -> None:
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        at = house(db.session())
        made = account(db.session(), at.lead)
        db.session.commit()
        db.session.refresh(made)
        db.session.expunge(made)
    client = sign_in(app.test_client(), made)

    def page_at(first: int, last: int) -> float:
        with app.app_context(), acting(SYSTEM, Door.COMMAND):
            fill(db.session(), first, last)
        assert client.get("/service_record/").status_code == 200
        return timed(lambda: client.get("/service_record/"))

    small, large = page_at(0, SMALL), page_at(SMALL, LARGE)
    report("first page, 100,000 rows against 1,000", large / small, f"{large * 1000:.0f} ms / {small * 1000:.0f} ms")


def test_writing_through_the_gate_against_a_bare_insert(at: House) -> None:
    session = db.session()
    count = 2_000

    def gated() -> float:
        begin = time.perf_counter()
        session.add_all(
            contact(at, f"G{n:07}", origin=Origin.IMPORTED, customer_name=None, customer_contact=None, question=None)
            for n in range(count)
        )
        session.commit()
        return time.perf_counter() - begin

    def bare() -> float:
        begin = time.perf_counter()
        fill(session, 0, count)
        return time.perf_counter() - begin

    through, past = gated(), bare()
    report(
        f"{count} records through the gate with audit, against a bare insert",
        through / past,
        f"{through:.2f} s / {past:.2f} s",
    )
