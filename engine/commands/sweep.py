"""`flask sweep`: do once what the ticker does every few seconds."""

import click
from flask.cli import with_appcontext

from engine.commands.saying import refusals_said
from engine.database import db
from engine.sweep import sweep as sweep_once
from models.words import _


@click.command()
@with_appcontext
def sweep() -> None:
    """Do everything that is due now. Exit code 1 when something could not be done and was postponed."""
    with refusals_said(db.session()):
        report = sweep_once(db.session())
    click.echo(
        _(
            "Opened %(opened)s, took effect %(done)s, overdue %(lapsed)s, reminded %(reminded)s, postponed %(failed)s.",
            opened=report.opened,
            done=report.done,
            lapsed=report.lapsed,
            reminded=report.reminded,
            failed=report.failed,
        )
    )
    if report.failed:
        raise SystemExit(1)
