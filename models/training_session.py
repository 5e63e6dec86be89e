"""TRN-2, 4, 7, 8, 10: when a course is held, who is to take part, who came, what they noted and thought of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Entity, Record
from models.course import Course
from models.organisation import Staff, Team
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class SessionState(Labelled):
    """A session is planned, held, and closed once everything that follows from it is done."""

    PLANNED = "planned", _("Planned"), "info"
    HELD = "held", _("Under way"), "warn"
    CLOSED = "closed", _("Closed"), "good"
    CANCELLED = "cancelled", _("Cancelled"), "quiet"


RUNNING = frozenset({SessionState.PLANNED, SessionState.HELD})
"""Sessions that people can still be given a place in."""


class TrainingSession(Record):
    """One date on which a course is held (TRN-2). A business training ends with an exam (TRN-5).

    `figures` are what the evaluation found, `changes` what follows from it (TRN-7).
    """

    __tablename__ = "training_session"
    __entity__ = Entity(
        _("Training session"),
        _("Training sessions"),
        ("TRN-2", "TRN-5", "TRN-7"),
        title="name",
        state="state",
        frozen=frozenset({SessionState.CLOSED, SessionState.CANCELLED}),
        searched=("name", "place"),
        icon="presentation",
    )
    __table_args__ = (Index("ix_training_session_department_id_starts_at", "department_id", "starts_at", "id"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    name: Mapped[str] = mapped_column(String(160), default="")
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    trainer_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    place: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[int | None]
    is_business_training: Mapped[bool] = mapped_column(default=True)
    summary: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    changes: Mapped[str | None] = mapped_column(Text)
    evaluated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[SessionState] = mapped_column(Choice(SessionState), default=SessionState.PLANNED)

    course: Mapped[Course] = relationship()
    trainer: Mapped[Staff] = relationship()
    enrolments: Mapped[list["Enrolment"]] = relationship(back_populates="session", order_by="Enrolment.id")


class EnrolmentReason(Labelled):
    """Why somebody is to take a course."""

    ONBOARDING = "onboarding", _("Onboarding"), "info"
    ASSIGNED = "assigned", _("Assigned")
    WEAK_CATEGORY = "weak_category", _("Weak result"), "warn"
    RETRAINING = "retraining", _("Retraining"), "warn"
    OWN_WISH = "own_wish", _("Own wish")


class EnrolmentState(Labelled):
    """From the proposal to the objective met. Whoever attended a course with an exam still has to pass it."""

    PROPOSED = "proposed", _("Not decided yet"), "quiet"
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
        ("TRN-2", "TRN-4", "TRN-8"),
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


class FeedbackState(Labelled):
    """A questionnaire is asked for, then answered."""

    OWED = "owed", _("To be answered"), "info"
    ANSWERED = "answered", _("Questionnaire answered"), "good"


class TrainingFeedback(Record):
    """One participant's questionnaire after a session (TRN-7): marks from 1 to 5. Trainers see means, not names."""

    __tablename__ = "training_feedback"
    __entity__ = Entity(
        _("Questionnaire"),
        _("Questionnaires"),
        ("TRN-7",),
        title="label",
        owner="staff_id",
        state="state",
        frozen=frozenset({FeedbackState.ANSWERED}),
        icon="message-circle",
    )
    __table_args__ = (UniqueConstraint("session_id", "staff_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("training_session.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    content: Mapped[int | None]
    teaching: Mapped[int | None]
    usefulness: Mapped[int | None]
    comment: Mapped[str | None] = mapped_column(Text)
    state: Mapped[FeedbackState] = mapped_column(Choice(FeedbackState), default=FeedbackState.OWED)

    session: Mapped[TrainingSession] = relationship()
    staff: Mapped[Staff] = relationship()

    @property
    def label(self) -> str:
        """The session."""
        return self.session.name if self.session else str(self.id)


class TrainingNote(Record):
    """What a participant noted in a session, for themselves and their trainer (TRN-10)."""

    __tablename__ = "training_note"
    __entity__ = Entity(
        _("Training note"),
        _("Training notes"),
        ("TRN-10",),
        title="label",
        owner="staff_id",
        involved=("session.trainer_id",),
        settled=frozenset({"session_id"}),
        icon="pencil",
    )
    __table_args__ = (UniqueConstraint("session_id", "staff_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("training_session.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    body: Mapped[str] = mapped_column(Text)

    session: Mapped[TrainingSession] = relationship()
    staff: Mapped[Staff] = relationship()

    @property
    def label(self) -> str:
        """Whose, and of which session."""
        return f"{self.staff.name} · {self.session.name}" if self.staff and self.session else str(self.id)


class ProposalCheck(Base):
    """The days on which a department's figures were looked through for people to propose (TRN-8)."""

    __tablename__ = "proposal_check"

    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
