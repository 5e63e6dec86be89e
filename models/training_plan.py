"""TRN-1, DAT-4: what the department is to learn in a year, drawn up from where its quality was weakest."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Entity, Record
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class TrainingPlanState(Labelled):
    """Drafted, handed to the department manager, approved."""

    DRAFT = "draft", _("Draft"), "quiet"
    SUBMITTED = "submitted", _("Waiting for approval"), "warn"
    APPROVED = "approved", _("Approved"), "good"


class TrainingPlan(Record):
    """A year's plan: objectives, content, method, timetable (TRN-1).

    `weaknesses` keeps the QA categories as they stood when the plan was submitted, the weakest first (DAT-4).
    """

    __tablename__ = "training_plan"
    __entity__ = Entity(
        _("Training plan"),
        _("Training plans"),
        ("TRN-1", "DAT-4"),
        title="label",
        state="state",
        frozen=frozenset({TrainingPlanState.SUBMITTED, TrainingPlanState.APPROVED}),
        icon="map",
    )
    __table_args__ = (UniqueConstraint("department_id", "year"),)

    year: Mapped[int]
    objectives: Mapped[str | None] = mapped_column(Text)
    content: Mapped[str | None] = mapped_column(Text)
    method: Mapped[str | None] = mapped_column(Text)
    timetable: Mapped[str | None] = mapped_column(Text)
    weaknesses: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[TrainingPlanState] = mapped_column(Choice(TrainingPlanState), default=TrainingPlanState.DRAFT)

    @property
    def label(self) -> str:
        """Its year."""
        return str(self.year)
