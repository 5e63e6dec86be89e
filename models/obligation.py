"""Somebody must do something by a time: the one table for every "X by Y", and its reminders."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import LongId
from models.base import Base, Entity
from models.organisation import Staff
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class ObligationState(Labelled):
    """Open until the records themselves meet it; overdue is open and late."""

    OPEN = "open", _("Open"), "info"
    OVERDUE = "overdue", _("Overdue"), "bad"
    MET = "met", _("Met"), "good"
    WAIVED = "waived", _("Waived"), "quiet"
    VOID = "void", _("No longer owed"), "quiet"


UNDONE = (ObligationState.OPEN, ObligationState.OVERDUE)


class Obligation(Base):
    """A duty with its owner, due moment, state and proof.

    The sweep looks at it again at `looked_at_next`: the due moment, or later when working on it failed.

    `kind` names the declaration in a plugin; `subject_type` and `subject_id` the record it is about, or `period`
    (such as `2026-11`) when it recurs. The owner is a person, or the holder of `owner_post` found when it matters.
    """

    __tablename__ = "obligation"
    __entity__ = Entity(_("Obligation"), _("Obligations"), (), owner="owner_id", team="team_id", icon="clock")
    __table_args__ = (
        UniqueConstraint("department_id", "kind", "occurrence"),
        Index("ix_obligation_subject_type_subject_id", "subject_type", "subject_id"),
        Index("ix_obligation_owner_id_state_due_at", "owner_id", "state", "due_at"),
        Index("ix_obligation_department_id_state_due_at", "department_id", "state", "due_at", "id"),
        Index(
            "ix_obligation_undone",
            "department_id",
            "due_at",
            "id",
            postgresql_where=text("state IN ('open', 'overdue')"),
            sqlite_where=text("state IN ('open', 'overdue')"),
        ),
        Index("ix_obligation_department_id_clause_due_at", "department_id", "clause", "due_at"),
        Index(
            "ix_obligation_lapsing",
            "looked_at_next",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    kind: Mapped[str] = mapped_column(String(64))
    clause: Mapped[str] = mapped_column(String(16))
    occurrence: Mapped[str] = mapped_column(String(80))
    subject_type: Mapped[str | None] = mapped_column(String(64))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    subject_title: Mapped[str] = mapped_column(String(200), default="")
    period: Mapped[str | None] = mapped_column(String(16))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    owner_post: Mapped[str | None] = mapped_column(String(32))
    team_id: Mapped[int | None]
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    looked_at_next: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[ObligationState] = mapped_column(Choice(ObligationState), default=ObligationState.OPEN)
    met_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    proof: Mapped[str | None] = mapped_column(String(200))
    waived_reason: Mapped[str | None] = mapped_column(Text)
    waived_by_id: Mapped[int | None]
    step: Mapped[int] = mapped_column(default=0)

    owner: Mapped[Staff | None] = relationship()

    @property
    def title(self) -> str:
        """The subject's title, or the period."""
        return self.subject_title or self.period or str(self.id)


def is_undone() -> ColumnElement[bool]:
    """Still owed. Written into the statement, not bound: the partial index is used only where the values are seen."""
    states: BindParameter[Any] = bindparam("undone", UNDONE, expanding=True, literal_execute=True, unique=True)
    return Obligation.state.in_(states)


class ReminderState(Labelled):
    """What became of a reminder; `late` ones were sent after a pause and say so."""

    PENDING = "pending", _("Will be sent"), "info"
    SENT = "sent", _("Sent"), "good"
    CANCELLED = "cancelled", _("Not needed any more"), "quiet"
    DEAD = "dead", _("Given up after repeated errors"), "bad"


class Reminder(Base):
    """One step of an obligation's reminding and escalating, claimed once by a conditional update."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("obligation_id", "step", "round"),
        Index(
            "ix_reminder_due",
            "fire_at",
            postgresql_where=text("state = 'pending'"),
            sqlite_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id", ondelete="CASCADE"))
    step: Mapped[int]
    round: Mapped[int] = mapped_column(default=0)
    offset: Mapped[str] = mapped_column(String(16))
    recipients: Mapped[list[str]] = mapped_column(JSON)
    planned_at: Mapped[datetime] = mapped_column(UTCDateTime)
    fire_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[ReminderState] = mapped_column(Choice(ReminderState), default=ReminderState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(500))
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    obligation: Mapped[Obligation] = relationship()


class Heartbeat(Base):
    """When each scheduler last swept, so that a page can show a silent one."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(UTCDateTime)
    swept: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(200), default="")
