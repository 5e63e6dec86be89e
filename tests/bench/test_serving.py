"""Real servers: two web processes against one, and how long the start takes on a database that is ready."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.acting import SYSTEM, Door, acting
from engine.database import db
from tests.bench.contending import ROOT, heading, line
from tests.bench.filling import MANAGER
from tests.factories.accounts import account, sign_in
from tests.factories.quality import contact, house

pytestmark = pytest.mark.bench
ROWS, READERS, SECONDS, PATIENCE = 1_000, 8, 10.0, 60.0
PAGE = "/service_record/"


@dataclass(frozen=True)
class Place:
    """An installation whose database is ready, and the cookie of a manager with a thousand records to look at."""

    instance: Path
    database: str
    headers: Mapping[str, str]

    @contextmanager
    def running(self, command: str, **more: str) -> Iterator[int]:
        """`flask web` or `flask serve`; its port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        with flask(command, self.instance, self.database, DUTYBOOK_PORT=str(port), **more) as process:
            yield port
            process.terminate()


def flask(command: str, instance: Path, database: str, **more: str) -> "subprocess.Popen[bytes]":
    settings = {"DUTYBOOK_INSTANCE_DIR": str(instance), "DATABASE_URL": database, "DUTYBOOK_LOG_FORMAT": "json"}
    words = [str(Path(sys.executable).with_name("flask")), "--app", "app", command]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(words, cwd=ROOT, env={**os.environ, **settings, **more}, stdout=quiet, stderr=quiet)


@pytest.fixture
def place(bare_database_url: str, tmp_path: Path) -> Place:
    from app import create_app
    from engine.config import Settings

    with flask("prepare", tmp_path, bare_database_url) as process:
        assert process.wait(PATIENCE) == 0
    app = create_app(Settings(instance_dir=tmp_path, database_url=bare_database_url))
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        at = house(session)
        session.add_all(contact(at, f"R{number:05}") for number in range(ROWS))
        manager = account(session, at.manager, login=MANAGER)
        manager.totp_secret = "JBSWY3DPEHPK3PXP"
        session.commit()
        session.refresh(manager)
        session.expunge(manager)
    name = app.config["SESSION_COOKIE_NAME"]
    held = sign_in(app.test_client(), manager).get_cookie(name)
    assert held is not None
    with app.app_context():
        db.engine.dispose()
    return Place(tmp_path, bare_database_url, {"Cookie": f"{name}={held.value}"})


def opened(port: int, page: str, headers: Mapping[str, str]) -> int | None:
    """The status of a page; None where nobody listens yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", page, headers=dict(headers))
        return connection.getresponse().status
    except ConnectionError:
        return None
    finally:
        connection.close()


def await_page(port: int, page: str, headers: Mapping[str, str]) -> None:
    end = time.monotonic() + PATIENCE
    while (status := opened(port, page, headers)) != http.client.OK:
        assert time.monotonic() < end, f"the server did not come up: {status}"
        time.sleep(0.05)


def pages_a_second(port: int, headers: Mapping[str, str]) -> float:
    """With several readers at once, each on a connection of its own."""
    counts = [0] * READERS
    await_page(port, PAGE, headers)
    end = time.monotonic() + SECONDS

    def read(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        while time.monotonic() < end:
            connection.request("GET", PAGE, headers=dict(headers))
            response = connection.getresponse()
            response.read()
            assert response.status == http.client.OK
            counts[number] += 1
        connection.close()

    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return sum(counts) / SECONDS


def test_two_processes_against_one(place: Place, database_kind: str) -> None:
    heading(f"{database_kind}, a list of 50 rows by gunicorn", "pages a second: two / one")
    found = {}
    for processes in (1, 2, 1, 2):
        with place.running("web", DUTYBOOK_WEB_PROCESSES=str(processes)) as port:
            found[processes] = max(found.get(processes, 0.0), pages_a_second(port, place.headers))
    line("two web processes against one", f"{found[2] / found[1]:.2f}", "1.7", f"{found[2]:.0f} / {found[1]:.0f}")


def test_start_until_the_first_page(place: Place, database_kind: str) -> None:
    def seconds() -> float:
        began = time.monotonic()
        with place.running("serve") as port:
            await_page(port, "/login", {})
            return time.monotonic() - began

    heading(f"{database_kind}, start", "")
    seconds()
    line("`flask serve` to the first page, database ready", "", "3 s", f"{min(seconds() for _turn in range(3)):.1f} s")
