"""TRN-2: what the department teaches. What newcomers complete before they go on post begins with the pack's list."""

from decimal import Decimal

from flask_babel import get_locale
from sqlalchemy import JSON, Column, ForeignKey, Numeric, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Entity, Record
from models.organisation import Channel, Staff, StaffStatus
from models.types import Bilingual, Choice, Labelled
from models.words import _, in_language


class CourseCategory(Labelled):
    """What a course is about; the codes are those of the packs (TRN-2)."""

    ONBOARDING = "onboarding", _("Onboarding"), "info"
    PRODUCT_KNOWLEDGE = "product_knowledge", _("Product knowledge")
    SERVICE_NORMS = "service_norms", _("Service norms")
    COMMUNICATION = "communication", _("Communication skills")
    PROBLEM_SOLVING = "problem_solving", _("Problem solving")
    SERVICE_AWARENESS = "service_awareness", _("Service awareness")
    NEW_PRODUCT_OR_POLICY = "new_product_or_policy", _("New product or policy"), "warn"
    OTHER = "other", _("Other")


class CourseMethod(Labelled):
    """How a course is taught; the codes are those of the packs (TRN-2)."""

    INTERNAL = "internal", _("Internal training")
    EXTERNAL = "external", _("External training")
    ONLINE = "online", _("Online learning")
    CASE_ANALYSIS = "case_analysis", _("Case analysis")
    SIMULATION_DRILL = "simulation_drill", _("Simulation drill")


course_channel = Table(
    "course_channel",
    Base.metadata,
    Column("course_id", ForeignKey("course.id", ondelete="CASCADE"), primary_key=True),
    Column("channel_id", ForeignKey("channel.id"), primary_key=True),
)


class Course(Record):
    """A course. `channels` are those that only whoever passed may work on; none named means all (TRN-5).

    `qa_categories` are codes of the scorecard's categories that the course is meant to better (TRN-8, DAT-4).
    """

    __tablename__ = "course"
    __entity__ = Entity(_("Course"), _("Courses"), ("TRN-2",), title="code", icon="book-open")
    __table_args__ = (UniqueConstraint("department_id", "code"),)

    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[dict[str, str]] = mapped_column(Bilingual)
    category: Mapped[CourseCategory] = mapped_column(Choice(CourseCategory))
    method: Mapped[CourseMethod] = mapped_column(Choice(CourseMethod), default=CourseMethod.INTERNAL)
    hours: Mapped[Decimal] = mapped_column(Numeric(5, 1))
    objectives: Mapped[str | None] = mapped_column(Text)
    needs_exam: Mapped[bool] = mapped_column(default=True)
    is_onboarding: Mapped[bool] = mapped_column(default=False)
    qa_categories: Mapped[list[str]] = mapped_column(JSON, default=list)
    retired: Mapped[bool] = mapped_column(default=False)

    channels: Mapped[list[Channel]] = relationship(secondary=course_channel)

    def takes(self, person: Staff) -> bool:
        """Whether the person can be enrolled: what is retired is not taught, and whoever has left is not trained."""
        return not self.retired and person.status is not StaffStatus.LEFT

    @property
    def called(self) -> str:
        """Its name in the reader's language; in Chinese where nobody reads."""
        return in_language(self.name, str(get_locale() or "zh"))
