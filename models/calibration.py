"""QA-10: several inspectors score the same record blind, then their spread is shown."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Staff
from models.scorecard import Scorecard
from models.service_record import ServiceRecord
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class CalibrationState(Labelled):
    """Scores stay blind until the round is revealed."""

    DRAFT = "draft", _("Draft"), "quiet"
    SCORING = "scoring", _("Being scored"), "info"
    REVEALED = "revealed", _("Revealed"), "good"


class ScoreState(Labelled):
    """One inspector's blind score."""

    OWED = "owed", _("To be scored"), "info"
    HANDED_IN = "handed_in", _("Handed in"), "good"


class Calibration(Record):
    """A calibration round about one record."""

    __tablename__ = "calibration"
    __entity__ = Entity(
        _("Calibration round"),
        _("Calibration rounds"),
        ("QA-10",),
        title="name",
        state="state",
        settled=frozenset({"service_record_id"}),
        frozen=frozenset({CalibrationState.REVEALED}),
        internal=True,
        icon="crosshair",
    )

    name: Mapped[str] = mapped_column(String(120))
    service_record_id: Mapped[int] = mapped_column(ForeignKey("service_record.id"))
    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecard.id"))
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    conclusion: Mapped[str | None] = mapped_column(Text)
    state: Mapped[CalibrationState] = mapped_column(Choice(CalibrationState), default=CalibrationState.DRAFT)

    service_record: Mapped[ServiceRecord] = relationship()
    scorecard: Mapped[Scorecard] = relationship()
    scores: Mapped[list["CalibrationScore"]] = relationship(
        back_populates="calibration", order_by="CalibrationScore.id"
    )


class CalibrationScore(Record):
    """What one inspector found: `findings` lists item id, severity and deduction."""

    __tablename__ = "calibration_score"
    __entity__ = Entity(
        _("Blind score"),
        _("Blind scores"),
        ("QA-10",),
        title="label",
        owner="inspector_id",
        state="state",
        frozen=frozenset({ScoreState.HANDED_IN}),
        internal=True,
        icon="eye-off",
    )
    __table_args__ = (UniqueConstraint("calibration_id", "inspector_id"),)

    calibration_id: Mapped[int] = mapped_column(ForeignKey("calibration.id"))
    inspector_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    score: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    state: Mapped[ScoreState] = mapped_column(Choice(ScoreState), default=ScoreState.OWED)

    calibration: Mapped[Calibration] = relationship(back_populates="scores")
    inspector: Mapped[Staff] = relationship()

    @property
    def label(self) -> str:
        """The round."""
        return self.calibration.name if self.calibration else str(self.id)
