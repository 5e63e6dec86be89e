"""Places where a drill may kill the process. Nothing happens here unless a test sets `observer`."""

from collections.abc import Callable

observer: Callable[[str], None] | None = None
"""Told of every place passed; only tests set it."""


def reached(place: str) -> None:
    """Say that the work has come as far as `place`."""
    if observer is not None:
        observer(place)
