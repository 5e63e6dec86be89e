"""SVC: what customers brought up, how it was handled, and whether they were satisfied."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.consent import Consent
from models.organisation import Channel, Staff, Team
from models.types import Bilingual, Choice, Encrypted, Labelled, UTCDateTime
from models.words import _


class Topic(Record):
    """What a record is about; the list is data (SVC-2)."""

    __tablename__ = "topic"
    __entity__ = Entity(_("Topic"), _("Topics"), ("SVC-2",), title="code", icon="tag")
    __table_args__ = (UniqueConstraint("department_id", "code"),)

    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[dict[str, str]] = mapped_column(Bilingual)
    active: Mapped[bool] = mapped_column(default=True)


class RecordState(Labelled):
    """From the question to the archive (SVC-5, SVC-6)."""

    OPEN = "open", _("Being handled"), "info"
    SOLVED = "solved", _("Solved"), "good"
    UNSOLVED = "unsolved", _("Not solved"), "warn"
    EVALUATED = "evaluated", _("Feedback recorded"), "good"
    ARCHIVED = "archived", _("Archived"), "quiet"


class Origin(Labelled):
    """How the record came in: written by the agent, or taken from another system (DAT-1)."""

    MANUAL = "manual", _("Entered by hand")
    IMPORTED = "imported", _("Imported")


class ServiceRecord(Record):
    """One contact with a customer (客户问题记录表). Everything about the customer rests encrypted (CNF-2)."""

    __tablename__ = "service_record"
    __entity__ = Entity(
        _("Service record"),
        _("Service records"),
        ("SVC-1", "SVC-2", "SVC-5", "SVC-6", "DAT-1", "CNF-2"),
        title="number",
        owner="agent_id",
        team="team_id",
        state="state",
        frozen=frozenset({RecordState.ARCHIVED}),
        starts=frozenset({RecordState.SOLVED, RecordState.UNSOLVED, RecordState.EVALUATED}),
        searched=("number",),
        customers=frozenset({"customer_name", "customer_contact", "customer_details"}),
        icon="headphones",
    )
    __table_args__ = (
        UniqueConstraint("department_id", "number"),
        Index("ix_service_record_department_id_occurred_at", "department_id", "occurred_at", "id"),
        Index("ix_service_record_team_id_occurred_at", "team_id", "occurred_at", "id"),
        Index("ix_service_record_agent_id_occurred_at", "agent_id", "occurred_at", "id"),
        Index("ix_service_record_topic_id_occurred_at", "topic_id", "occurred_at"),
        Index("ix_service_record_department_id_customer_contact_index", "department_id", "customer_contact_index"),
    )

    number: Mapped[str] = mapped_column(String(64))
    origin: Mapped[Origin] = mapped_column(Choice(Origin), default=Origin.MANUAL)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    customer_name: Mapped[str | None] = mapped_column(Encrypted("service_record.customer_name"))
    customer_contact: Mapped[str | None] = mapped_column(Encrypted("service_record.customer_contact"))
    customer_contact_index: Mapped[str | None] = mapped_column(String(64))
    customer_details: Mapped[str | None] = mapped_column(Encrypted("service_record.customer_details", long=True))
    question: Mapped[str | None] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered: Mapped[bool] = mapped_column(default=True)
    answer_seconds: Mapped[int | None]
    talk_seconds: Mapped[int | None]
    handling: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    resolved: Mapped[bool | None]
    feedback: Mapped[str | None] = mapped_column(Text)
    satisfaction: Mapped[int | None]
    state: Mapped[RecordState] = mapped_column(Choice(RecordState), default=RecordState.OPEN)
    import_job_id: Mapped[int | None] = mapped_column(index=True)
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consent.id"), index=True)

    channel: Mapped[Channel] = relationship()
    topic: Mapped[Topic | None] = relationship()
    agent: Mapped[Staff] = relationship(foreign_keys=[agent_id])
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])
    consent: Mapped[Consent | None] = relationship()

    @property
    def policy_moment(self) -> datetime | None:
        """When the customer called decides which values judge the record."""
        return self.occurred_at
