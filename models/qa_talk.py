"""QA-7 and RCT-3: the talks that a severe finding or a poor rectification asks of the QA supervisor."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Staff
from models.qa_inspection import QaFinding
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class TalkReason(Labelled):
    """Why the talk is owed."""

    SEVERE_FINDING = "severe_finding", _("Severe finding"), "bad"
    POOR_RECTIFICATION = "poor_rectification", _("Poor rectification"), "warn"


class TalkState(Labelled):
    """A talk is owed, then held; it falls away when its finding is withdrawn."""

    PLANNED = "planned", _("To be held"), "warn"
    HELD = "held", _("Held"), "good"
    DROPPED = "dropped", _("No longer needed"), "quiet"


class QaTalk(Record):
    """A talk of the QA supervisor with an agent."""

    __tablename__ = "qa_talk"
    __entity__ = Entity(
        _("QA talk"),
        _("QA talks"),
        ("QA-7", "RCT-3"),
        title="label",
        owner="agent_id",
        team="team_id",
        state="state",
        frozen=frozenset({TalkState.HELD, TalkState.DROPPED}),
        internal=True,
        icon="message-circle",
    )

    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    finding_id: Mapped[int] = mapped_column(ForeignKey("qa_finding.id"), index=True)
    reason: Mapped[TalkReason] = mapped_column(Choice(TalkReason))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(String(400))
    state: Mapped[TalkState] = mapped_column(Choice(TalkState), default=TalkState.PLANNED)

    agent: Mapped[Staff] = relationship()
    finding: Mapped[QaFinding] = relationship()

    @property
    def label(self) -> str:
        """Whom the talk is with."""
        return self.agent.label if self.agent else str(self.id)
