"""TRN-5 and TRN-6: exams and the papers that were drawn for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.course import Course
from models.organisation import Staff
from models.training_session import TrainingSession
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class ExamForm(Labelled):
    """Where an exam is taken: here, or elsewhere with results that the trainer records or imports."""

    ONLINE = "online", _("Taken here"), "info"
    ELSEWHERE = "elsewhere", _("Held elsewhere, results recorded")


class ExamState(Labelled):
    """An exam is prepared, published with its paper, and done when its results are told."""

    DRAFT = "draft", _("Being prepared"), "quiet"
    OPEN = "open", _("Published"), "info"
    DONE = "done", _("Results told"), "good"
    CANCELLED = "cancelled", _("Cancelled"), "quiet"


class Exam(Record):
    """An exam of a course, most often the one that ends a training session (TRN-5).

    It is taken between `opens_at` and `closes_at`, `minutes` long. `rules` say how many questions of each category and
    difficulty a paper has: `[{"category": …, "difficulty": …, "count": …}]`; `seed` decides the draw and every order.
    `partial_credit` gives half the points for an incomplete multiple choice; `shows_key` lets candidates see what was
    right once their result is told.
    """

    __tablename__ = "exam"
    __entity__ = Entity(
        _("Exam"),
        _("Exams"),
        ("TRN-5", "TRN-6"),
        title="label",
        state="state",
        frozen=frozenset({ExamState.DONE, ExamState.CANCELLED}),
        published=frozenset({ExamState.OPEN, ExamState.DONE, ExamState.CANCELLED}),
        searched=("number", "name"),
        icon="file-check",
    )
    __table_args__ = (
        UniqueConstraint("department_id", "number"),
        Index("ix_exam_department_id_opens_at", "department_id", "opens_at", "id"),
    )

    number: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(160))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("training_session.id"), index=True)
    trainer_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    form: Mapped[ExamForm] = mapped_column(Choice(ExamForm), default=ExamForm.ONLINE)
    opens_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime] = mapped_column(UTCDateTime)
    minutes: Mapped[int] = mapped_column(default=60)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    partial_credit: Mapped[bool] = mapped_column(default=True)
    shows_key: Mapped[bool] = mapped_column(default=False)
    seed: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[ExamState] = mapped_column(Choice(ExamState), default=ExamState.DRAFT)

    course: Mapped[Course] = relationship()
    session: Mapped[TrainingSession | None] = relationship()
    trainer: Mapped[Staff] = relationship()
    papers: Mapped[list["ExamPaper"]] = relationship(back_populates="exam", order_by="ExamPaper.attempt")

    @property
    def label(self) -> str:
        """Number and name."""
        return f"{self.number} {self.name}"

    @property
    def policy_moment(self) -> datetime:
        """An exam is judged by what is in force when it is held."""
        return self.opens_at


class ExamPaper(Record):
    """The questions of one attempt, worded as they were asked. Whoever sits the exam never reads this: it has the key.

    `items` are questions as plugins/exam/items.py lays them out, in the order of the draw.
    """

    __tablename__ = "exam_paper"
    __entity__ = Entity(_("Exam paper"), _("Exam papers"), ("TRN-6",), title="label", icon="file-lock")
    __table_args__ = (UniqueConstraint("exam_id", "attempt"),)

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    attempt: Mapped[int] = mapped_column(default=1)
    seed: Mapped[str] = mapped_column(String(80))
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    drawn_at: Mapped[datetime] = mapped_column(UTCDateTime)

    exam: Mapped[Exam] = relationship(back_populates="papers")

    @property
    def label(self) -> str:
        """The exam and which attempt the paper is for."""
        return f"{self.exam.label} #{self.attempt}" if self.exam else f"#{self.attempt}"
