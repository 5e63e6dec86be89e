"""ORG-7: where an agent wants to get to, and the stages on the way."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Post, Staff, Team
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class PlanState(Labelled):
    """Drawn up, agreed with the person, over."""

    DRAFT = "draft", _("To be agreed"), "warn"
    AGREED = "agreed", _("Agreed"), "good"
    CLOSED = "closed", _("Closed"), "quiet"


class CareerPlan(Record):
    """One person's plan: the path of promotion, and the goals of its stages."""

    __tablename__ = "career_plan"
    __entity__ = Entity(
        _("Career plan"),
        _("Career plans"),
        ("ORG-7",),
        title="label",
        owner="staff_id",
        team="team_id",
        state="state",
        settled=frozenset({"staff_id"}),
        frozen=frozenset({PlanState.CLOSED}),
        icon="flag",
    )
    __table_args__ = (Index("ix_career_plan_staff_id_state", "staff_id", "state"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    path: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date]
    agreed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[PlanState] = mapped_column(Choice(PlanState), default=PlanState.DRAFT)

    staff: Mapped[Staff] = relationship()
    team: Mapped[Team | None] = relationship()
    goals: Mapped[list["CareerGoal"]] = relationship(back_populates="plan", order_by="CareerGoal.due_on")

    @property
    def label(self) -> str:
        """Whose plan it is."""
        return self.staff.label if self.staff else f"#{self.id}"


class GoalState(Labelled):
    """A goal is reached or not."""

    AHEAD = "ahead", _("Not yet reached"), "info"
    REACHED = "reached", _("Reached"), "good"
    DROPPED = "dropped", _("Dropped"), "quiet"


class CareerGoal(Record):
    """A stage of a plan: what is to be reached by when, and the post that it may lead to."""

    __tablename__ = "career_goal"
    __entity__ = Entity(
        _("Stage goal"),
        _("Stage goals"),
        ("ORG-7",),
        title="label",
        owner="staff_id",
        team="team_id",
        state="state",
        settled=frozenset({"plan_id"}),
        frozen=frozenset({GoalState.REACHED, GoalState.DROPPED}),
        icon="flag",
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("career_plan.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    name: Mapped[str] = mapped_column(String(200))
    post: Mapped[Post | None] = mapped_column(Choice(Post))
    due_on: Mapped[date]
    outcome: Mapped[str | None] = mapped_column(Text)
    state: Mapped[GoalState] = mapped_column(Choice(GoalState), default=GoalState.AHEAD)

    plan: Mapped[CareerPlan] = relationship(back_populates="goals")
    staff: Mapped[Staff] = relationship()

    @property
    def label(self) -> str:
        """The goal and whose it is: several people may have the same one."""
        return f"{self.name} · {self.staff.label}" if self.staff else self.name
