"""Several web processes, schedulers and workers on one PostgreSQL are one: nothing is lost, nothing is doubled."""

import http.client
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import NullPool, create_engine, text

from tests.fixtures.mail import Mailbox
from tests.server.crew import Crew, crew

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
ROWS = 2000
PATIENCE = 60


@dataclass
class Installation:
    """A prepared database with a department, and a browser's cookie of its manager, who also is HR."""

    crew: Crew
    port: int
    url: str
    cookie: str
    import_id: int
    settings: dict[str, str]

    def get(self, path: str) -> tuple[int, str]:
        """On a connection of its own, so that any web process may take it."""
        return self._ask("GET", path, None)

    def post(self, path: str, **form: str) -> int:
        """With the token of the import's page, as the form sends it."""
        page = self.get(f"/import_job/details/?id={self.import_id}")[1]
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None, page[-2000:]
        return self._ask("POST", path, urlencode({"csrf_token": found[1], **form}))[0]

    def one(self, query: str) -> object:
        """A value from the database."""
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            return connection.scalar(text(query))

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": self.cookie, "Accept-Language": "en"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = response.status, response.read().decode()
        if body is None and (given := response.headers.get("Set-Cookie")):
            self.cookie = given.partition(";")[0]
        connection.close()
        return answer


def until(holds: Callable[[], object], within: float = PATIENCE) -> None:
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.fixture
def installation(bare_database_url: str, mailbox: Mailbox, tmp_path: Path) -> Iterator[Installation]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = {
        "DATABASE_URL": bare_database_url,
        "DUTYBOOK_DRILL_DAYS": "0",
        "DUTYBOOK_INSTANCE_DIR": str(tmp_path / "instance"),
        "DUTYBOOK_JOBS": "queue",
        "DUTYBOOK_JOB_THREADS": "1",
        "DUTYBOOK_LOG_FORMAT": "json",
        "DUTYBOOK_MAIL_FROM": "duty@example.org",
        "DUTYBOOK_PORT": str(port),
        "DUTYBOOK_SMTP_HOST": mailbox.host,
        "DUTYBOOK_SMTP_PORT": str(mailbox.port),
        "DUTYBOOK_SMTP_SECURITY": "none",
        "DUTYBOOK_THREADS": "4",
        "DUTYBOOK_TICK_SECONDS": "1",
        "DUTYBOOK_WEB_PROCESSES": "2",
    }
    with crew(tmp_path, settings) as people:
        cookie, number = seeded(bare_database_url, tmp_path / "instance")
        yield Installation(people, port, bare_database_url, cookie, number, settings)
        print("\n".join(people.lines()[-80:]))  # noqa: T201 shown where the test failed


def seeded(url: str, instance: Path) -> tuple[str, int]:
    """A department, a notice on its way by mail, a file mapped and ready to be tried; the manager's cookie."""
    from app import create_app
    from engine.accounts import sessions
    from engine.acting import SYSTEM, Door, Role, acting
    from engine.config import Settings
    from engine.database import db
    from models.accounts import Proof
    from tests.factories.accounts import HERE
    from tests.factories.importing import calls, importer, mapped, workbook
    from tests.factories.notification import preference, told
    from tests.factories.quality import house

    app = create_app(Settings(instance_dir=instance, database_url=url))
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        at = house(session)
        at.manager.email = "manager@example.org"
        who = importer(session, at.manager, Role.MANAGER, Role.HR)
        who.totp_secret = "JBSWY3DPEHPK3PXP"
        key = sessions.open_session(session, who, Proof.FULL, HERE)
        session.commit()
        number = mapped(session, who, at, workbook(calls([each.name for each in at.agents], ROWS))).id
        # The processes live in the real time, which may be night.
        preference(session, at.manager, quiet_from=None, quiet_until=None)
        told(session, at.manager)
        session.commit()
        db.engine.dispose()
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own has it
    value = signer.dumps({"_user_id": key, "_fresh": True})
    return f"{app.config['SESSION_COOKIE_NAME']}={value}", number


def is_up(here: Installation) -> bool:
    try:
        return here.get("/readyz")[0] == http.client.OK
    except OSError:
        return False


def state(here: Installation) -> object:
    return here.one(f"SELECT state FROM import_job WHERE id = {here.import_id}")


def importing_worker(here: Installation) -> int:
    """The process that has the import in hand; 0 while nobody has."""
    holder = str(here.one(f"SELECT holder FROM import_lease WHERE job_id = {here.import_id}") or "")
    return int(holder.split(":")[1]) if holder else 0


def test_two_of_each_are_one_installation(installation: Installation, mailbox: Mailbox) -> None:
    here = installation
    web = here.crew.start("web")
    for _twice in range(2):
        here.crew.start("scheduler")
        here.crew.start("worker")
    until(lambda: is_up(here))

    # One session, whichever process answers.
    assert {here.get("/import_job/")[0] for _request in range(20)} == {200}
    until(lambda: "dutybook_database_connections_most" in here.get("/metrics")[1])

    # A worker that dies in the middle of an import: another one goes on behind the last committed row.
    assert here.post(f"/import_job/try/?id={here.import_id}") == 303
    until(lambda: state(here) == "checked")
    assert here.post(f"/import_job/start/?id={here.import_id}", leave_out_refused="yes") == 303
    until(lambda: int(str(here.one(f"SELECT next_row FROM import_job WHERE id = {here.import_id}"))) > 0)
    victim = importing_worker(here)
    assert here.crew.alive.get(victim) == "worker", (victim, here.crew.alive)
    here.crew.kill(victim)
    assert state(here) == "running"

    # Meanwhile the web processes are replaced one by one, and no request is lost.
    statuses: list[object] = []
    replacing = threading.Event()
    asking = [threading.Thread(target=_ask_on, args=(here, statuses, replacing), daemon=True) for _number in range(3)]
    for thread in asking:
        thread.start()
    before = _booted(here)
    os.kill(web, signal.SIGHUP)
    until(lambda: _booted(here) >= before + 2)
    until(lambda: state(here) == "finished")
    replacing.set()
    for thread in asking:
        thread.join(30)
    assert set(statuses) == {200}

    assert here.one("SELECT count(*) FROM service_record") == ROWS
    assert here.one(f"SELECT rows_taken FROM import_job WHERE id = {here.import_id}") == ROWS
    assert here.one("SELECT count(*) FROM heartbeat") == 2
    until(lambda: len(mailbox.messages) == 1)
    until(lambda: here.one("SELECT count(*) FROM job WHERE state = 'waiting'") == 0)
    assert here.one("SELECT count(*) FROM job WHERE state = 'dead'") == 0
    assert here.crew.kill(web, signal.SIGTERM) == 0
    lines = [json.loads(line) for line in here.crew.lines() if line.startswith("{")]
    assert {line["route"] for line in lines if line["message"] == "request"} >= {"/import_job/", "/import_job/start/"}
    assert len(mailbox.messages) == 1


def _booted(here: Installation) -> int:
    return sum("Booting worker" in line for line in here.crew.lines())


def _ask_on(here: Installation, statuses: list[object], enough: threading.Event) -> None:
    while not enough.is_set():
        try:
            statuses.append(here.get("/healthz")[0])
            statuses.append(here.get("/notices/")[0])
        except OSError as error:
            statuses.append(repr(error))
