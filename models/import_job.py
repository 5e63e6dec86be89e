"""DAT-1: data from other systems; every import says what it took, refused and why, row by row, and loses nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import LongId
from models.base import Base, Entity, Record
from models.types import Choice, Encrypted, Labelled, UTCDateTime
from models.words import _


class ImportState(Labelled):
    """A file is mapped, tried, taken in; an interrupted import goes on where it stopped."""

    UPLOADED = "uploaded", _("Uploaded"), "info"
    MAPPED = "mapped", _("Mapped"), "info"
    CHECKING = "checking", _("Being tried"), "warn"
    CHECKED = "checked", _("Checked"), "info"
    RUNNING = "running", _("Running"), "warn"
    PAUSED = "paused", _("Paused"), "warn"
    FINISHED = "finished", _("Finished"), "good"
    CANCELLED = "cancelled", _("Cancelled"), "quiet"


class ImportMapping(Record):
    """How a person read the columns of one sort of file last time, found again by the header's fingerprint."""

    __tablename__ = "import_mapping"
    __entity__ = Entity(
        _("Import mapping"), _("Import mappings"), ("DAT-1",), title="name", owner="created_by_id", icon="shuffle"
    )
    __table_args__ = (UniqueConstraint("department_id", "entity", "fingerprint", "created_by_id"),)

    name: Mapped[str] = mapped_column(String(120))
    entity: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)

    @property
    def is_draft(self) -> bool:
        """A convenience of whoever imports, which they may throw away: what was imported stands in the imports."""
        return True


class ImportJob(Record):
    """One file on its way in. `choices` holds the mapping; `next_row` is where it goes on after an interruption.

    `account_id` is the account with whose rights the rows are written; None together with no author: the system.
    The counts are those of the trial until the import itself begins.
    """

    __tablename__ = "import_job"
    __entity__ = Entity(
        _("Import"),
        _("Imports"),
        ("DAT-1",),
        title="filename",
        owner="created_by_id",
        state="state",
        frozen=frozenset({ImportState.FINISHED, ImportState.CANCELLED}),
        icon="upload",
    )
    __table_args__ = (Index("ix_import_job_department_id_created_at", "department_id", "created_at"),)

    entity: Mapped[str] = mapped_column(String(64))
    filename: Mapped[str] = mapped_column(String(200))
    stored_name: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    sheet: Mapped[str | None] = mapped_column(String(120))
    account_id: Mapped[int | None]
    choices: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_taken: Mapped[int] = mapped_column(default=0)
    rows_same: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    next_row: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[ImportState] = mapped_column(Choice(ImportState), default=ImportState.UPLOADED)


class ImportRefusal(Base):
    """A row that was not taken, as it stood in the file, with every reason: what the file to mend is made of.

    The cells may hold customers' data and rest encrypted. `dry` rows come from the trial.
    """

    __tablename__ = "import_refusal"
    __part_of__ = "job"
    __table_args__ = (UniqueConstraint("job_id", "row_number", "dry"),)

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("import_job.id", ondelete="CASCADE"))
    row_number: Mapped[int] = mapped_column(BigInteger)
    dry: Mapped[bool] = mapped_column(default=False)
    cells: Mapped[str] = mapped_column(Encrypted("import_refusal.cells"))
    reasons: Mapped[list[Any]] = mapped_column(JSON)

    job: Mapped[ImportJob] = relationship()


class ImportLease(Base):
    """Which worker has a job in hand, and until when: nobody else touches the job before that moment has passed."""

    __tablename__ = "import_lease"

    job_id: Mapped[int] = mapped_column(
        ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    holder: Mapped[str] = mapped_column(String(120), default="")
    until: Mapped[datetime] = mapped_column(UTCDateTime)
