"""Which tests prove a clause: those that carry `@pytest.mark.clause("ORG-1", …)`, found in their source."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2] / "tests"
MARK = "pytest.mark.clause"

Marked = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def proofs(folder: Path = TESTS) -> dict[str, list[str]]:
    """For each clause, its tests as pytest names them (`tests/…/test_x.py::test_y`), in order.

    A mark on a class or a module (`pytestmark`) holds for all of its tests. An installation without the tests answers
    nothing.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        file = path.relative_to(folder.parent).as_posix()
        module = ast.parse(path.read_text(encoding="utf-8"), filename=file)
        for name, clauses in _tests(module.body, file, _module_clauses(module)):
            for clause in sorted(clauses):
                found.setdefault(clause, []).append(name)
    return found


def _tests(body: Iterable[ast.stmt], prefix: str, inherited: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for node in body:
        if not isinstance(node, Marked):
            continue
        name = f"{prefix}::{node.name}"
        clauses = inherited.union(*(_clauses(mark) for mark in node.decorator_list))
        if isinstance(node, ast.ClassDef):
            yield from _tests(node.body, name, clauses)
        elif node.name.startswith("test_"):
            yield name, clauses


def _module_clauses(module: ast.Module) -> frozenset[str]:
    for node in module.body:
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "pytestmark" for target in node.targets):
            marks = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
            return frozenset().union(*(_clauses(mark) for mark in marks))
    return frozenset()


def _clauses(mark: ast.expr) -> frozenset[str]:
    if not isinstance(mark, ast.Call) or ast.unparse(mark.func) != MARK:
        return frozenset()
    return frozenset(arg.value for arg in mark.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
