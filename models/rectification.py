"""RCT: what agents do about findings, by when, and what follows when they do not."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Staff, Team
from models.qa_inspection import QaFinding, Severity
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class TaskState(Labelled):
    """Only verification closes a task (RCT-2)."""

    OPEN = "open", _("To be rectified"), "info"
    COMPLETED = "completed", _("Waiting for verification"), "warn"
    VERIFIED = "verified", _("Verified"), "good"
    CANCELLED = "cancelled", _("Cancelled"), "quiet"


class RectificationTask(Record):
    """An agent's task from one reviewed finding (RCT-1). `failures` counts rejections and missed dates (RCT-3)."""

    __tablename__ = "rectification_task"
    __entity__ = Entity(
        _("Rectification task"),
        _("Rectification tasks"),
        ("RCT-1", "RCT-2"),
        title="label",
        owner="agent_id",
        team="team_id",
        state="state",
        frozen=frozenset({TaskState.VERIFIED, TaskState.CANCELLED}),
        searched=("problem", "measures"),
        internal=True,
        icon="tool",
    )
    __table_args__ = (
        Index("ix_rectification_task_department_id_due_at", "department_id", "due_at", "id"),
        Index("ix_rectification_task_team_id_due_at", "team_id", "due_at", "id"),
        Index("ix_rectification_task_agent_id_state", "agent_id", "state"),
    )

    finding_id: Mapped[int] = mapped_column(ForeignKey("qa_finding.id"), unique=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    inspector_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    severity: Mapped[Severity] = mapped_column(Choice(Severity))
    problem: Mapped[str] = mapped_column(String(1000))
    recurring: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    measures: Mapped[str | None] = mapped_column(Text)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    verdict: Mapped[str | None] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(default=0)
    state: Mapped[TaskState] = mapped_column(Choice(TaskState), default=TaskState.OPEN)

    finding: Mapped[QaFinding] = relationship()
    agent: Mapped[Staff] = relationship(foreign_keys=[agent_id])
    team: Mapped[Team | None] = relationship()
    inspector: Mapped[Staff] = relationship(foreign_keys=[inspector_id])

    @property
    def label(self) -> str:
        """The problem, shortened."""
        return self.problem[:60]


class MeasureState(Labelled):
    """A management measure is owed after a second failure, then decided."""

    OWED = "owed", _("To be decided"), "warn"
    DECIDED = "decided", _("Decided"), "good"


class ManagementMeasure(Record):
    """What management does after a second poor rectification (RCT-3)."""

    __tablename__ = "management_measure"
    __entity__ = Entity(
        _("Management measure"),
        _("Management measures"),
        ("RCT-3",),
        title="label",
        owner="agent_id",
        team="team_id",
        state="state",
        frozen=frozenset({MeasureState.DECIDED}),
        internal=True,
        icon="flag",
    )

    task_id: Mapped[int] = mapped_column(ForeignKey("rectification_task.id"), unique=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    measure: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[MeasureState] = mapped_column(Choice(MeasureState), default=MeasureState.OWED)

    task: Mapped[RectificationTask] = relationship()
    agent: Mapped[Staff] = relationship(foreign_keys=[agent_id])

    @property
    def label(self) -> str:
        """Whom it concerns."""
        return self.agent.label if self.agent else str(self.id)
