"""TRN-5 and TRN-6: who is to take which exam by when, and what they answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Entity, Record
from models.exam import Exam
from models.organisation import Staff, Team
from models.training_session import Enrolment
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class SittingState(Labelled):
    """A sitting is opened for a candidate, begun by them, and handed in by them or by the clock."""

    ASSIGNED = "assigned", _("To be taken"), "info"
    UNDER_WAY = "under_way", _("Under way"), "warn"
    HANDED_IN = "handed_in", _("Handed in"), "good"
    MISSED = "missed", _("Not taken"), "bad"
    CANCELLED = "cancelled", _("Cancelled"), "quiet"


class ExamSitting(Record):
    """One person's attempt at an exam. The first attempt follows the exam's hours, a resit has its own due date.

    `ends_at` is set by the server when the candidate begins, from the time limit and `extra_minutes`; nothing is taken
    after it. `own_pass_mark` and `extra_minutes` are arrangements for this person, with `arrangement` saying why.
    `holder` names the page that writes at present: a second device takes over, and the first one is told.
    """

    __tablename__ = "exam_sitting"
    __entity__ = Entity(
        _("Sitting"),
        _("Sittings"),
        ("TRN-5", "TRN-6"),
        title="label",
        owner="staff_id",
        team="team_id",
        state="state",
        frozen=frozenset({SittingState.HANDED_IN, SittingState.CANCELLED}),
        icon="pen",
    )
    __table_args__ = (
        UniqueConstraint("exam_id", "staff_id", "attempt"),
        Index("ix_exam_sitting_staff_id_state", "staff_id", "state"),
        Index("ix_exam_sitting_state_ends_at", "state", "ends_at"),
        Index("ix_exam_sitting_state_closes_at", "state", "closes_at"),
    )

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"), index=True)
    attempt: Mapped[int] = mapped_column(default=1)
    opens_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime] = mapped_column(UTCDateTime)
    extra_minutes: Mapped[int] = mapped_column(default=0)
    own_pass_mark: Mapped[int | None]
    arrangement: Mapped[str | None] = mapped_column(Text)
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handed_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    by_clock: Mapped[bool] = mapped_column(default=False)
    holder: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[SittingState] = mapped_column(Choice(SittingState), default=SittingState.ASSIGNED)

    exam: Mapped[Exam] = relationship()
    staff: Mapped[Staff] = relationship()
    team: Mapped[Team | None] = relationship()
    enrolment: Mapped[Enrolment | None] = relationship()
    answers: Mapped[list["ExamAnswer"]] = relationship(back_populates="sitting", order_by="ExamAnswer.item")

    @property
    def label(self) -> str:
        """The exam, and which attempt where it is not the first."""
        name = self.exam.name if self.exam else str(self.exam_id)
        return f"{name} #{self.attempt}" if self.attempt > 1 else name

    @property
    def policy_moment(self) -> datetime:
        """A sitting is judged by what is in force when it is open."""
        return self.opens_at

    @property
    def is_resit(self) -> bool:
        """Whether it follows a failed attempt (TRN-6)."""
        return self.attempt > 1


class ExamAnswer(Base):
    """An answer as it was given last, kept the moment it is given; `writes` counts how often it was changed.

    No record of its own: the result keeps what was handed in.
    """

    __tablename__ = "exam_answer"
    __part_of__ = "sitting"
    __table_args__ = (UniqueConstraint("sitting_id", "item"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("exam_sitting.id"))
    item: Mapped[int]
    answer: Mapped[list[Any]] = mapped_column(JSON, default=list)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    writes: Mapped[int] = mapped_column(default=1)

    sitting: Mapped[ExamSitting] = relationship(back_populates="answers")
