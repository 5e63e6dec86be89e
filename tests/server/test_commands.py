"""`flask serve` as a person starts it: a process of its own, a real socket, real signals."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

import pytest
from sqlalchemy import NullPool, create_engine, text

from server.commands import terminal_language

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


class Running:
    """One `flask serve` and what it said so far."""

    def __init__(self, instance: Path, url: str | None = None, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("DUTYBOOK_", "DATABASE"))
        }
        environment |= {"DUTYBOOK_INSTANCE_DIR": str(instance), "DUTYBOOK_PORT": str(self.port)}
        environment |= {"DUTYBOOK_TICK_SECONDS": "1", "LC_ALL": "C.UTF-8", "DATABASE_URL": url or "", **settings}
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("flask"), "--app", "app", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def says(self, words: str, within: float = 90) -> bool:
        end = time.monotonic() + within
        while time.monotonic() < end:
            if any(words in line for line in self.lines):
                return True
            if self.process.poll() is not None:
                self.reader.join(5)
                return any(words in line for line in self.lines)
            time.sleep(0.05)
        return False

    def stop(self, signum: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(signum)
        return self.process.wait(30)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[type[Running]]:
    started: list[Running] = []

    def run(*args: object, **settings: str) -> Running:
        started.append(Running(tmp_path / "instance", *args, **settings))
        return started[-1]

    yield run
    for running in started:
        running.process.kill()
        running.process.wait()
        running.process.stdout.close()


def test_serve_from_nothing(start: type[Running], bare_database_url: str, database_kind: str, tmp_path: Path) -> None:
    url = None if database_kind == "sqlite" else bare_database_url
    running = start(url)
    assert running.says(f"http://127.0.0.1:{running.port}"), running.lines
    assert running.lines[0].startswith("==> Database: step 1 of")
    assert "Dutybook is at" in running.lines[-1]
    answer = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    answer.request("GET", "/")
    response = answer.getresponse()
    assert response.status < 500
    assert response.headers.get("Server") is None
    answer.close()

    engine = create_engine(url or f"sqlite:///{tmp_path}/instance/dutybook.sqlite", poolclass=NullPool)
    end = time.monotonic() + 15
    beats = 0
    while not beats and time.monotonic() < end:
        time.sleep(0.2)
        with engine.connect() as connection:
            beats = connection.scalar(text("SELECT count(*) FROM heartbeat"))
    assert beats == 1, running.lines

    assert running.stop() == 0
    modes = {path.name: S_IMODE(path.stat().st_mode) for path in (tmp_path / "instance").iterdir()}
    assert {name for name, mode in modes.items() if mode & 0o077} == set()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_Hans_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8", "LC_ALL": ""}, "zh_Hans_CN"),
    ],
)
def test_terminal_language(environment: dict[str, str], expected: str) -> None:
    assert terminal_language(environment) == expected


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_cleanly(start: type[Running], signum: signal.Signals) -> None:
    running = start()
    assert running.says("Dutybook is at")
    assert running.stop(signum) == 0
    assert running.says("Stopping")
    assert not any("Traceback" in line for line in running.lines)


def test_serve_says_that_the_port_is_taken(start: type[Running]) -> None:
    first = start()
    assert first.says("Dutybook is at")
    second = start(DUTYBOOK_PORT=str(first.port))
    assert second.says("D041")
    assert second.process.wait(30) == 1
    assert not any("Traceback" in line for line in second.lines)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"DUTYBOOK_DEMO": "true", "DUTYBOOK_HOST": "0.0.0.0"}, "D011"),
        ({"DUTYBOOK_HOST": "0.0.0.0"}, "D012"),
        ({"FLASK_DEBUG": "1"}, "D013"),
        ({"DATABASE_URL": "mysql://x/y"}, "D021"),
    ],
)
def test_serve_refuses_what_is_unsafe(start: type[Running], settings: dict[str, str], problem: str) -> None:
    url = settings.pop("DATABASE_URL", None)
    running = start(url, **settings)
    assert running.says(problem), running.lines
    assert running.process.wait(30) == 1
    assert not any("Traceback" in line for line in running.lines)
