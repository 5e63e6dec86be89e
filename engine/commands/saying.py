"""Refusals as a terminal shows them: sentences, not a stack."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from engine.errors import PolicyError
from engine.packs.errors import PackRefused


@contextmanager
def refusals_said(session: Session) -> Iterator[None]:
    """Roll back what was refused and end the command with the reasons, exit code 1."""
    try:
        yield
    except PolicyError as refused:
        session.rollback()
        raise click.ClickException("\n".join(violation.text for violation in refused.violations)) from refused
    except PackRefused as refused:
        session.rollback()
        raise click.ClickException(str(refused)) from refused
