"""The README's table of hooks is what the code says, and every hook is shown at work by a test named after it."""

import ast

from engine.commands.hooks import BEGIN, END, as_markdown, contracts
from tests.house.source import ROOT, files, tree


def test_readme_lists_the_hooks_as_they_are() -> None:
    """After a change: `flask hooks --markdown` prints what belongs between the two marks."""
    _before, _mark, rest = (ROOT / "README.md").read_text(encoding="utf-8").partition(BEGIN)
    table, _mark, _after = rest.partition(END)
    assert table.strip() == as_markdown()


def test_every_hook_says_what_it_is_for() -> None:
    assert [signature for signature, says in contracts() if not says.endswith(".")] == []


def test_every_hook_is_shown_at_work() -> None:
    shown = {
        node.name
        for path in files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_hook_")
    }
    wanted = {f"test_hook_{signature.partition('(')[0]}" for signature, _says in contracts()}
    assert sorted(name for name in wanted if not any(each.startswith(name) for each in shown)) == []
