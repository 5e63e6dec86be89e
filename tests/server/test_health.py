"""What supervisors and collectors are told, and what they are not."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.config import Settings
from engine.jobs.asking import enqueue
from engine.jobs.claiming import claim
from models.job import Job, JobState, Lane
from models.obligation import Heartbeat, ObligationState
from server import figures, health
from tests.factories import organisation as make
from tests.factories.notification import told
from tests.factories.obligation import obligation


@pytest.fixture
def migrated(app: Flask) -> Iterator[Flask]:
    """The test's database has its schema from the models; here it says so."""
    from engine.database import db
    from server.migration import _heads

    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
            (head,) = _heads(app)
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
        yield app
        with db.engine.begin() as connection:
            connection.execute(text("DROP TABLE alembic_version"))


@pytest.fixture
def settings(app: Flask) -> Iterator[dict[str, object]]:
    """Change what the application is set to, for one test."""
    before, changed = app.config["DUTYBOOK"], {}

    class Changed(dict[str, object]):
        def __setitem__(self, name: str, value: object) -> None:
            changed[name] = value
            app.config["DUTYBOOK"] = before.model_copy(update=changed)

    yield Changed()
    app.config["DUTYBOOK"] = before


def beat(session: Session, age: timedelta) -> None:
    session.add(Heartbeat(name="one", beat_at=clock.now() - age))
    session.commit()


def test_alive_needs_no_database(client: FlaskClient, settings: dict[str, object]) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
    assert "Set-Cookie" not in answer.headers


def test_ready_says_each_check(migrated: Flask, session: Session, client: FlaskClient) -> None:
    beat(session, timedelta())
    answer = client.get("/readyz")
    checks = {"database": "ok", "migrations": "ok", "scheduler": "ok", "disk": "ok"}
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok", "checks": checks})


def test_not_ready_before_the_migrations(session: Session, client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["migrations"]) == (503, "fails")


def test_silent_scheduler_elsewhere_is_told_and_closes_no_door(
    migrated: Flask, session: Session, client: FlaskClient
) -> None:
    beat(session, timedelta(minutes=5))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["scheduler"]) == (200, "stale")


def test_silent_scheduler_of_this_process_closes_it(migrated: Flask, session: Session, client: FlaskClient) -> None:
    beat(session, timedelta(minutes=5))
    migrated.extensions[health.TICKS_HERE] = True
    try:
        answer = client.get("/readyz")
    finally:
        del migrated.extensions[health.TICKS_HERE]
    assert (answer.status_code, answer.get_json()["checks"]["scheduler"]) == (503, "fails")


def test_not_ready_on_a_full_disk(
    migrated: Flask, session: Session, client: FlaskClient, settings: dict[str, object]
) -> None:
    beat(session, timedelta())
    settings["least_disk"] = 10**9
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["disk"]) == (503, "fails")


@pytest.mark.sqlite
def test_not_ready_without_the_database(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    from engine.database import db

    with app.app_context():
        db.engine.dispose()
        file = Path(str(db.engine.url.database))
    file.rename(tmp_path / "away")
    file.mkdir()
    try:
        answer = client.get("/readyz")
    finally:
        file.rmdir()
        (tmp_path / "away").rename(file)
    assert (answer.status_code, answer.get_json()["checks"]["database"]) == (503, "fails")
    assert client.get("/healthz").status_code == 200


def test_metrics_are_for_this_machine_alone(client: FlaskClient, settings: dict[str, object]) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 403
    settings["proxies"] = 1
    assert client.get("/metrics").status_code == 403


def test_metrics_elsewhere_need_the_token(client: FlaskClient, settings: dict[str, object]) -> None:
    settings["metrics_token"] = Settings(metrics_token="a" * 30).metrics_token
    shown = {"Authorization": f"Bearer {'a' * 30}"}
    assert client.get("/metrics", headers=shown, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer aaa"}).status_code == 403
    assert client.get("/metrics").status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_machines_ask_by_any_name(client: FlaskClient, path: str) -> None:
    """A collector calls the machine, not the site; for pages the name has to be ours."""
    assert client.get(path, headers={"Host": "10.1.2.3:8000"}).status_code != 400
    assert client.get("/", headers={"Host": "10.1.2.3:8000"}).status_code == 400


def test_figures_tell_what_waits(session: Session) -> None:
    home = make.department(session)
    manager = make.staff(session, home, make.Post.MANAGER)
    manager.email = "m@example.org"
    obligation(session, home, clock.now() - timedelta(minutes=2))
    obligation(session, home, clock.now() - timedelta(days=2)).state = ObligationState.OVERDUE
    told(session, manager)
    enqueue(session, "import", "a", {"job": 1})
    enqueue(session, "import", "b", {"job": 2})
    enqueue(session, "send.mail", "c")
    session.flush()
    assert claim(session, [Lane.LONG], clock.now()) is not None
    session.commit()
    session.get_one(Job, 3).state = JobState.DEAD
    session.commit()
    found = {
        (figure.name, *labels): value
        for figure in figures.read(session, clock.now())
        for labels, value in figure.values
    }
    assert found["obligations", "open"] == 1
    assert found["obligations", "overdue"] == 1
    assert found["oldest_undone_seconds", "obligation"] == 120
    assert found["outbox", "delivery", "pending"] == 1
    assert found["outbox", "delivery", "dead"] == 0
    assert found["jobs", "import", "running"] == 1
    assert found["jobs", "import", "waiting"] == 1
    assert found["jobs", "send.mail", "dead"] == 1
    assert found["heartbeat_age_seconds",] == float("inf")
    beat(session, timedelta(seconds=7))
    assert figures.heartbeat_age(session, clock.now()) == timedelta(seconds=7)


def test_metrics_count_requests_by_route_and_name_nobody(session: Session, client: FlaskClient) -> None:
    with acting(SYSTEM, Door.COMMAND):
        home = make.department(session)
        make.staff(session, home, make.Post.MANAGER, name="王小明")
        session.commit()
    client.get("/staff/details/?id=4711&search=王小明", buffered=True)
    client.get("/no/such/place/13800138000", buffered=True)
    body = client.get("/metrics").get_data(as_text=True)
    assert 'dutybook_requests_total{method="GET",route="/staff/details/",status="303"}' in body
    assert re.search(r'route="\(none\)",status="(303|404)"', body)
    assert "4711" not in body
    assert "13800138000" not in body
    assert "王小明" not in body
