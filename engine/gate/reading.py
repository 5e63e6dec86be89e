"""Refuses what a person would read past their scope: SQL that did not come through the session's entities."""

import re
from typing import Any

from sqlalchemy import Connection, Engine, event

from engine.acting import reader
from engine.errors import BypassError
from engine.gate.bypass import COMMENTS
from engine.scope import SCOPED, is_limited

READS = re.compile(r"[\s(]*(?:SELECT|WITH|TABLE|VALUES|EXPLAIN)\b", re.IGNORECASE)
SOURCES = re.compile(
    r"(?:\b(?:FROM|JOIN|TABLE)\s+(?:ONLY\s+)?(?:LATERAL\s+)?(?:[\"`\[]?\w+[\"`\]]?\s*\.\s*)?|,\s*)"
    r"[\"`\[]?\b(\w+)\b[\"`\]]?(?!\s*[.(])",
    re.IGNORECASE,
)
"""A table that a SELECT reads: behind FROM, JOIN or a comma, with or without its schema."""


def guard(engine: Engine) -> None:
    """Watch what is read through an engine while a person acts; the system and the engine's own eyes read freely."""
    event.listen(engine, "before_cursor_execute", _refuse)


def _refuse(connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:  # noqa: ANN401, ARG001, FBT001, PLR0913, PLR0917 SQLAlchemy's signature
    actor = reader()
    if actor is None or (context is not None and context.execution_options.get(SCOPED)):
        return
    plain = COMMENTS.sub(" ", statement) if "/*" in statement or "--" in statement else statement
    if not READS.match(plain):
        return
    for found in SOURCES.finditer(plain):
        if is_limited(found[1].lower(), actor):
            msg = f"{found[1]} is read past its scope: select the entity through the session, or look with seeing_all()"
            raise BypassError(msg)
