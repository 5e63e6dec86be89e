"""Log lines: JSON for programs, plain ones for a terminal; never a person's data, always one line each.

The standard library's logging, because every library under us already speaks it; what is ours is the form of a line.
Only a record's own message, a few named fields and the places of a stack are written. What an exception says is left
out (a database's error quotes values, a parser's the cell), and so is every address: the route stands for it.
"""

import json
import logging
import logging.config
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from engine.acting import tie
from engine.config import Settings

FIELDS = ("method", "route", "status", "seconds", "actor", "job", "request_id")
"""What else a record may carry: `log.info(..., extra={"job": 7})`."""
OURS = frozenset({"admin_views", "api", "app", "demonstration", "engine", "models", "plugins", "server"})
TALKATIVE = {
    "alembic.runtime.migration": "WARNING",
    # That a tick is left out while the one before still works is how the ticker is meant to be.
    "apscheduler": "ERROR",
    "fontTools": "WARNING",
    "matplotlib": "WARNING",
    "procrastinate": "WARNING",
    "weasyprint": "ERROR",
}
"""Libraries by the least that is worth a line."""
LONGEST = 2000
DEEPEST = 40


def to_standard_error(settings: Settings) -> None:
    """Write everything to standard error; whoever runs the process keeps it."""
    logging.config.dictConfig(configuration(settings))


def configuration(settings: Settings) -> dict[str, Any]:
    """The same as `logging.config` and gunicorn read it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "server.logs.JsonLine" if is_json(settings) else "server.logs.PlainLine"}},
        "handlers": {"line": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"level": settings.log_level, "handlers": ["line"]},
        "loggers": {
            **{name: {"level": level} for name, level in TALKATIVE.items()},
            "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
        },
    }


def is_json(settings: Settings) -> bool:
    """Whether a program reads the lines; a person does at a terminal."""
    return settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())


class JsonLine(logging.Formatter):
    """One JSON object a line; ASCII alone, so that nothing in it can end a line or colour a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Raises nothing: a line that cannot be made says so."""
        return json.dumps(fields_of(record), default=str)


class PlainLine(logging.Formatter):
    """A line for a person: when, how bad, what; then what goes with it."""

    def format(self, record: logging.LogRecord) -> str:
        """Control characters are shown, not obeyed."""
        fields = fields_of(record)
        head = f"{fields.pop('at')} {fields.pop('level'):7} {fields.pop('message')}"
        stack = fields.pop("stack", [])
        rest = "".join(f" {name}={value}" for name, value in fields.items() if name != "logger")
        return "\n".join([printable(head + rest), *(f"    {printable(place)}" for place in stack)])


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line tells of a record."""
    fields: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": message_of(record)[:LONGEST],
    }
    fields |= {name: getattr(record, name) for name in FIELDS if getattr(record, name, None) is not None}
    if "request_id" not in fields and tie():
        fields["request_id"] = tie()
    if record.exc_info and record.exc_info[0] is not None:
        fields |= {"error": record.exc_info[0].__name__, "stack": stack_of(record.exc_info[2])}
    return fields


def message_of(record: logging.LogRecord) -> str:
    """The sentence. A library's is taken as it was written in its code: what it would fill in may be anybody's data."""
    ours = record.name.split(".")[0] in OURS or record.name.startswith("gunicorn")
    if ours or not record.args:
        try:
            return str(record.getMessage())
        except (TypeError, ValueError):
            return str(record.msg)
    return str(record.msg)


def stack_of(trace: TracebackType | None) -> list[str]:
    """Where it happened, the innermost place last: files, lines and names of functions, nothing of their values."""
    frames = traceback.extract_tb(trace)[-DEEPEST:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def printable(text: str) -> str:
    """The text with control characters, line ends and marks of direction written out."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
