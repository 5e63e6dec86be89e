from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.jobs.asking import enqueue
from models.audit import AuditEntry
from models.job import Job, JobState
from models.obligation import Heartbeat
from tests.factories.pages import in_english, read, send
from tests.fixtures.crew import Browse
from tests.fixtures.house import House


@pytest.fixture
def administrator(house: House, browse: Browse) -> FlaskClient:
    return in_english(browse(house.manager, Role.ADMINISTRATOR))


def dead(session: Session) -> int:
    number = enqueue(session, "import", "import:1", {"job": 1})
    job = session.get_one(Job, number)
    job.state, job.error, job.attempts, job.ended_at = JobState.DEAD, "RuntimeError", 5, clock.now()
    session.commit()
    return number


def test_empty_page_says_what_comes_and_that_no_scheduler_runs(administrator: FlaskClient) -> None:
    page = read(administrator, "/jobs/")
    assert "Nothing was asked for yet" in page
    assert "No scheduler has ever been heard of" in page


def test_page_shows_what_waits_runs_and_was_given_up(session: Session, administrator: FlaskClient) -> None:
    dead(session)
    enqueue(session, "send.mail", "send.mail")
    running = session.get_one(Job, enqueue(session, "import", "import:2", {"job": 2}))
    running.leased_until, running.done, running.total = clock.now() + timedelta(days=9999), 500, 2000
    session.add(Heartbeat(name="machine:7", beat_at=clock.now() - timedelta(minutes=5)))
    session.commit()
    page = read(administrator, "/jobs/")
    for words in ("1 being done", "1 waiting", "1 given up", "Sending of mail", "500 / 2,000", "RuntimeError"):
        assert words in page
    assert "machine:7" in page
    assert "Import of a file" in page


def test_given_up_work_is_tried_again_once(session: Session, administrator: FlaskClient) -> None:
    number = dead(session)
    assert send(administrator, f"/jobs/{number}/again").status_code == 303
    assert "It is tried again." in read(administrator, "/jobs/")
    assert send(administrator, f"/jobs/{number}/again").status_code == 303
    assert "somebody else has decided already" in read(administrator, "/jobs/")
    session.expire_all()
    states = session.scalars(select(Job.state).order_by(Job.id)).all()
    assert states == [JobState.DROPPED, JobState.WAITING]
    assert session.scalars(select(AuditEntry.action).where(AuditEntry.entity == "job")).first() == "revive"


def test_given_up_work_is_left_undone(session: Session, administrator: FlaskClient) -> None:
    number = dead(session)
    assert send(administrator, f"/jobs/{number}/drop").status_code == 303
    session.expire_all()
    assert session.get_one(Job, number).state is JobState.DROPPED


def test_page_is_for_administrators(session: Session, house: House, browse: Browse) -> None:
    number = dead(session)
    manager = browse(house.manager)
    assert manager.get("/jobs/").status_code == 403
    assert send(manager, f"/jobs/{number}/again").status_code == 403
