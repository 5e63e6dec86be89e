"""`flask retire-audit`: write the oldest audit entries into a file and remove them."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.audit import Entry, plain
from engine.audit_keeping import TooYoungError, retire, retired
from engine.database import db
from models.audit import AuditEntry
from models.words import _


@click.command()
@click.option("--older-than", type=int, required=True, help="Days; at least 184.")
@click.option("--to", "file", type=click.Path(path_type=Path), required=True, help="A file to be made.")
@with_appcontext
def retire_audit(older_than: int, file: Path) -> None:
    """Move audit entries that are older than so many days into a file, one JSON object a line."""
    before = clock.now() - timedelta(days=older_than)
    session = db.session()
    try:
        with acting(SYSTEM, Door.COMMAND):
            _keep(session, before, file)
            count = retire(session, before)
            session.commit()
    except TooYoungError as error:
        session.rollback()
        raise click.ClickException(str(error.sentence)) from error
    except OSError as error:
        session.rollback()
        sentence = _("%(file)s cannot be written: %(reason)s.", file=file, reason=error.strerror)
        raise click.ClickException(str(sentence)) from error
    click.echo(_("%(count)s audit entries were moved to %(file)s.", count=count, file=file))


def _keep(session: Session, before: datetime, file: Path) -> None:
    """Write what is to go. It is on the disk before a row is removed, and for its owner's eyes only."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as kept:
        for row in retired(session, before):
            kept.write(json.dumps(_told(row), ensure_ascii=False) + "\n")
        kept.flush()
        os.fsync(kept.fileno())


def _told(row: AuditEntry) -> dict[str, object]:
    names = ("id", *Entry.__dataclass_fields__, "digest")
    return {name: plain(getattr(row, name)) for name in names}
