"""TRN-2, TRN-4: when a course is held, who is to take part, who came, and who was excused."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.course import Course
from models.organisation import Staff, Team
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class SessionState(Labelled):
    """A session is planned, held, and closed once everything that follows from it is done."""

    PLANNED = "planned", _("Planned"), "info"
    HELD = "held", _("Held"), "warn"
    CLOSED = "closed", _("Closed"), "good"
    CANCELLED = "cancelled", _("Cancelled"), "quiet"


class TrainingSession(Record):
    """One date on which a course is held (TRN-2). A business training ends with an exam (TRN-5)."""

    __tablename__ = "training_session"
    __entity__ = Entity(
        _("Training session"),
        _("Training sessions"),
        ("TRN-2", "TRN-5"),
        title="name",
        state="state",
        frozen=frozenset({SessionState.CLOSED, SessionState.CANCELLED}),
        searched=("name", "place"),
        icon="presentation",
    )
    __table_args__ = (Index("ix_training_session_department_id_starts_at", "department_id", "starts_at", "id"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    trainer_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    place: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[int | None]
    is_business_training: Mapped[bool] = mapped_column(default=True)
    summary: Mapped[str | None] = mapped_column(Text)
    state: Mapped[SessionState] = mapped_column(Choice(SessionState), default=SessionState.PLANNED)

    course: Mapped[Course] = relationship()
    trainer: Mapped[Staff] = relationship()
    enrolments: Mapped[list["Enrolment"]] = relationship(back_populates="session", order_by="Enrolment.id")


class EnrolmentReason(Labelled):
    """Why somebody is to take a course."""

    ONBOARDING = "onboarding", _("Onboarding"), "info"
    ASSIGNED = "assigned", _("Assigned")
    WEAK_CATEGORY = "weak_category", _("Weak QA category"), "warn"
    RETRAINING = "retraining", _("Retraining"), "warn"
    OWN_WISH = "own_wish", _("Own wish")


class EnrolmentState(Labelled):
    """From the proposal to the objective met. Whoever attended a course with an exam still has to pass it."""

    PROPOSED = "proposed", _("Proposed"), "quiet"
    ENROLLED = "enrolled", _("Enrolled"), "info"
    EXCUSE_ASKED = "excuse_asked", _("Asks to be excused"), "warn"
    ATTENDED = "attended", _("Attended"), "good"
    ABSENT = "absent", _("Absent without excuse"), "bad"
    EXCUSED = "excused", _("Excused"), "quiet"
    COMPLETED = "completed", _("Completed"), "good"
    DROPPED = "dropped", _("Not taken up"), "quiet"


AWAITED = frozenset({EnrolmentState.PROPOSED, EnrolmentState.ENROLLED, EnrolmentState.EXCUSE_ASKED})
"""States in which the training still lies ahead."""


class Enrolment(Record):
    """One person and one course, without a session until there is a place (TRN-2, TRN-4, TRN-8).

    `starts_at` is the session's, kept here so that the duty to come moves with it.
    """

    __tablename__ = "enrolment"
    __entity__ = Entity(
        _("Enrolment"),
        _("Enrolments"),
        ("TRN-2", "TRN-4"),
        title="label",
        owner="staff_id",
        team="team_id",
        state="state",
        frozen=frozenset({EnrolmentState.COMPLETED, EnrolmentState.DROPPED}),
        starts=frozenset({EnrolmentState.ENROLLED}),
        icon="user-check",
    )
    __table_args__ = (
        UniqueConstraint("session_id", "staff_id"),
        Index("ix_enrolment_department_id_state", "department_id", "state", "id"),
        Index("ix_enrolment_staff_id_course_id", "staff_id", "course_id"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("training_session.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    reason: Mapped[EnrolmentReason] = mapped_column(Choice(EnrolmentReason))
    grounds: Mapped[str | None] = mapped_column(String(400))
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    excuse: Mapped[str | None] = mapped_column(Text)
    verdict: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    practical_score: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    objective_met: Mapped[bool] = mapped_column(default=False)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[EnrolmentState] = mapped_column(Choice(EnrolmentState), default=EnrolmentState.PROPOSED)

    course: Mapped[Course] = relationship()
    session: Mapped[TrainingSession | None] = relationship(back_populates="enrolments")
    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])
    team: Mapped[Team | None] = relationship()

    @property
    def label(self) -> str:
        """Who, and what for."""
        what = self.session.name if self.session else self.course.called if self.course else str(self.course_id)
        return f"{self.staff.name} · {what}" if self.staff else what
