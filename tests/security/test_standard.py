import re
from collections import Counter

from tests.security.standard import PAGE, SIZES, STATUSES, page, places, requirements

SECTIONS = {
    "Log-in", "Uploads", "Limits", "Data", "Keys", "Connections", "Records of what happened", "Libraries",
    "An outside scanner",
}  # fmt: skip


def test_every_requirement_of_both_levels_is_there() -> None:
    found = Counter((row.chapter, row.level) for row in requirements() if row.level in {"1", "2"})
    assert found == Counter(
        {(chapter, level): n for chapter, levels in SIZES.items() for level, n in levels.items() if n}
    )
    assert Counter(row.level for row in requirements())["3"] >= 12
    ids = [row.id for row in requirements()]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"V\d+\.\d+\.\d+", each) for each in ids)
    assert ids == sorted(ids, key=lambda each: [int(part) for part in each[1:].split(".")])


def test_every_row_says_what_is_asked_and_how_it_stands() -> None:
    assert {row.status for row in requirements()} <= set(STATUSES)
    assert [row.id for row in requirements() if not row.asks] == []


def test_what_is_tested_names_tests_and_what_is_not_says_why() -> None:
    assert [row.id for row in requirements() if row.status == "tested" and not row.tests] == []
    assert [row.id for row in requirements() if row.status != "tested" and not row.why] == []


def test_every_named_test_is_there() -> None:
    """Some names stand in several files, one for each group of roles."""
    assert [f"{row.id}: {name}" for row in requirements() for name in row.tests if name not in places()] == []


def test_document_is_as_the_data_says() -> None:
    """After a change: `python -m tests.security.standard`."""
    said = PAGE.read_text(encoding="utf-8")
    assert said == page()
    assert set(re.findall(r"^## (.+)$", said, re.MULTILINE)) >= SECTIONS
    named = {name for row in requirements() for name in re.findall(r"“([^”]+)” in this document", row.why)}
    assert named <= SECTIONS
