"""`flask verify-audit`: walk the audit chain and name what does not hold."""

from collections.abc import Iterator
from typing import TextIO

import click
from flask.cli import with_appcontext

from engine.audit import Fault, faults
from engine.audit_keeping import cut_off
from engine.database import db, only_reading
from models.words import Words, _

WHAT: dict[str, Words] = {
    "changed": _("Audit entry %(number)s was changed."),
    "missing": _("Audit entry %(number)s is missing."),
    "told": _("Audit entry %(number)s was told outside with another digest, or is gone."),
    "cut": _("The audit ends differently from what was written: entries from %(number)s on were cut off or added."),
}


@click.command()
@click.option("--heads", type=click.File(), help="A log that holds lines of `flask audit-head`; - is standard input.")
@with_appcontext
def verify_audit(heads: TextIO | None) -> None:
    """Check that nobody changed, removed, reordered or cut the audit. Exit code 0 when it holds, 1 when not.

    Whoever can write to the database can cut its end together with the head; with --heads that is found, too.
    """
    with only_reading():
        found = [*faults(db.session()), *_told(heads)]
    for fault in found:
        click.echo(str(WHAT[fault.what]) % {"number": fault.number})
    if found:
        raise SystemExit(1)
    click.echo(_("The audit holds from its first entry to its last."))


def _told(heads: TextIO | None) -> Iterator[Fault]:
    if heads is not None:
        yield from (Fault(number, "told") for number in cut_off(db.session(), heads))
