"""An installation worth backing up: people with accounts, a file, a chained audit, some rows in every other table."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import text

from engine import attachments, audit, crypto
from engine.acting import SYSTEM, Door, acting
from engine.backup import keys, loading
from engine.backup.connecting import own_engine, snapshot
from engine.backup.keys import BackupKeys
from engine.backup.restoring import Target
from engine.backup.taking import Contents, Place, Taken, take
from engine.config import Settings
from engine.database import db
from engine.secret_files import FILES
from models.organisation import Staff
from models.types import Cipher
from tests.factories.accounts import logins
from tests.factories.many_rows import fill

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 400
CANARY = "13912345678"
ROWS = 12


@dataclass(frozen=True)
class Installation:
    """What the tests hold in their hands; `config` are its migrations."""

    app: Flask
    settings: Settings
    place: Place
    config: Config
    keys: BackupKeys

    @property
    def folder(self) -> Path:
        """Where its files and keys are."""
        return self.place.instance_dir

    def take(self, label: str = "manual") -> Taken:
        """A backup of it."""
        return take(self.place, self.settings.backup_dir, self.keys, label)

    def target(self, url: str, *, replace: bool = False) -> Target:
        """Another database, with a folder of its own and the same keys of the data."""
        folder = self.folder.parent / "elsewhere"
        folder.mkdir(exist_ok=True)
        return Target(Place(url, folder, self.place.secrets), self.config, replace)

    def holds(self, url: str, contents: Contents) -> bool:
        """Whether the database is, table by table, what the backup holds."""
        with snapshot(url) as connection:
            return loading.differences(connection, contents.sums) == []


@contextmanager
def installation(app: Flask, folder: Path) -> Iterator[Installation]:
    """Filled and committed, in `folder`; the schema is marked as migrated, which tests' databases are not."""
    instance = folder / "instance"
    instance.mkdir(mode=0o700)
    before: Settings = app.config["DUTYBOOK"]
    for name in FILES:
        shutil.copy(before.instance_dir / name, instance / name)
    paths = {"backup_dir": folder / "backups", "backup_key_file": folder / "safe" / "backup_keys.json"}
    settings = before.model_copy(update={"instance_dir": instance, **paths})
    app.config["DUTYBOOK"] = settings
    _use_its_keys(settings)
    with app.app_context():
        config: Config = app.extensions["migrate"].migrate.get_config()
        _fill(instance)
        _stamp(settings.database_url, config)
        place = Place(settings.database_url, instance, settings.secrets())
        try:
            yield Installation(app, settings, place, config, keys.ensure(settings.backup_key_file))
        finally:
            db.session.remove()
            _run(settings.database_url, "DROP TABLE alembic_version")
            app.config["DUTYBOOK"] = before


def _use_its_keys(settings: Settings) -> None:
    """Another application of this process may have brought its own."""
    held = settings.secrets()
    crypto.configure(crypto.FieldCipher(held.field_keys, held.current_field_key, held.blind_index_key))
    audit.ChainKey.value = held.audit_key


def _fill(instance: Path) -> None:
    with own_engine(db.engine.url).begin() as connection:
        fill(connection, ROWS, Cipher.encrypt, leave=("audit_entry", "audit_head"))
    with acting(SYSTEM, Door.COMMAND):
        session = db.session()
        made = logins(session)
        session.get_one(Staff, made.agent.staff_id).phone = CANARY
        attachments.keep(session, instance / "attachments", made.team, "章程.pdf", BytesIO(PDF))
        session.commit()
        session.close()


def _stamp(url: str, config: Config) -> None:
    heads = ScriptDirectory.from_config(config).get_heads()
    _run(url, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    for head in heads:
        _run(url, f"INSERT INTO alembic_version VALUES ('{head}')")


def _run(url: str, statement: str) -> None:
    with own_engine(url).begin() as connection:
        connection.execute(text(statement))
