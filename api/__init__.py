"""The same entities as JSON over HTTP, for programs: thin, and behind the same gate, scope and masks as the screens.

- `door`: who calls (a token, never a cookie), in which language, how much of it
- `problems`: everything that can go wrong, as problem documents (RFC 9457)
- `entities`, `columns`: which entities and columns there are, for whoever calls
- `reading`, `queries`, `cursors`, `history`: lists, single records, what happened to one
- `writing`, `bulk`, `moves`: records and their states
- `bodies`, `idempotency`, `limits`: what is sent, how often, how much
- `document`, `describing`, `schemas`, `docs`: the OpenAPI document and its page, made from all of this
"""

from collections.abc import Mapping

from flask import Flask

from api import bulk, docs, document, door, history, index, moves, reading, writing
from api.entities import catalogue
from engine.surface import OFFERED, Surface

BUILT_IN: tuple[str, ...] = ("api.housekeeping",)
"""Modules that implement hooks."""

__all__ = ["BUILT_IN", "bulk", "docs", "document", "history", "index", "init_app", "moves", "reading", "writing"]


def init_app(app: Flask, surfaces: Mapping[str, Surface]) -> None:
    """Offer the entities under /api/v1, each as its screens declare it."""
    app.extensions[OFFERED] = catalogue(surfaces)
    door.init_app(app)
