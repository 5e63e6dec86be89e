"""`flask reindex`: build the search index anew from the records."""

import click
from flask.cli import with_appcontext

from engine.acting import SYSTEM, Door, acting
from engine.database import db
from engine.search.rebuilding import rebuild
from models.words import _


@click.command()
@with_appcontext
def reindex() -> None:
    """Build the search index anew. Searches answer meanwhile, only slower; whoever writes waits for a batch at most."""
    with acting(SYSTEM, Door.COMMAND):
        records = rebuild(db.session(), lambda table, rows: click.echo(f"{table}: {rows}"))
    click.echo(_("The search index holds %(records)s records.", records=records))
