"""`flask audit-head`: one line that names the end of the audit, to be kept outside of the database."""

import click
from flask.cli import with_appcontext

from engine.audit_keeping import head_line
from engine.database import db, only_reading
from models.words import _


@click.command()
@with_appcontext
def audit_head() -> None:
    """Print the newest entry's number and digest; `flask verify-audit --heads FILE` compares such lines later."""
    with only_reading():
        line = head_line(db.session())
    click.echo(line or _("The audit holds no entry yet."))
