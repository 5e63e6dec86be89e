"""QA-1 and QA-3: the month's plan, and the random draw that anyone can do again."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.scorecard import Scorecard
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class PlanState(Labelled):
    """A plan is drafted, published, and closed when its month is over."""

    DRAFT = "draft", _("Draft"), "quiet"
    PUBLISHED = "published", _("Published"), "info"
    CLOSED = "closed", _("Closed"), "quiet"


class QaPlan(Record):
    """Scope, dates, method, standard and sample size of one month's quality inspection (QA-1)."""

    __tablename__ = "qa_plan"
    __entity__ = Entity(
        _("QA plan"),
        _("QA plans"),
        ("QA-1",),
        title="month",
        state="state",
        frozen=frozenset({PlanState.CLOSED}),
        icon="target",
    )
    __table_args__ = (UniqueConstraint("department_id", "month"),)

    month: Mapped[str] = mapped_column(String(7))
    scope: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    records_from: Mapped[date] = mapped_column(Date)
    records_until: Mapped[date] = mapped_column(Date)
    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecard.id"))
    per_agent: Mapped[int]
    state: Mapped[PlanState] = mapped_column(Choice(PlanState), default=PlanState.DRAFT)

    scorecard: Mapped[Scorecard] = relationship()
    draws: Mapped[list["QaDraw"]] = relationship(back_populates="plan", order_by="QaDraw.number")


class QaDraw(Record):
    """One random draw (QA-3): its seed and the fingerprint of what it drew from, so that anyone can draw again.

    A plan has one draw; a further one needs a reason, is numbered, and both stay visible.
    """

    __tablename__ = "qa_draw"
    __entity__ = Entity(_("Random draw"), _("Random draws"), ("QA-3",), title="label", icon="shuffle")
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    plan_id: Mapped[int] = mapped_column(ForeignKey("qa_plan.id"), index=True)
    number: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(400))
    seed: Mapped[str] = mapped_column(String(64))
    method: Mapped[str] = mapped_column(String(40))
    drawn_at: Mapped[datetime] = mapped_column(UTCDateTime)
    per_agent: Mapped[int]
    records_from: Mapped[date] = mapped_column(Date)
    records_until: Mapped[date] = mapped_column(Date)
    population: Mapped[int]
    population_hash: Mapped[str] = mapped_column(String(64))
    sample_hash: Mapped[str] = mapped_column(String(64))
    sample: Mapped[list[int]] = mapped_column(JSON)
    strata: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

    plan: Mapped[QaPlan] = relationship(back_populates="draws")

    @property
    def label(self) -> str:
        """Month and number."""
        return f"{self.plan.month} #{self.number}" if self.plan else str(self.number)
