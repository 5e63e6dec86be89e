"""A file of 100,000 service records through the whole importer, against a bare INSERT of the same rows.

Every row passes the gate and gets its audit entry; the bare INSERT has neither. Both encrypt customers' fields.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.databases import Fresh

pytestmark = pytest.mark.bench
ROOT = Path(__file__).parents[2]
SMALL, LARGE = 10_000, 100_000


@pytest.fixture
def measurements(fresh_database: Fresh, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What a process of its own says for each size: what one leaves behind is no room for the other."""

    def measured(size: int) -> dict[str, Any]:
        folder = tmp_path / str(size)
        command = [sys.executable, "-m", "tests.bench.importing", str(folder), fresh_database(), str(size)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        figures: dict[str, Any] = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
        return figures

    return map(measured, (SMALL, LARGE))


def test_import_against_a_bare_insert(measurements: Iterator[dict[str, Any]], database_kind: str) -> None:
    found = list(measurements)
    assert [(each["rows"], each["faults"]) for each in found] == [(SMALL, 0), (LARGE, 0)]
    print(f"\n| {database_kind} | ratio | detail |")  # noqa: T201 a benchmark's table is its outcome
    for each in found:
        what, bare = f"{each['rows']:,} rows", each["bare"]
        _line(
            f"import of {what}, against a bare insert", each["import"] / bare, f"{each['import']:.1f} s / {bare:.1f} s"
        )
        _line(
            "the same, this process's own time",
            each["own"] / each["bare_own"],
            f"{each['own']:.1f} s / {each['bare_own']:.1f} s",
        )
        _line(f"trial of {what}, against a bare insert", each["trial"] / bare, f"{each['trial']:.1f} s / {bare:.1f} s")
    small, large = (each["peak"] for each in found)
    _line("peak memory above idle, ten times the rows", large / small, f"{large:.0f} MB / {small:.0f} MB")


def _line(what: str, ratio: float, detail: str) -> None:
    print(f"| {what} | {ratio:.2f} | {detail} |")  # noqa: T201 a benchmark's table is its outcome
