"""Finds plugins from outside: folders dropped into `plugins/`, installed packages with the entry point `dutybook`."""

import importlib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

ENTRY_POINTS = "dutybook"
FOLDER = Path(__file__).parent.parent / "plugins"


def found(folder: Path = FOLDER) -> Iterator[object]:
    """Import and yield each plugin, folders first, by name. An import error of a plugin is not swallowed."""
    for init in sorted(folder.glob("*/__init__.py")):
        yield importlib.import_module(f"{folder.name}.{init.parent.name}")
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda e: e.name):
        yield entry.load()
