"""TRN-6: what an attempt came to. Nothing of it reaches the candidate before the trainer tells it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.course import Course
from models.exam import Exam
from models.exam_sitting import ExamSitting
from models.organisation import Staff, Team
from models.training_session import Enrolment
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class ResultState(Labelled):
    """A result is marked, then told by the trainer."""

    TO_MARK = "to_mark", _("To be marked"), "warn"
    RECORDED = "recorded", _("Recorded, not told yet"), "info"
    TOLD = "told", _("Told to the candidate"), "good"


class ExamResult(Record):
    """Score, pass mark and attempt of one person at one exam (TRN-6), from a marked sitting, by hand or by import.

    `score` is out of 100; `pass_mark` the one in force on `taken_on`, or the candidate's own. `marks` hold, item by
    item, what was answered and what it brought: `[{"item": 1, "answer": […], "points": "2.00", "remark": ""}]`, where
    points are null until the trainer has marked them. The key is not among them.
    """

    __tablename__ = "exam_result"
    __entity__ = Entity(
        _("Exam result"),
        _("Exam results"),
        ("TRN-3", "TRN-6"),
        title="label",
        owner="staff_id",
        team="team_id",
        state="state",
        settled=frozenset({"exam_id", "staff_id"}),
        starts=frozenset({ResultState.TO_MARK}),
        frozen=frozenset({ResultState.TOLD}),
        published=frozenset({ResultState.TOLD}),
        icon="award",
    )
    __table_args__ = (
        UniqueConstraint("exam_id", "staff_id", "attempt"),
        UniqueConstraint("department_id", "number"),
        Index("ix_exam_result_staff_id_course_id", "staff_id", "course_id", "taken_on"),
        Index("ix_exam_result_state", "department_id", "state", "id"),
        Index("ix_exam_result_department_id_taken_on", "department_id", "taken_on", "id"),
    )

    number: Mapped[str] = mapped_column(String(80))
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    sitting_id: Mapped[int | None] = mapped_column(ForeignKey("exam_sitting.id"), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"), index=True)
    attempt: Mapped[int] = mapped_column(default=1)
    taken_on: Mapped[date] = mapped_column(Date)
    score: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    practical_score: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    pass_mark: Mapped[int]
    passed: Mapped[bool | None]
    marks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    remark: Mapped[str | None] = mapped_column(Text)
    marked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    marked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[ResultState] = mapped_column(Choice(ResultState), default=ResultState.RECORDED)

    exam: Mapped[Exam] = relationship()
    sitting: Mapped[ExamSitting | None] = relationship()
    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])
    team: Mapped[Team | None] = relationship()
    course: Mapped[Course] = relationship()
    enrolment: Mapped[Enrolment | None] = relationship()

    @property
    def label(self) -> str:
        """The exam, and which attempt where it is not the first."""
        name = self.exam.name if self.exam else str(self.exam_id)
        return f"{name} #{self.attempt}" if self.attempt > 1 else name

    @property
    def policy_date(self) -> date:
        """A result is judged by the pass mark in force on the day of the exam."""
        return self.taken_on
