"""`flask demo`."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from demonstration.story import tell
from engine.database import db
from models.organisation import Department


def init_app(app: Flask) -> None:
    """Add the command; it works in demonstration mode only."""
    app.cli.add_command(demo)


@click.command()
@with_appcontext
def demo() -> None:
    """Fill an empty demonstration database with a made-up department. Does nothing when there is one already."""
    if not current_app.config["DUTYBOOK"].demo:
        message = "Demonstration mode is off: this database is for real use."
        raise click.ClickException(message)
    if db.session.scalar(select(Department.id).limit(1)):
        click.echo("==> The demonstration department is there already.")
        return
    click.echo("==> Making up a department: three months of work, about a minute")
    tell(db.session(), lambda line: click.echo(f"    {line}"))
