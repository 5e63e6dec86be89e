"""Products in processes of their own, and the table that compares them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NAMES = ("ours", "flask_admin", "django")


class Contender:
    """One product in its process: what `tests.bench.contender` is told, and what it answers."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self, **asked: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


Contenders = Mapping[str, Contender]


@contextmanager
def contending(name: str, instance: Path, database: str) -> Iterator[Contender]:
    """A product that answers until the block ends."""
    command = [sys.executable, "-m", "tests.bench.contender", name, str(instance), database]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Contender(process)


def line(what: str, ratio: str, target: str, detail: str) -> None:
    """A line of a table."""
    print(f"| {what} | {ratio} | {target} | {detail} |")  # noqa: T201 a benchmark's table is its outcome


def against(what: str, seconds: Mapping[str, float], target: str) -> None:
    """A line of the table: ours against each of the others."""
    rivals = [name for name in seconds if name != "ours"]
    ratios = ", ".join(f"{seconds['ours'] / seconds[name]:.2f} of {name}" for name in rivals)
    line(what, ratios, target, " / ".join(f"{seconds[name] * 1000:.0f}" for name in seconds) + " ms")


def heading(title: str, detail: str) -> None:
    """The head of a table."""
    print()  # noqa: T201 the table begins on a line of its own
    line(title, "ratio", "to reach", detail)
    line("---", "---", "---", "---")
