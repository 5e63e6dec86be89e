"""Long work that was asked for: one row a piece, whichever process does it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.audit import LongId
from models.base import Base, Entity
from models.types import Choice, Encrypted, Labelled, UTCDateTime
from models.words import _


class JobState(Labelled):
    """What became of a piece of work. While somebody does it, it still waits: for its end."""

    WAITING = "waiting", _("Waiting"), "info"
    DONE = "done", _("Done"), "good"
    DEAD = "dead", _("Given up after repeated errors"), "bad"
    DROPPED = "dropped", _("Not needed any more"), "quiet"


class Lane(StrEnum):
    """Work of seconds never queues behind work of minutes."""

    QUICK = "quick"
    LONG = "long"


class Job(Base):
    """One piece of work: what, for whom, how far, how often tried.

    Of a `key` there is one undone job at most. Who asks for it again brings it forward and counts `asked` up; a worker
    that was told a lower count does it once more. `args` name records by their ids; they may hold what a person typed
    (the search behind an export), so they rest encrypted. Whoever holds the lease (`holder`, `leased_until`) does it.
    """

    __tablename__ = "job"
    __entity__ = Entity(_("Background task"), _("Background tasks"), (), icon="cog")
    __table_args__ = (
        Index(
            "uq_job_key",
            "key",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_job_due",
            "lane",
            "run_at",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        Index("ix_job_state_ended_at", "state", "ended_at"),
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    department_id: Mapped[int | None]
    account_id: Mapped[int | None]
    task: Mapped[str] = mapped_column(String(64))
    lane: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(160))
    args: Mapped[str | None] = mapped_column(Encrypted("job.args"))
    request_id: Mapped[str] = mapped_column(String(40))
    state: Mapped[JobState] = mapped_column(Choice(JobState), default=JobState.WAITING)
    asked: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    holder: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
