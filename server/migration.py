"""Brings the database to the newest revision, one process at a time, with a copy of a SQLite database kept first."""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from flask import Flask
from sqlalchemy import Engine, text

from engine.config import Settings, StartUpError
from engine.database import db, migrate
from engine.registry import registry
from engine.secret_files import Problem
from models.words import Words, _

LOCK = 0x0D_07_B0_0C
"""What processes that migrate the same PostgreSQL database queue for."""


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
        if steps and settings.sqlite_file:
            _keep_copy(settings.sqlite_file)
        for number, step in enumerate(steps, start=1):
            say(_("Database: step %(number)s of %(all)s, %(name)s", number=number, all=len(steps), name=step.doc))
            command.upgrade(config, step.revision)
        return len(steps)


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
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield
    else:
        with (instance_dir / "migrating.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _keep_copy(database: Path) -> None:
    """Copy through SQLite itself: copying the file would miss what still stands in the log beside it."""
    with closing(sqlite3.connect(database)) as here:
        if not here.execute("SELECT 1 FROM sqlite_master").fetchone():
            return
        with closing(sqlite3.connect(f"{database}.before-migration")) as copy:
            here.backup(copy)
