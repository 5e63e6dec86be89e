"""`flask restore`, `restore-drill`, `move`: filling a database from a backup."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from engine.acting import SYSTEM, Door, acting
from engine.backup import keeping, keys, moved, moving, runs, settling
from engine.backup.connecting import plain
from engine.backup.drilling import Drilled, drill
from engine.backup.restoring import Restored, Target
from engine.backup.restoring import restore as put_back
from engine.commands.backup import key_option, progress
from engine.commands.installation import migrations, place_here, settings_here
from engine.commands.saying import NotPossibleNow, refusals_said, say
from engine.commands.verify_audit import WHAT
from engine.database import db
from models.backup import RunKind
from models.words import Words, _

file_argument = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=file_argument)
@click.option("--replace", is_flag=True, help="Let the rows that are there go. Take a backup of them first.")
@key_option
@with_appcontext
def restore(file: Path, key_file: Path | None, *, replace: bool) -> None:
    """Put the backup FILE into the empty database that DATABASE_URL names, SQLite or PostgreSQL, whatever it came from.

    All of it or nothing. The key files of the data must be in the installation's folder. Afterwards everybody signs in
    anew, and nothing is sent until an administrator lets it. Exit code 1 for a damaged file, a missing key or a
    database with rows; 3 while Dutybook is running on it.
    """
    settings, place = settings_here(), place_here()
    if settings.sqlite_file:
        settings.sqlite_file.touch(mode=0o600)
    with acting(SYSTEM, Door.COMMAND), refusals_said():
        moving.demand_rest(place.url)
        opened_by = keys.read(key_file or settings.backup_key_file)
        target = Target(place, migrations(), replace)
        restored = put_back(file, target, opened_by, settle=settling.settle, progress=progress(as_json=False))
        moved.forget(place.instance_dir, place.url)
        settling.rebuild_search(place.url, progress(as_json=False))
    click.echo(_counts(_("Put back: %(tables)s tables equal, %(rows)s rows, %(files)s files."), restored))
    click.echo(_("Everybody signs in anew. Nothing is sent until an administrator lets it."))
    _say_faults(restored)


@click.command("restore-drill")
@click.argument("file", type=file_argument, required=False)
@click.option("--into", help="An empty PostgreSQL database as scratch; it is emptied again. Default: a SQLite file.")
@key_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@with_appcontext
def restore_drill(file: Path | None, into: str | None, key_file: Path | None, *, as_json: bool) -> None:
    """Put a backup (the newest, or FILE) back into scratch, look it over from all sides, and throw it away.

    Every table is compared, every foreign key held, the audit walked, texts decrypted, files compared with their rows.
    The result is kept with its date. Exit code 1 when anything is wrong, 3 when there is no backup.
    """
    session, settings, place = db.session(), settings_here(), place_here()
    with acting(SYSTEM, Door.COMMAND), refusals_said(session):
        found = file or _newest(settings.backup_dir)
        opened_by = keys.read(key_file or settings.backup_key_file)
        config, told = migrations(), progress(as_json=as_json)
        run = runs.begun(RunKind.DRILL, file=found)
        drilled = runs.recorded(session, run, lambda: drill(found, place, config, opened_by, into, told))
    _say_drilled(drilled, found, as_json=as_json)
    if not drilled.went_well:
        raise SystemExit(1)


@click.command()
@click.option(
    "--to", envvar="DUTYBOOK_MOVE_TO", required=True, help="The empty database: postgresql://… or sqlite:///…"
)
@with_appcontext
def move(to: str) -> None:
    """Move everything to another database, SQLite to PostgreSQL or back, every table equal.

    Stop Dutybook first. The old database stays as it is and is not used any more; the files stay where they are.
    """
    settings, place = settings_here(), place_here()
    to = f"postgresql://{to.removeprefix('postgres://')}" if to.startswith("postgres://") else to
    if not to.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise click.BadParameter(str(_("DATABASE_URL must begin with sqlite:/// or postgresql://.")), param_hint="--to")
    with acting(SYSTEM, Door.COMMAND), refusals_said():
        sealed_by, told = keys.ensure(settings.backup_key_file), progress(as_json=False)
        done = moving.move(place, to, migrations(), settings.backup_dir, sealed_by, told)
        settling.rebuild_search(to, told)
    click.echo(_counts(_("Moved: %(tables)s tables equal, %(rows)s rows; %(files)s files stay."), done.restored))
    click.echo(_("Set DATABASE_URL to %(address)s, with its password, and start Dutybook.", address=plain(to)))
    click.echo(_("A backup from before the move: %(path)s", path=done.taken.path))
    _say_faults(done.restored)


def _newest(folder: Path) -> Path:
    found = keeping.backups_in(folder)
    if not found:
        raise NotPossibleNow(str(_("There is no backup in %(folder)s yet.", folder=folder)))
    return found[0].path


def _counts(words: Words, restored: Restored) -> str:
    tail = restored.contents.tail
    return str(words) % {"tables": tail.tables, "rows": tail.rows, "files": tail.files}


def _say_faults(restored: Restored) -> None:
    """The rows are what was backed up; that their audit does not hold was so before, and is for the auditor."""
    for number, what in restored.audit_faults:
        click.echo(str(WHAT[what]) % {"number": number}, err=True)
    if restored.audit_faults:
        raise SystemExit(1)


def _say_drilled(drilled: Drilled, path: Path, *, as_json: bool) -> None:
    restored, tail = drilled.restored, drilled.restored.contents.tail
    said = {"file": str(path), "made_at": restored.contents.head.made_at, "went_well": drilled.went_well}
    said |= {"tables": tail.tables, "rows": tail.rows, "files": drilled.files, "wrong_files": drilled.wrong_files}
    said |= {
        "audit_faults": restored.audit_faults,
        "decrypted": restored.decrypted,
        "seconds": round(drilled.seconds, 1),
    }
    words = _(
        "%(path)s can be put back: %(tables)s tables equal, %(rows)s rows, %(files)s files, %(decrypted)s texts "
        "decrypted, the audit holds; %(seconds)s s.",
        path=path,
        tables=tail.tables,
        rows=tail.rows,
        files=drilled.files,
        decrypted=restored.decrypted,
        seconds=f"{drilled.seconds:.1f}",
    )
    say(words if drilled.went_well else _("The backup is not as it should be."), said, as_json=as_json)
    if not as_json:
        for number, what in restored.audit_faults:
            click.echo(str(WHAT[what]) % {"number": number})
        for name in drilled.wrong_files:
            click.echo(_("This file is not what its row says, or is not there: %(name)s", name=name))
