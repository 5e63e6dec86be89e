"""What the house tests read: our own files, as text and as syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("server", "admin_views", "api", "demonstration", "plugins", "engine", "models")


def files(*folders: str) -> list[Path]:
    """Every Python file below the folders, in order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def ours() -> list[Path]:
    """Every Python file that people wrote here."""
    return [ROOT / "app.py", *files(*LAYERS, "migrations", "tests")]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def at(path: Path, line: int) -> str:
    """A place as an editor opens it."""
    return f"{path.relative_to(ROOT)}:{line}"


def stems(folder: str) -> set[str]:
    """The domains in a folder: a file or a package each. What begins with an underscore serves all of them."""
    found = {path.stem for path in (ROOT / folder).glob("*.py")}
    found |= {path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}
    return {stem for stem in found if not stem.startswith("_")}


def imports(path: Path) -> Iterator[tuple[int, str, str]]:
    """Every import in a file: line, module, name (empty for a plain `import module`)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, node.module, alias.name) for alias in node.names)
