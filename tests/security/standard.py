"""The OWASP Application Security Verification Standard 5.0, levels 1 and 2, row by row: `docs/asvs.csv`.

`python -m tests.security.standard` writes the table anew into `docs/security.md`.
"""

import ast
import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from tests.house.source import ROOT, files, tree

DATA, PAGE = ROOT / "docs/asvs.csv", ROOT / "docs/security.md"
BEGIN, END = "<!-- asvs -->\n", "<!-- /asvs -->"
SIZES: Mapping[str, Mapping[str, int]] = {
    "V1": {"1": 8, "2": 19}, "V2": {"1": 4, "2": 7}, "V3": {"1": 8, "2": 11}, "V4": {"1": 2, "2": 8},
    "V5": {"1": 4, "2": 5}, "V6": {"1": 13, "2": 22}, "V7": {"1": 6, "2": 12}, "V8": {"1": 4, "2": 3},
    "V9": {"1": 4, "2": 3}, "V10": {"1": 5, "2": 24}, "V11": {"1": 3, "2": 11}, "V12": {"1": 3, "2": 6},
    "V13": {"1": 1, "2": 12}, "V14": {"1": 2, "2": 7}, "V15": {"1": 3, "2": 10}, "V16": {"1": 0, "2": 16},
    "V17": {"1": 0, "2": 7},
}  # fmt: skip
"""How many requirements of each level the standard's chapters have: 70 and 183 together."""
STATUSES = ("tested", "n/a", "waived")


@dataclass(frozen=True)
class Requirement:
    """One row. `asks` is what it comes to, in words of our own; `why` says why it is not tested, or what to know."""

    id: str
    level: str
    asks: str
    status: str
    why: str
    tests: tuple[str, ...]

    @property
    def chapter(self) -> str:
        """`V1` of `V1.2.3`."""
        return self.id.partition(".")[0]


def requirements() -> list[Requirement]:
    """All rows, in the standard's order."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return [Requirement(**(row | {"tests": tuple(row["tests"].split())})) for row in csv.DictReader(file)]  # type: ignore[arg-type]  # tests is a tuple


@cache
def places() -> Mapping[str, tuple[str, ...]]:
    """In which files of ours each test stands."""
    found: dict[str, list[str]] = {}
    for path in files("tests"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())
    return {name: tuple(where) for name, where in found.items()}


def as_markdown() -> str:
    """The table of the page."""
    rows = requirements()
    count = Counter((row.level, row.status) for row in rows)
    lines = ["| level | " + " | ".join(STATUSES) + " |", "| --- | --- | --- | --- |"]
    lines += [f"| {n} | " + " | ".join(str(count[n, status]) for status in STATUSES) + " |" for n in ("1", "2", "3")]
    lines += ["", "| id | level | asks | | tests, or why not |", "| --- | --- | --- | --- | --- |"]
    lines += [_line(row) for row in rows]
    return "\n".join(lines) + "\n"


def _line(row: Requirement) -> str:
    proof = ". ".join(filter(None, [row.why, ", ".join(_links(row))]))
    return f"| {row.id} | {row.level} | {row.asks} | {row.status} | {proof} |"


def _links(row: Requirement) -> Iterator[str]:
    for name in row.tests:
        where = places().get(name, ("?",))[0]
        yield f"[{name.removeprefix('test_').replace('_', ' ')}](../{where})"


def page() -> str:
    """The whole page, its table made anew."""
    before, _begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}{as_markdown()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
