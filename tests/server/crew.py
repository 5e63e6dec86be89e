"""Web, schedulers and workers as processes of their own: `python -m tests.server.crew`, told a line at a time.

Loading the program takes a process seconds, so one does it and forks the others, which then run the very functions
behind `flask web`, `flask scheduler` and `flask worker`. Dead workers are missed sooner than in real use.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEASE = timedelta(seconds=3)


class Crew:
    """The processes that were started, by what they do."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self.log = log
        self.alive: dict[int, str] = {}

    def start(self, role: str) -> int:
        """A `web` with its processes, a `scheduler` or a `worker`; the process id."""
        child = int(self._ask({"start": role}))
        self.alive[child] = role
        return child

    def kill(self, child: int, signum: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal that ends it; how it ended."""
        os.kill(child, signum)
        self.alive.pop(child, None)
        return int(self._ask({"reap": child}))

    def lines(self) -> list[str]:
        """What all of them wrote."""
        return self.log.read_text(encoding="utf-8").splitlines()

    def _ask(self, order: Mapping[str, object]) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the crew has ended: {self.log.read_text(encoding='utf-8')[-3000:]}"
        return answer


@contextmanager
def crew(folder: Path, settings: Mapping[str, str]) -> Iterator[Crew]:
    """A prepared installation and nobody at work yet."""
    log = folder / "crew.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DUTYBOOK_", "DATABASE"))}
    environment |= {**settings, "LC_ALL": "C.UTF-8", "PROMETHEUS_MULTIPROC_DIR": tempfile.mkdtemp(dir=folder)}
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "tests.server.crew"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        here = Crew(process, log)
        here._ask({"prepare": True})
        try:
            yield here
        finally:
            for child, role in list(here.alive.items()):
                here.kill(child, signal.SIGTERM if role == "web" else signal.SIGKILL)
            assert process.stdin is not None
            process.stdin.close()


def _run(role: str) -> None:
    """What the command of that name does, in a process that has everything loaded."""
    sys.stdin.close()
    os.dup2(2, 1)
    from engine.importing import lease
    from engine.jobs import claiming
    from server import bench, queue

    claiming.LEASE = bench.LEASE = lease.LENGTH = LEASE
    queue.GRACE = timedelta(seconds=1)
    if role == "web":
        from gunicorn.app.wsgiapp import WSGIApplication

        sys.argv = ["gunicorn", "--config", str(ROOT / "gunicorn.conf.py")]
        WSGIApplication("%(prog)s").run()
        return
    from app import create_app
    from server import commands

    app = create_app()
    with app.app_context():
        {"scheduler": commands._scheduler, "worker": commands._worker}[role](app, app.config["DUTYBOOK"])


def _prepare() -> None:
    from app import create_app
    from server import commands

    app = create_app()
    with app.app_context():
        commands._prepare(app, app.config["DUTYBOOK"])


def _in_child(work: object, *args: object) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work(*args)  # type: ignore[operator]  # a function of this module
    except SystemExit as error:
        os._exit(error.code if isinstance(error.code, int) else 1)
    except BaseException:  # noqa: BLE001 whatever it was is written down, and the fork must not go on as its parent
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Answer each order in a line."""
    import app  # noqa: F401 loaded once for all
    import server.commands  # noqa: F401 the same

    for line in sys.stdin:
        order = json.loads(line)
        if "reap" in order:
            _pid, status = os.waitpid(int(order["reap"]), 0)
            answer = os.waitstatus_to_exitcode(status)
        elif "prepare" in order:
            _pid, answer = os.waitpid(_in_child(_prepare_quietly), 0)
        else:
            answer = _in_child(_run, order["start"])
        print(answer, flush=True)  # noqa: T201 the answer on the pipe


def _prepare_quietly() -> None:
    os.dup2(2, 1)
    _prepare()


if __name__ == "__main__":
    main()
