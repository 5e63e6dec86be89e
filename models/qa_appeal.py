"""QA-8: an agent questions a result, and somebody else than the inspector answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Staff
from models.qa_inspection import QaInspection
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class AppealState(Labelled):
    """An appeal is filed and answered, or taken back."""

    FILED = "filed", _("Waiting for an answer"), "warn"
    ACCEPTED = "accepted", _("Accepted"), "good"
    REJECTED = "rejected", _("Rejected"), "bad"
    WITHDRAWN = "withdrawn", _("Withdrawn"), "quiet"


class QaAppeal(Record):
    """What the agent questions and why; `revised` maps a finding's id to its new deduction (0 withdraws it)."""

    __tablename__ = "qa_appeal"
    __entity__ = Entity(
        _("Appeal"),
        _("Appeals"),
        ("QA-8",),
        title="label",
        owner="agent_id",
        team="team_id",
        state="state",
        settled=frozenset({"inspection_id"}),
        frozen=frozenset({AppealState.ACCEPTED, AppealState.REJECTED, AppealState.WITHDRAWN}),
        searched=("grounds",),
        internal=True,
        icon="message-square",
    )

    inspection_id: Mapped[int] = mapped_column(ForeignKey("qa_inspection.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    inspector_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    grounds: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    revised: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    score_before: Mapped[str | None] = mapped_column(String(12))
    state: Mapped[AppealState] = mapped_column(Choice(AppealState), default=AppealState.FILED)

    inspection: Mapped[QaInspection] = relationship()
    agent: Mapped[Staff] = relationship(foreign_keys=[agent_id])
    inspector: Mapped[Staff] = relationship(foreign_keys=[inspector_id])
    answered_by: Mapped[Staff | None] = relationship(foreign_keys=[answered_by_id])

    @property
    def label(self) -> str:
        """The questioned record."""
        return self.inspection.label if self.inspection else str(self.id)
