"""QA-3 to QA-6: drawn records on their way from the inspector through the review to the agent."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Boolean, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Staff, Team
from models.qa_plan import QaDraw
from models.scorecard import Scorecard, ScorecardItem
from models.service_record import ServiceRecord
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class InspectionState(Labelled):
    """Nothing reaches the agent before the review (QA-6)."""

    ASSIGNED = "assigned", _("To be scored"), "info"
    HANDED_IN = "handed_in", _("Handed in"), "warn"
    REVIEWED = "reviewed", _("Result told"), "good"
    APPEALED = "appealed", _("Appealed"), "warn"
    ACCEPTED = "accepted", _("Confirmed"), "quiet"


TOLD = frozenset({InspectionState.REVIEWED, InspectionState.APPEALED, InspectionState.ACCEPTED})


class Severity(Labelled):
    """How grave a finding is (QA-4)."""

    MINOR = "minor", _("Minor"), "info"
    GENERAL = "general", _("General"), "warn"
    SEVERE = "severe", _("Severe"), "bad"


class FindingState(Labelled):
    """A finding is told with its review, and withdrawn when an appeal is accepted."""

    DRAFT = "draft", _("Not yet told"), "quiet"
    TOLD = "told", _("Told"), "warn"
    WITHDRAWN = "withdrawn", _("Withdrawn"), "quiet"


class QaBatch(Record):
    """One inspector's share of a draw for one week; the counts say what is still to hand in and review (QA-6)."""

    __tablename__ = "qa_batch"
    __entity__ = Entity(
        _("Weekly share"), _("Weekly shares"), ("QA-6",), title="label", owner="inspector_id", icon="layers"
    )
    __table_args__ = (UniqueConstraint("draw_id", "inspector_id", "week"),)

    draw_id: Mapped[int] = mapped_column(ForeignKey("qa_draw.id"))
    inspector_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    week: Mapped[str] = mapped_column(String(8))
    to_hand_in: Mapped[int] = mapped_column(default=0)
    to_review: Mapped[int] = mapped_column(default=0)

    draw: Mapped[QaDraw] = relationship()
    inspector: Mapped[Staff] = relationship()

    @property
    def label(self) -> str:
        """Week and inspector."""
        return f"{self.week} {self.inspector.name}" if self.inspector else self.week


