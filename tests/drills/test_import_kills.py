"""An import of 20,000 rows is killed again and again: no row is lost, none is there twice, the chain holds."""

import json
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.databases import Fresh

pytestmark = pytest.mark.drill
ROOT = Path(__file__).parents[2]
ROWS, KILLS = 100_000, 8
PLACES = ("import: before rows", "import: after rows", "import: before commit", "import: after commit")


@pytest.fixture
def importer(fresh_database: Fresh, tmp_path: Path) -> Callable[..., dict[str, Any] | None]:
    """Have a process do something; None when it was killed."""
    database = fresh_database()

    def ask(*work: object) -> dict[str, Any] | None:
        command = [sys.executable, "-m", "tests.drills.importer", str(tmp_path), database, *map(str, work)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        assert done.returncode in {0, -signal.SIGKILL}
        return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None

    return ask


@pytest.mark.clause("DAT-1")
def test_import_that_is_killed_takes_every_row_once(importer: Callable[..., dict[str, Any] | None]) -> None:
    chance = random.Random(1)
    importer("prepare", ROWS)
    come = 0
    for _kill in range(KILLS):
        assert importer("go", chance.choice(PLACES), chance.randrange(2, 12)) is None
        found = importer("look")
        assert found is not None
        # What is counted is there, and nothing else is: rows, audit and progress are one transaction.
        assert found["next"] == found["counts"][0] == found["records"] == found["told"] >= come
        assert (found["state"], found["faults"]) == ("running", 0)
        come = found["next"]
    assert 0 < come < ROWS
    whole = {"state": "finished", "next": ROWS, "records": ROWS, "told": ROWS, "faults": 0}
    assert importer("go") == whole | {"counts": [ROWS, 0, 0]}
    assert importer("again", ROWS) == whole | {"counts": [0, ROWS, 0]}
