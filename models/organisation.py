"""Departments, teams, channels, people and posts (ORG-1, ORG-2, ORG-5)."""

from datetime import date, datetime

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Entity, Record
from models.types import Bilingual, Choice, Encrypted, Labelled, UTCDateTime
from models.words import _


class Post(Labelled):
    """The posts of a customer-service department (ORG-1)."""

    ONLINE_AGENT = "online_agent", _("Online agent")
    HOTLINE_AGENT = "hotline_agent", _("Hotline agent")
    AFTER_SALES_AGENT = "after_sales_agent", _("After-sales agent")
    SHIFT_LEAD = "shift_lead", _("Shift lead")
    SUPERVISOR = "supervisor", _("Supervisor")
    INSPECTOR = "inspector", _("QA inspector")
    QA_SUPERVISOR = "qa_supervisor", _("QA supervisor")
    TRAINER = "trainer", _("Trainer")
    MANAGER = "department_manager", _("Department manager")
    HR = "hr", _("HR")


AGENT_POSTS = frozenset({Post.ONLINE_AGENT, Post.HOTLINE_AGENT, Post.AFTER_SALES_AGENT})
QA_POSTS = frozenset({Post.INSPECTOR, Post.QA_SUPERVISOR})
REACHABLE_POSTS = frozenset({Post.SHIFT_LEAD, Post.SUPERVISOR})


class StaffStatus(Labelled):
    """Where a person stands between application and departure (ORG-1)."""

    CANDIDATE = "candidate", _("Candidate"), "quiet"
    TRAINEE = "trainee", _("Trainee"), "info"
    ON_POST = "on_post", _("On post"), "good"
    SUSPENDED = "suspended", _("Suspended"), "warn"
    LEFT = "left", _("Left"), "quiet"


class Tier(Labelled):
    """Support tiers (ORG-2); a record is transferred upward only."""

    FIRST = "1", _("Tier 1 · front line"), "info"
    SECOND = "2", _("Tier 2 · technical"), "info"
    THIRD = "3", _("Tier 3 · expert"), "info"


class Department(Base):
    """The department that runs by a rulebook. Its time zone decides what "today" is."""

    __tablename__ = "department"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    timezone: Mapped[str] = mapped_column(String(64), default="Asia/Shanghai")
    language: Mapped[str] = mapped_column(String(16), default="zh_Hans_CN")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    def __str__(self) -> str:
        """A department is shown by its name."""
        return self.name


team_channel = Table(
    "team_channel",
    Base.metadata,
    Column("team_id", ForeignKey("team.id", ondelete="CASCADE"), primary_key=True),
    Column("channel_id", ForeignKey("channel.id"), primary_key=True),
)


class Channel(Record):
    """A way customers reach the department; channels are data (ORG-2, SVC-10)."""

    __tablename__ = "channel"
    __entity__ = Entity(_("Channel"), _("Channels"), ("ORG-2",), title="code", icon="phone")
    __table_args__ = (UniqueConstraint("department_id", "code"),)

    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[dict[str, str]] = mapped_column(Bilingual)
    active: Mapped[bool] = mapped_column(default=True)


class Team(Record):
    """A team, its support tier and the channels it serves (ORG-2)."""

    __tablename__ = "team"
    __entity__ = Entity(_("Team"), _("Teams"), ("ORG-2",), title="name", team="id", icon="users")
    __table_args__ = (UniqueConstraint("department_id", "name"),)

    name: Mapped[str] = mapped_column(String(80))
    tier: Mapped[Tier] = mapped_column(Choice(Tier), default=Tier.FIRST)
    channels: Mapped[list[Channel]] = relationship(secondary=team_channel)


class Staff(Record):
    """A member of the department (ORG-1). The contact phone rests encrypted."""

    __tablename__ = "staff"
    __entity__ = Entity(
        _("Staff member"),
        _("Staff"),
        ("ORG-1", "ORG-5"),
        title="label",
        owner="id",
        team="team_id",
        state="status",
        starts=frozenset({StaffStatus.CANDIDATE, StaffStatus.ON_POST}),
        searched=("number", "name"),
        icon="user",
    )
    __table_args__ = (
        UniqueConstraint("department_id", "number"),
        Index("ix_staff_department_id_team_id_number", "department_id", "team_id", "number"),
    )

    number: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(80))
    post: Mapped[Post] = mapped_column(Choice(Post))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    status: Mapped[StaffStatus] = mapped_column(Choice(StaffStatus), default=StaffStatus.TRAINEE)
    hire_date: Mapped[date]
    phone: Mapped[str | None] = mapped_column(Encrypted("staff.phone"))
    email: Mapped[str | None] = mapped_column(String(254))

    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])
    superior: Mapped["Staff | None"] = relationship(remote_side="Staff.id", foreign_keys=[superior_id])

    @property
    def label(self) -> str:
        """Name and number, since two people may share a name."""
        return f"{self.name} {self.number}"


class OnCall(Record):
    """Who of the supervisors and shift leads is reachable, from when to when (ORG-5)."""

    __tablename__ = "on_call"
    __entity__ = Entity(_("On-call duty"), _("On call"), ("ORG-5",), owner="staff_id", icon="bell")

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    note: Mapped[str | None] = mapped_column(String(200))

    staff: Mapped[Staff] = relationship()

    @property
    def title(self) -> str:
        """Whose duty it is."""
        return str(self.staff) if self.staff else str(self.id)
