"""Starts schedulers quickly and kills them, for drills."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """One process that has everything imported and forks a scheduler on demand."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.alive: set[int] = set()
        self.kills = 0

    def start(self, failpoint: str = "", odds: int = 1) -> int:
        child = int(self._ask({"failpoint": failpoint, "odds": str(odds)}))
        self.alive.add(child)
        return child

    def kill(self, child: int) -> None:
        """Kill -9, or take note that it has killed itself."""
        os.kill(child, signal.SIGKILL)
        self._ask({"reap": str(child)})
        self.alive.discard(child)
        self.kills += 1

    def dead(self) -> list[int]:
        """Those that met their failpoint."""
        return [child for child in self.alive if _is_zombie(child)]

    def tell(self, order: dict[str, str]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _ask(self, order: dict[str, str]) -> str:
        self.tell(order)
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        assert answer, "the nursery has ended"
        return answer


def _is_zombie(child: int) -> bool:
    return Path(f"/proc/{child}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"


@contextmanager
def nursery(place: dict[str, str]) -> Iterator[Nursery]:
    command = [sys.executable, "-m", "tests.drills.scheduler"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        here = Nursery(process)
        here.tell(place)
        try:
            yield here
        finally:
            for child in list(here.alive):
                here.kill(child)
            assert process.stdin is not None
            process.stdin.close()
