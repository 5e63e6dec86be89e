import re
import tomllib
from collections.abc import Iterator

import pytest

from tests.house.source import ROOT, at, ours

CODES = r"[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*"
LINT = re.compile(rf"#\s*noqa(?::\s*{CODES})?(?P<reason>.*)")
TYPES = re.compile(r"#\s*type:\s*ignore(?:\[[^]]*\])?(?P<reason>.*)")
SHORTEST_REASON = 4


def unexplained(line: str) -> bool:
    """Whether a line silences a check without saying why on the same line."""
    for pattern in (LINT, TYPES):
        found = pattern.search(line)
        if found and not reason(found["reason"]):
            return True
    return False


def reason(text: str) -> bool:
    """One reason serves both a type ignore and a lint ignore on the same line."""
    said = re.sub(rf"#\s*(?:noqa(?::\s*{CODES})?|type:\s*ignore(?:\[[^]]*\])?)", "", text)
    return len(said.strip(" #:-–—")) >= SHORTEST_REASON


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import os  # " + "noqa: F401", True),
        ("import os  # " + "noqa", True),
        ("import os  # " + "noqa: F401, E402", True),
        ("import os  # " + "noqa: F401 so", True),
        ("import os  # " + "noqa: F401 the tests reach it from here", False),
        ("x = y()  # type: " + "ignore[misc]", True),
        ("x = y()  # type: " + "ignore[misc]  # the library ships no types", False),
        ("x = y()  # type: " + "ignore[misc]  # " + "noqa: SLF001", True),
        ("x = y()  # type: " + "ignore[misc]  # " + "noqa: SLF001 the documented way", False),
        ("x = y()", False),
    ],
)
def test_unexplained_line(line: str, expected: bool) -> None:
    assert unexplained(line) is expected


def test_every_ignore_says_why() -> None:
    found = [
        at(path, number)
        for path in ours()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if unexplained(line)
    ]
    assert found == []


def configured() -> Iterator[str]:
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    yield from ruff["ignore"]
    for codes in ruff["per-file-ignores"].values():
        yield from codes


def test_every_configured_ignore_says_why() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    silent = [code for code in configured() if not any(re.search(rf'"{code}",\s*# \S', line) for line in lines)]
    assert silent == []
