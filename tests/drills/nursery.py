"""Starts schedulers quickly, kills and stops them."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
INSIDE_THE_SEND = frozenset({"before send", "after DATA", "before marking"})
"""Whoever is killed there may have handed a message over without having noted it."""


class Nursery:
    """One process that has everything imported and forks a scheduler on demand."""

    def __init__(self, process: subprocess.Popen[str], crumbs: Path) -> None:
        self._process, self._crumbs = process, crumbs
        self.alive: set[int] = set()
        self.killed_at: Counter[str] = Counter()
        self.usual: dict[str, Any] = {}

    @property
    def kills(self) -> int:
        return self.killed_at.total()

    @property
    def kills_inside_the_send(self) -> int:
        return sum(self.killed_at[place] for place in INSIDE_THE_SEND)

    @property
    def excuses(self) -> int:
        """How many messages may have come twice: somebody died inside the send, or was held up beyond its lease."""
        late = sum(path.stat().st_size for path in self._crumbs.glob("*.late"))
        return late + sum(self.killed_at[place] for place in INSIDE_THE_SEND)

    def start(self, failpoint: str = "", **order: Any) -> int:
        """A scheduler that works as `usual` says, but for what `order` says."""
        answer = self._ask({**self.usual, "crumbs": str(self._crumbs), "failpoint": failpoint, **order})
        self.alive.add(int(answer))
        return int(answer)

    def kill(self, child: int) -> None:
        """Kill -9, or take note that it has killed itself."""
        os.kill(child, signal.SIGKILL)
        self._ask({"reap": child})
        self.alive.discard(child)
        with suppress(FileNotFoundError):
            self.killed_at[(self._crumbs / str(child)).read_text(encoding="ascii").strip()] += 1

    def dead(self) -> list[int]:
        """Those that met their failpoint."""
        return [child for child in self.alive if state_of(child) == "Z"]

    def stopped(self) -> list[int]:
        """Those that stand still, by SIGSTOP."""
        return [child for child in self.alive if state_of(child) == "T"]

    def empty(self) -> None:
        """Nobody works any more, nothing is counted."""
        for child in list(self.alive):
            self.kill(child)
        self.killed_at.clear()
        for path in self._crumbs.iterdir():
            path.unlink()

    def tell(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        assert answer, "the nursery has ended"
        return answer

    def _ask(self, order: dict[str, Any]) -> str:
        self.tell(order)
        return self.answer()


def state_of(process: int) -> str:
    """One letter: R and S live, T stands still, Z is dead."""
    return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


@contextmanager
def nursery(instance: Path, database: str, crumbs: Path) -> Iterator[Nursery]:
    """A nursery for one database; its schedulers are killed at the end."""
    command = [sys.executable, "-m", "tests.drills.scheduler"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        here = Nursery(process, crumbs)
        here.tell({"instance": str(instance), "database": database})
        assert here.answer() == "ready\n"
        try:
            yield here
        finally:
            here.empty()
            assert process.stdin is not None
            process.stdin.close()
