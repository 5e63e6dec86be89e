"""Longer texts that a department begins with (`policies/texts/`): an undertaking, what customers are told."""

from functools import cache
from typing import Any

from engine.packs.loader import FOLDER
from engine.packs.reading import Node, compose, read_file


@cache
def load_text(name: str) -> Any:  # noqa: ANN401 whatever the file holds
    """The content of `policies/texts/<name>.yaml`: mappings and texts. Raises PackRefused for a faulty file."""
    path = FOLDER / "texts" / f"{name}.yaml"
    return _plain(compose(read_file(path), path.name))


def _plain(node: Node) -> Any:  # noqa: ANN401 whatever the file holds
    if isinstance(node.value, dict):
        return {key: _plain(value) for key, value in node.value.items()}
    return node.value
