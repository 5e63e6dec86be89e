"""`flask backup`, `backups`, `verify-backup`: taking a backup, listing them, reading one through."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from engine import audit
from engine.acting import SYSTEM, Door, acting
from engine.backup import keeping, keys, runs
from engine.backup.taking import Progress, check, take
from engine.commands.installation import place_here, settings_here
from engine.commands.saying import refusals_said, say
from engine.database import db
from models.backup import RunKind
from models.words import _

MEGABYTE = 1_000_000
key_option = click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The keys of the backups. Default: DUTYBOOK_BACKUP_KEY_FILE.",
)


@click.command()
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Default: DUTYBOOK_BACKUP_DIR.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@with_appcontext
def backup(folder: Path | None, *, as_json: bool) -> None:
    """Take an encrypted backup of the database and its files while people work, and read it back whole.

    The keys are not in it: keep the key files in a safe place of their own.
    """
    session, settings, place = db.session(), settings_here(), place_here()
    is_first = not settings.backup_key_file.exists()
    with acting(SYSTEM, Door.COMMAND), refusals_said(session):
        sealed_by = keys.ensure(settings.backup_key_file)
        run = runs.begun(RunKind.BACKUP, mark=runs.written_so_far(session))
        where = folder or settings.backup_dir
        taken = runs.recorded(session, run, lambda: take(place, where, sealed_by, "manual", progress(as_json=as_json)))
        audit.note(session, "backup", "backup_run", run.id, taken.path.name)
        session.commit()
    tail = taken.contents.tail
    said = {"file": str(taken.path), "bytes": taken.size, "seconds": round(taken.seconds, 1), "missing": tail.missing}
    said |= {"tables": tail.tables, "rows": tail.rows, "files": tail.files, "keys": sorted(tail.keys)}
    words = _(
        "%(path)s: %(tables)s tables, %(rows)s rows, %(files)s files, %(size)s MB, in %(seconds)s s.",
        path=taken.path,
        tables=tail.tables,
        rows=tail.rows,
        files=tail.files,
        size=f"{taken.size / MEGABYTE:.1f}",
        seconds=f"{taken.seconds:.1f}",
    )
    say(words, said, as_json=as_json)
    if tail.missing:
        click.echo(_("%(number)s files that rows name were not there.", number=tail.missing), err=True)
    if is_first:
        click.echo(
            _("Its key is new: copy %(path)s to a safe place, apart from the backups.", path=settings.backup_key_file),
            err=True,
        )


@click.command()
@click.option("--in", "folder", type=click.Path(file_okay=False, path_type=Path), help="Default: DUTYBOOK_BACKUP_DIR.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@with_appcontext
def backups(folder: Path | None, *, as_json: bool) -> None:
    """List the backups that are there, newest first."""
    for kept in keeping.backups_in(folder or settings_here().backup_dir):
        size = kept.path.stat().st_size
        said = {"file": str(kept.path), "made_at": kept.made_at.isoformat(), "for": kept.label, "bytes": size}
        say(
            f"{kept.made_at:%Y-%m-%d %H:%M} UTC  {kept.label:<8} {size / MEGABYTE:>9.1f} MB  {kept.path}",
            said,
            as_json=as_json,
        )


@click.command("verify-backup")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@key_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@with_appcontext
def verify_backup(file: Path, key_file: Path | None, *, as_json: bool) -> None:
    """Read the backup FILE from its first byte to its last. Exit code 1 when it is damaged or the key is another."""
    with refusals_said():
        contents = check(file, keys.read(key_file or settings_here().backup_key_file))
    head, tail = contents.head, contents.tail
    said = {"made_at": head.made_at, "database": head.database, "revisions": list(head.revisions), "rows": tail.rows}
    said |= {"tables": tail.tables, "files": tail.files, "keys": sorted(tail.keys)}
    words = _(
        "Whole: of %(made_at)s, %(tables)s tables, %(rows)s rows, %(files)s files. Needs the keys: %(keys)s.",
        made_at=head.made_at,
        tables=tail.tables,
        rows=tail.rows,
        files=tail.files,
        keys=", ".join(sorted(tail.keys)),
    )
    say(words, said, as_json=as_json)


def progress(*, as_json: bool) -> Progress:
    """A line for each table on the error stream, so that what a program reads stays clean."""

    def told(what: str, rows: int) -> None:
        if not as_json and rows:
            click.echo(f"  {what}: {rows}", err=True)

    return told
