"""A process that brings a database to the newest revision and kills itself before a given statement.

    python -m tests.drills.migrator INSTANCE URL        then a number a line: 0 lets it live

Everything is imported once; each order is done by a child, so that ten kills do not cost ten starts.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parents[2]


class Migrator:
    """Gives the orders."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, die_before: int = 0) -> bool:
        """Migrate; whether it was killed before that statement. Fails when it ends in any other way."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{die_before}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        assert answer in {"done", "killed"}, answer
        return answer == "killed"


@contextmanager
def migrator(instance: str, url: str) -> Iterator[Migrator]:
    command = [sys.executable, "-m", "tests.drills.migrator", instance, url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Migrator(process)
        assert process.stdin is not None
        process.stdin.close()


def _die_before(number: int) -> None:
    """Count the statements that change something: those of the migrations, not what Alembic asks first."""
    from sqlalchemy import Engine, event

    left = number

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        nonlocal left
        if statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE")):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)


def _work(app: "Flask", number: int) -> None:
    from server.migration import to_head

    if number:
        _die_before(number)
    with app.app_context():
        to_head(app, lambda _words: None)


def main() -> None:
    """Do each order in a child and answer how it ended."""
    from app import create_app
    from engine.config import Settings

    # The children have it made then; no connection is open yet that they would share.
    app = create_app(Settings(instance_dir=Path(sys.argv[1]), database_url=sys.argv[2]))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            try:
                _work(app, int(line))
            except BaseException:  # noqa: BLE001 the child ends here whatever it was; the parent says so
                sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]  # there is one
                os._exit(1)
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        ended = {0: "done", signal.SIGKILL: "killed"}.get(status, f"ended with {status}")
        print(ended, flush=True)  # noqa: T201 the answer on the pipe


if __name__ == "__main__":
    main()
