"""Brings the database to the newest revision, one process at a time, with a backup first."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from flask import Flask
from sqlalchemy import Engine, text

from engine.backup.connecting import snapshot
from engine.backup.errors import BackupError
from engine.backup.keeping import tidy
from engine.backup.keys import ensure
from engine.backup.tables import is_empty
from engine.backup.taking import Place, take
from engine.config import Settings, StartUpError
from engine.database import db, migrate
from engine.registry import registry
from engine.secret_files import Problem
from models.words import Words, _

LOCK = 0x0D_07_B0_0C
"""What processes that migrate the same PostgreSQL database queue for."""

HEADS = "dutybook.heads"
"""Key in `app.extensions`: the newest revisions that the program knows."""


@migrate.configure  # type: ignore[untyped-decorator]  # Flask-Migrate ships no types
def with_plugins(config: Config) -> Config:
    """Let Alembic find the revisions of plugins beside our own."""
    folders = [str(folder) for folder in registry.hook.migrations()]
    if folders:
        own = Path(str(config.get_main_option("script_location")), "versions")
        config.set_main_option("version_locations", os.pathsep.join([str(own), *folders]).replace("%", "%%"))
    return config


def to_head(app: Flask, say: Callable[[Words], None]) -> int:
    """Apply every revision that the database lacks and return how many; `say` hears of each one before it runs.

    Needs the application's context. Raises StartUpError when the database is newer than the program.
    """
    settings: Settings = app.config["DUTYBOOK"]
    config: Config = app.extensions["migrate"].migrate.get_config()
    with _alone(db.engine, settings.instance_dir):
        steps = _missing(db.engine, config)
        if steps:
            _back_up(settings, say)
        for number, step in enumerate(steps, start=1):
            say(_("Database: step %(number)s of %(all)s, %(name)s", number=number, all=len(steps), name=step.doc))
            command.upgrade(config, step.revision)
        return len(steps)


def is_at_head(app: Flask) -> bool:
    """Whether the database is at this program's revision, not before or past it. Needs the application's context."""
    wanted = app.extensions.setdefault(HEADS, None) or _heads(app)
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == wanted


def _heads(app: Flask) -> set[str]:
    """Read once: a running program's revisions do not change."""
    found = set(ScriptDirectory.from_config(app.extensions["migrate"].migrate.get_config()).get_heads())
    app.extensions[HEADS] = found
    return found


def _missing(engine: Engine, config: Config) -> list[Script]:
    """Return the revisions between the database and the program, oldest first."""
    script = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        here = MigrationContext.configure(connection).get_current_heads()
    try:
        return list(script.iterate_revisions("heads", here or "base"))[::-1]
    except (CommandError, RevisionError) as error:
        sentence = _("This database was written by a newer Dutybook: start that one, or restore a backup.")
        raise StartUpError([Problem("D042", sentence)]) from error


@contextmanager
def _alone(engine: Engine, instance_dir: Path) -> Iterator[None]:
    """Hold off other processes that start at the same moment on the same database."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield
    else:
        with (instance_dir / "migrating.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _back_up(settings: Settings, say: Callable[[Words], None]) -> None:
    """Whatever a step does to the rows can be taken back. Raises StartUpError when no backup can be made."""
    with snapshot(settings.database_url) as connection:
        if is_empty(connection):
            return
    place = Place(settings.database_url, settings.instance_dir, settings.secrets())
    try:
        taken = take(place, settings.backup_dir, ensure(settings.backup_key_file), "before")
    except BackupError as error:
        sentence = _("No backup can be made, so the database is not changed: %(reason)s", reason=error.sentence)
        raise StartUpError([Problem("D052", sentence)]) from error
    tidy(settings.backup_dir, settings.backup_days, settings.backup_weeks)
    say(_("Backup before the change: %(path)s", path=taken.path))
