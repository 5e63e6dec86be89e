"""What became of backups, of their drills, and of putting one back: the dated record that assessors ask for."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.audit import LongId
from models.base import Base
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class RunKind(Labelled):
    """What was done."""

    BACKUP = "backup", _("Backup")
    DRILL = "drill", _("Restore drill")
    RESTORE = "restore", _("Restore")
    MOVE = "move", _("Move to another database")


class RunState(Labelled):
    """How it ended."""

    RUNNING = "running", _("Under way"), "info"
    DONE = "done", _("Done"), "good"
    FAILED = "failed", _("Failed"), "bad"


class RunFailure(Labelled):
    """Why it failed, as far as a program can tell."""

    NOT_NOW = "not_now", _("The database did not answer, or the disk is full."), "bad"
    KEY = "key", _("A key is missing, or is another one."), "bad"
    DAMAGED = "damaged", _("The file is not what was written."), "bad"
    DIFFERENT = "different", _("What was put back is not what was backed up."), "bad"
    OTHER = "other", _("Something else stood in the way."), "bad"


class BackupRun(Base):
    """One backup, drill, restore or move. `slot` names the scheduled one, so that only one process makes it.

    `mark` is the number of the last audit entry that the backup holds. `detail` holds nobody's data.
    """

    __tablename__ = "backup_run"
    __table_args__ = (Index("ix_backup_run_kind_began_at", "kind", "began_at"),)

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    kind: Mapped[RunKind] = mapped_column(Choice(RunKind))
    slot: Mapped[str | None] = mapped_column(String(40), unique=True)
    state: Mapped[RunState] = mapped_column(Choice(RunState), default=RunState.RUNNING)
    attempts: Mapped[int] = mapped_column(default=1)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    file: Mapped[str | None] = mapped_column(String(120))
    made_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    size: Mapped[int | None] = mapped_column(BigInteger)
    tables: Mapped[int | None]
    rows: Mapped[int | None] = mapped_column(BigInteger)
    files: Mapped[int | None]
    missing: Mapped[int | None]
    decrypted: Mapped[int | None]
    mark: Mapped[int | None] = mapped_column(BigInteger)
    failure: Mapped[RunFailure | None] = mapped_column(Choice(RunFailure))
    detail: Mapped[str] = mapped_column(String(300), default="")
