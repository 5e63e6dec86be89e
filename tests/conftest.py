"""Loads every file in tests/fixtures: a new fixture needs a file there and nothing here."""

from pathlib import Path

pytest_plugins = [f"tests.fixtures.{path.stem}" for path in sorted(Path(__file__).parent.glob("fixtures/[a-z]*.py"))]
