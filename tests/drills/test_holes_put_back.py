"""Each hole that stock Flask-Admin leaves open is put back, and its own test has to break."""

import os
import subprocess
import sys

import pytest

from tests.drills.openings import HOLE, OPENINGS
from tests.house.source import ROOT, tree

FILES = ("tests/house/test_holes.py", "tests/house/test_holes_in_writing.py")


def with_a_test() -> set[str]:
    """The holes that have a test of their own."""
    names = {getattr(node, "name", "") for file in FILES for node in tree(ROOT / file).body}
    return {name.split("_")[1] for name in names if name.startswith("test_h")}


def test_every_hole_can_be_put_back() -> None:
    holes = {f"h{number}" for number in range(1, 25)}
    assert set(OPENINGS) == holes
    assert with_a_test() == holes


@pytest.mark.drill
@pytest.mark.parametrize("hole", OPENINGS)
def test_hole_put_back_breaks_its_test(hole: str) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "tests.drills.openings", "-p", "no:cacheprovider", "-q", "-x"]
    done = subprocess.run(
        [*command, "--database=sqlite", "-k", f"test_{hole}_", *FILES],
        cwd=ROOT,
        env={**os.environ, HOLE: hole},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
    assert "FAILED tests/house/" in done.stdout
