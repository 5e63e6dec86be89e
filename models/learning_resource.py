"""TRN-9: what agents can learn from by themselves, and who opened and finished it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.course import Course, CourseCategory
from models.organisation import Staff
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class LearningResource(Record):
    """A text, a file or an address on the network. One that belongs to an online course counts towards it."""

    __tablename__ = "learning_resource"
    __entity__ = Entity(
        _("Learning resource"),
        _("Learning resources"),
        ("TRN-9",),
        title="name",
        searched=("name",),
        icon="library",
    )

    name: Mapped[str] = mapped_column(String(160))
    category: Mapped[CourseCategory] = mapped_column(Choice(CourseCategory))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"), index=True)
    minutes: Mapped[int]
    body: Mapped[str | None] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(String(500))
    active: Mapped[bool] = mapped_column(default=True)

    course: Mapped[Course | None] = relationship()


class LearningState(Labelled):
    """Opened, then finished."""

    OPENED = "opened", _("Opened, not finished"), "info"
    FINISHED = "finished", _("Finished"), "good"


class LearningRecord(Record):
    """One person's way through one resource (TRN-9)."""

    __tablename__ = "learning_record"
    __entity__ = Entity(
        _("Learning record"),
        _("Learning records"),
        ("TRN-9",),
        title="label",
        owner="staff_id",
        team="team_id",
        state="state",
        frozen=frozenset({LearningState.FINISHED}),
        icon="check-circle",
    )
    __table_args__ = (UniqueConstraint("resource_id", "staff_id"),)

    resource_id: Mapped[int] = mapped_column(ForeignKey("learning_resource.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[LearningState] = mapped_column(Choice(LearningState), default=LearningState.OPENED)

    resource: Mapped[LearningResource] = relationship()
    staff: Mapped[Staff] = relationship()

    @property
    def label(self) -> str:
        """Who, and what."""
        return f"{self.staff.name} · {self.resource.name}" if self.staff and self.resource else str(self.id)
