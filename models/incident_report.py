"""ORG-4: what goes wrong is reported to the direct superior, level by level."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Staff
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class ReportState(Labelled):
    """A report is with somebody until they answer it."""

    REPORTED = "reported", _("Waiting for an answer"), "warn"
    ANSWERED = "answered", _("Answered"), "good"


class IncidentReport(Record):
    """One report. `skipped` says that it passed the direct superior over, who is then owed a report of their own."""

    __tablename__ = "incident_report"
    __entity__ = Entity(
        _("Incident report"),
        _("Incident reports"),
        ("ORG-4",),
        title="name",
        owner="sender_id",
        state="state",
        frozen=frozenset({ReportState.ANSWERED}),
        involved=("addressee_id", "direct_superior_id"),
        searched=("name",),
        icon="message-square-warning",
    )
    __table_args__ = (
        Index("ix_incident_report_sender_id_reported_at", "sender_id", "reported_at"),
        Index("ix_incident_report_addressee_id_state", "addressee_id", "state"),
    )

    name: Mapped[str] = mapped_column(String(120))
    what: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sender_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    addressee_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    direct_superior_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    emergency: Mapped[bool] = mapped_column(default=False)
    why_emergency: Mapped[str | None] = mapped_column(Text)
    skipped: Mapped[bool] = mapped_column(default=False)
    reported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    follow_up_of_id: Mapped[int | None] = mapped_column(ForeignKey("incident_report.id"), unique=True)
    followed_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    levels: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[ReportState] = mapped_column(Choice(ReportState), default=ReportState.REPORTED)

    sender: Mapped[Staff] = relationship(foreign_keys=[sender_id])
    addressee: Mapped[Staff] = relationship(foreign_keys=[addressee_id])
    direct_superior: Mapped[Staff | None] = relationship(foreign_keys=[direct_superior_id])
    follow_up_of: Mapped["IncidentReport | None"] = relationship(remote_side="IncidentReport.id")

    @property
    def policy_moment(self) -> datetime | None:
        """When it was reported decides which values judge it."""
        return self.reported_at
