"""Commands speak the language of the terminal: its usual variables tell it, as for any other program."""

import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import force_locale


def terminal_language(environment: Mapping[str, str]) -> str:
    """Return the locale of whoever reads the terminal, as the usual variables tell it."""
    named = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh_Hans_CN" if named.startswith("zh") else "en"


def in_own_words(command: click.Command) -> click.Command:
    """Let the command, or each of a group, run inside the application's context and in the terminal's language."""
    if isinstance(command, click.Group):
        for part in command.commands.values():
            in_own_words(part)
    elif command.callback is not None and not hasattr(command.callback, SPOKEN):
        command.callback = _spoken(command.callback)
    return command


SPOKEN = "speaks_the_terminals_language"
"""Marks a callback that was wrapped: one process may build several applications, the commands are the same."""


def _spoken(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def speak(*args: Any, **options: Any) -> Any:  # noqa: ANN401 whatever the command takes
        with force_locale(terminal_language(os.environ)):
            return work(*args, **options)

    spoken: Callable[..., Any] = with_appcontext(speak)
    setattr(spoken, SPOKEN, True)
    return spoken
