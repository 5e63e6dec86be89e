from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.jobs.asking import enqueue
from engine.notices.pausing import pause_of, pause_sending
from models.audit import AuditEntry
from models.event_subscription import CallState, EventCall
from models.job import Job, JobState
from models.notification import PauseReason
from models.obligation import Heartbeat
from tests.factories.event_subscription import subscription
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


@pytest.mark.parametrize(("form", "state"), [({}, CallState.PENDING), ({"leave_out": "1"}, CallState.DEAD)])
def test_paused_sending_is_released_with_or_without_what_waits(
    session: Session, house: House, administrator: FlaskClient, form: dict[str, str], state: CallState
) -> None:
    listener = subscription(session, house.home)
    call = EventCall(subscription_id=listener.id, entry_id=1, event="team.create", not_before=clock.now())
    session.add(call)
    session.commit()
    assert "Release, and send" not in read(administrator, "/jobs/")
    pause_sending(session, PauseReason.RESTORED)
    session.commit()
    assert "Release, and send" in read(administrator, "/jobs/")
    assert send(administrator, "/jobs/release-sending", **form).status_code == 303
    session.expire_all()
    assert (pause_of(session), call.state) == (None, state)
    assert "Messages leave again." in read(administrator, "/jobs/")
    told = read(administrator, f"/event_subscription/details/?id={call.subscription_id}")
    assert ("It was left out when sending was released" in told) is bool(form)


def test_sending_is_released_by_administrators_alone(session: Session, house: House, browse: Browse) -> None:
    pause_sending(session, PauseReason.BY_HAND)
    session.commit()
    assert send(browse(house.manager, Role.AUDITOR), "/jobs/release-sending").status_code == 403
    session.expire_all()
    assert pause_of(session) is not None


def test_page_is_for_administrators(session: Session, house: House, browse: Browse) -> None:
    number = dead(session)
    manager = browse(house.manager)
    assert manager.get("/jobs/").status_code == 403
    assert send(manager, f"/jobs/{number}/again").status_code == 403
