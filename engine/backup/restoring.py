"""Putting a backup back: into an empty database of either kind, all of it or nothing.

In this order: the file is read from its first byte to its last and the keys are compared, before anything is touched;
then one transaction builds the tables as they were, fills them, compares every table with the backup, applies newer
migrations, and settles what must not go on as it was (`Settle`); only then does anything become visible.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from alembic.config import Config
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from engine import audit
from engine.backup import files, keys, loading, schema, tables
from engine.backup.archive import FilePart, Head, TablePart, Tail
from engine.backup.connecting import whole
from engine.backup.errors import BackupError, NotEmptyError, WrongKeyError
from engine.backup.keys import BackupKeys
from engine.backup.taking import Contents, Place, Progress, check, parts_of, silent
from engine.crypto import encrypted_columns
from models.words import _

SAMPLE = 50
"""How many encrypted texts of each column are read as a trial."""
FAULTS = 20
"""How many faults of the audit are named; `flask verify-audit` names them all."""


@dataclass
class Restored:
    """What was put back: how much, what is wrong with its audit (number and code), how many texts were decrypted."""

    contents: Contents
    audit_faults: list[tuple[int, str]] = field(default_factory=list)
    decrypted: int = 0
    new_files: int = 0


Settle = Callable[[Session, Contents], None]
"""What is done inside the transaction once the rows are there: sessions ended, sending paused."""


def leave_as_it_was(_session: Session, _contents: Contents) -> None:
    """Nothing is settled: the rows go on where they were."""


@dataclass(frozen=True)
class Target:
    """Where to: an installation, its migrations, and whether rows that are there may go."""

    place: Place
    config: Config
    replace: bool = False


def restore(  # noqa: PLR0913 a restore has that many sides
    path: Path,
    target: Target,
    opened_by: BackupKeys,
    *,
    settle: Settle = leave_as_it_was,
    with_files: bool = True,
    progress: Progress = silent,
) -> Restored:
    """Put the backup back into the target. Raises BackupError and its kinds: then nothing was changed."""
    contents = check(path, opened_by)
    _demand_keys(contents.tail, target.place)
    if missing := schema.unknown(target.config, contents.head.revisions):
        raise BackupError(
            _(
                "This backup is of a newer Dutybook or of one with other plugins: step %(steps)s is unknown here.",
                steps=", ".join(missing),
            )
        )
    restored = Restored(contents)
    with path.open("rb") as file, _new_files() as written, whole(target.place.url) as connection:
        demand_room(connection, replace=target.replace)
        schema.build(connection, target.config, contents.head.revisions)
        _fill(
            connection, parts_of(file, opened_by), target.place.instance_dir if with_files else None, written, progress
        )
        _demand_equal(connection, contents)
        schema.bring_up_to_date(connection, target.config)
        with Session(bind=connection, join_transaction_mode="rollback_only", autoflush=False) as session:
            restored.audit_faults = [(fault.number, fault.what) for fault in islice(audit.faults(session), FAULTS)]
            restored.decrypted = decrypt_sample(session)
            settle(session, contents)
            session.flush()
            audit.write_pending(session)
    restored.new_files = len(written)
    return restored


def _demand_keys(tail: Tail, place: Place) -> None:
    """The keys of the data are not in the backup: they must be here, and be the same ones."""
    here = keys.marks(place.secrets)
    missing = sorted(name for name, mark in tail.keys.items() if here.get(name) != mark)
    if missing:
        raise WrongKeyError(
            _(
                "These keys of the data are not here, or are others: %(keys)s. "
                "Put the key files from your safe into %(folder)s first.",
                keys=", ".join(missing),
                folder=place.instance_dir,
            )
        )


def demand_room(connection: Connection, *, replace: bool) -> None:
    """Raises NotEmptyError for a database with rows unless they may be replaced, BackupError for somebody else's."""
    known = schema.heads_of(connection)
    if not known and tables.names(connection):
        raise BackupError(_("The database to be filled holds tables that are not Dutybook's."))
    if not replace and not tables.is_empty(connection):
        raise NotEmptyError(
            _("The database to be filled is not empty. With --replace its rows go; take a backup of it first.")
        )


def _fill(
    connection: Connection,
    parts: Iterator[Head | FilePart | TablePart | Tail],
    instance_dir: Path | None,
    written: list[Path],
    progress: Progress,
) -> None:
    with loading.unbound(connection):
        loading.empty_tables(connection)
        sources = {source.name: source for source in tables.sources(connection)}
        for part in parts:
            if isinstance(part, TablePart):
                loading.load(connection, part, sources)
                progress(part.name, part.sum.rows if part.sum else 0)
            elif isinstance(part, FilePart) and instance_dir is not None:
                path = files.put_back(instance_dir, part.name, part.content)
                written.extend([path] if path else [])


def _demand_equal(connection: Connection, contents: Contents) -> None:
    if different := loading.differences(connection, contents.sums):
        names = ", ".join(each.table for each in different)
        raise BackupError(_("These tables are not what the backup holds: %(tables)s.", tables=names))


def decrypt_sample(session: Session, most: int = SAMPLE) -> int:
    """Read some texts of every encrypted column and answer how many. Raises UnreadableError."""
    read = 0
    for model, attribute in encrypted_columns():
        column = getattr(model, attribute)
        read += len(session.scalars(select(column).where(column.is_not(None)).limit(most)).all())
    return read


@contextmanager
def _new_files() -> Iterator[list[Path]]:
    """Files written inside are taken away again when it fails."""
    written: list[Path] = []
    try:
        yield written
    except BaseException:  # whatever ends it, a signal too: a file without its row is nobody's
        for path in written:
            path.unlink(missing_ok=True)
        raise
