"""`flask verify-audit`: walk the audit chain and name what does not hold."""

import click
from flask.cli import with_appcontext

from engine.audit import faults
from engine.database import db, only_reading
from models.words import Words, _

WHAT: dict[str, Words] = {
    "changed": _("Audit entry %(number)s was changed."),
    "missing": _("Audit entry %(number)s is missing."),
    "cut": _("The audit ends differently from what was written: entries from %(number)s on were cut off or added."),
}


@click.command()
@with_appcontext
def verify_audit() -> None:
    """Check that nobody changed, removed, reordered or cut the audit. Exit code 0 when it holds, 1 when not."""
    with only_reading():
        found = list(faults(db.session()))
    for fault in found:
        click.echo(str(WHAT[fault.what]) % {"number": fault.number})
    if found:
        raise SystemExit(1)
    click.echo(_("The audit holds from its first entry to its last."))
