"""HIRE-3: one interviewer's sheet of one round with one candidate."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.candidate import Candidate
from models.organisation import Staff
from models.types import Choice, Encrypted, Labelled, UTCDateTime
from models.words import _


class Round(Labelled):
    """Both are required before the background check."""

    FIRST = "first", _("First interview"), "info"
    SECOND = "second", _("Second interview"), "info"


class InterviewState(Labelled):
    """A sheet is planned, then scored; one that nobody will fill in any more is cancelled."""

    PLANNED = "planned", _("To be scored"), "warn"
    SCORED = "scored", _("Scored"), "good"
    CANCELLED = "cancelled", _("Cancelled"), "quiet"


class Advice(Labelled):
    """What the interviewer would do."""

    TAKE = "take", _("Take on"), "good"
    UNSURE = "unsure", _("Undecided"), "warn"
    REFUSE = "refuse", _("Do not take on"), "bad"


class Interview(Record):
    """The scores of one interviewer. Several may sit in one round, each with a sheet of their own (HIRE-3)."""

    __tablename__ = "interview"
    __entity__ = Entity(
        _("Interview"),
        _("Interviews"),
        ("HIRE-3",),
        title="label",
        called="candidate.name",
        owner="interviewer_id",
        state="state",
        settled=frozenset({"candidate_id"}),
        icon="message-square",
    )
    __table_args__ = (
        UniqueConstraint("candidate_id", "round", "interviewer_id"),
        Index("ix_interview_interviewer_id_state", "interviewer_id", "state"),
    )

    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"))
    round: Mapped[Round] = mapped_column(Choice(Round), default=Round.FIRST)
    interviewer_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    planned_at: Mapped[datetime] = mapped_column(UTCDateTime)
    place: Mapped[str | None] = mapped_column(String(120))
    scores: Mapped[dict[str, int] | None] = mapped_column(JSON)
    mean: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    advice: Mapped[Advice | None] = mapped_column(Choice(Advice))
    remark: Mapped[str | None] = mapped_column(Encrypted("interview.remark", long=True))
    scored_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[InterviewState] = mapped_column(Choice(InterviewState), default=InterviewState.PLANNED)

    candidate: Mapped[Candidate] = relationship(back_populates="interviews")
    interviewer: Mapped[Staff] = relationship()

    @property
    def label(self) -> str:
        """The candidate, without a name."""
        return self.candidate.label if self.candidate else f"#{self.id}"

    @property
    def policy_moment(self) -> datetime | None:
        """The day of the interview decides what it scores."""
        return self.planned_at