class QaInspection(Record):
    """The scoring of one drawn record. It keeps the scorecard edition it was scored with (QA-2)."""

    __tablename__ = "qa_inspection"
    __entity__ = Entity(
        _("Inspection"),
        _("Inspections"),
        ("QA-3", "QA-5", "QA-6"),
        title="label",
        owner="agent_id",
        team="team_id",
        state="state",
        frozen=frozenset({InspectionState.ACCEPTED}),
        published=TOLD,
        internal=True,
        icon="search",
    )
    __table_args__ = (
        UniqueConstraint("draw_id", "service_record_id"),
        Index("ix_qa_inspection_department_id_scored_at", "department_id", "occurred_at", "id"),
        Index("ix_qa_inspection_department_id_state_occurred_at", "department_id", "state", "occurred_at", "id"),
        Index("ix_qa_inspection_team_id_occurred_at", "team_id", "occurred_at", "id"),
        Index("ix_qa_inspection_agent_id_occurred_at", "agent_id", "occurred_at", "id"),
        Index("ix_qa_inspection_inspector_id_state", "inspector_id", "state", "id"),
    )

    draw_id: Mapped[int] = mapped_column(ForeignKey("qa_draw.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("qa_batch.id"), index=True)
    service_record_id: Mapped[int] = mapped_column(ForeignKey("service_record.id"), index=True)
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    inspector_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecard.id"))
    remark: Mapped[str | None] = mapped_column(Text)
    score: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    handed_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reviewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[InspectionState] = mapped_column(Choice(InspectionState), default=InspectionState.ASSIGNED)

    draw: Mapped[QaDraw] = relationship()
    batch: Mapped[QaBatch] = relationship()
    service_record: Mapped[ServiceRecord] = relationship()
    agent: Mapped[Staff] = relationship(foreign_keys=[agent_id])
    team: Mapped[Team | None] = relationship()
    inspector: Mapped[Staff] = relationship(foreign_keys=[inspector_id])
    scorecard: Mapped[Scorecard] = relationship()
    findings: Mapped[list["QaFinding"]] = relationship(
        back_populates="inspection", order_by="QaFinding.id", cascade="save-update, merge, delete"
    )
    editions: Mapped[list["QaScore"]] = relationship(back_populates="inspection", order_by="QaScore.edition")

    @property
    def label(self) -> str:
        """The record's number."""
        return self.service_record.number if self.service_record else str(self.id)

    @property
    def running_score(self) -> Decimal:
        """The score as its findings stand now; several findings add up (QA-5)."""
        standing = [
            f.deduction for f in self.findings if f.state is not FindingState.WITHDRAWN and f.deduction is not None
        ]
        return self.scorecard.score(standing)


class QaFinding(Record):
    """One problem found in a record: which item, how grave, how many points (QA-4)."""

    __tablename__ = "qa_finding"
    __entity__ = Entity(
        _("Finding"),
        _("Findings"),
        ("QA-4", "RCT-4"),
        title="problem",
        owner="agent_id",
        team="team_id",
        state="state",
        settled=frozenset({"inspection_id"}),
        frozen=frozenset({FindingState.WITHDRAWN}),
        published=frozenset({FindingState.TOLD, FindingState.WITHDRAWN}),
        searched=("problem", "cause"),
        internal=True,
        icon="alert-triangle",
    )
    __table_args__ = (
        Index("ix_qa_finding_department_id_occurred_at", "department_id", "occurred_at", "id"),
        Index("ix_qa_finding_department_id_state_occurred_at", "department_id", "state", "occurred_at", "id"),
        Index("ix_qa_finding_team_id_occurred_at", "team_id", "occurred_at", "id"),
        Index("ix_qa_finding_agent_id_item_id", "agent_id", "item_id", "occurred_at"),
    )

    inspection_id: Mapped[int] = mapped_column(ForeignKey("qa_inspection.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("scorecard_item.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    severity: Mapped[Severity] = mapped_column(Choice(Severity))
    deduction: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    problem: Mapped[str] = mapped_column(String(1000))
    cause: Mapped[str | None] = mapped_column(String(400))
    recurring: Mapped[bool] = mapped_column(Boolean, default=False)
    state: Mapped[FindingState] = mapped_column(Choice(FindingState), default=FindingState.DRAFT)

    inspection: Mapped[QaInspection] = relationship(back_populates="findings")
    item: Mapped[ScorecardItem] = relationship()
    agent: Mapped[Staff] = relationship()
    team: Mapped[Team | None] = relationship()

    @property
    def is_draft(self) -> bool:
        """Only a finding that nobody was told may be taken back by deleting it."""
        return self.state is FindingState.DRAFT


class ScoreReason(Labelled):
    """Why a score stands as it does."""

    REVIEW = "review", _("Review")
    APPEAL = "appeal", _("Accepted appeal")


class QaScore(Record):
    """A score that stood, and why it changed: after an appeal both editions stay visible (QA-8)."""

    __tablename__ = "qa_score"
    __entity__ = Entity(
        _("Score edition"), _("Score editions"), ("QA-8",), owner="agent_id", team="team_id", icon="git-commit"
    )
    __table_args__ = (UniqueConstraint("inspection_id", "edition"),)

    inspection_id: Mapped[int] = mapped_column(ForeignKey("qa_inspection.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    edition: Mapped[int]
    score: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    reason: Mapped[ScoreReason] = mapped_column(Choice(ScoreReason))
    decided_by_id: Mapped[int | None]
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)

    inspection: Mapped[QaInspection] = relationship(back_populates="editions")

    @property
    def title(self) -> str:
        """Its place in the row of editions."""
        return f"#{self.edition} · {self.score.normalize():f}"
