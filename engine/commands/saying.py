"""What a command says and how it ends: sentences, not a stack, and an exit code that a script can rely on."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine.backup.errors import BackupError, NotNowError
from engine.crypto import UnreadableError
from engine.errors import ConflictError, NotAllowedError, PolicyError
from engine.packs.errors import PackRefused
from models.words import Words, _

DONE, REFUSED, WRONG_USAGE, NOT_NOW = 0, 1, 2, 3
"""Exit codes of every command: done; refused by a rule, or not as it should be; called wrongly; not possible now."""


class NotPossibleNow(click.ClickException):
    """Nothing is wrong with what was asked, but it cannot be done at this moment."""

    exit_code = NOT_NOW


@contextmanager
def refusals_said(session: Session | None = None) -> Iterator[None]:
    """Roll back what was refused and end the command with the reasons: exit code 1, or 3 for what may work later."""
    try:
        yield
    except (PolicyError, PackRefused, ConflictError, NotAllowedError, BackupError, UnreadableError) as refused:
        _roll_back(session)
        kind = NotPossibleNow if isinstance(refused, NotNowError) else click.ClickException
        raise kind(_reasons(refused)) from refused
    except OperationalError as error:
        _roll_back(session)
        reason = str(error.orig).strip().splitlines()[0] if error.orig else ""
        raise NotPossibleNow(str(_("The database does not answer or is in use: %(reason)s", reason=reason))) from error


def _reasons(refused: Exception) -> str:
    if isinstance(refused, PolicyError):
        return "\n".join(violation.text for violation in refused.violations)
    return str(getattr(refused, "sentence", refused))


def _roll_back(session: Session | None) -> None:
    if session is not None:
        session.rollback()


def say(words: Words, said: Mapping[str, Any], *, as_json: bool) -> None:
    """The sentence for people, or what it says as one line of JSON for programs."""
    click.echo(json.dumps(said, ensure_ascii=False, default=str) if as_json else words)
