"""CNF-5: confidential data got where it does not belong: how bad it is, what shows it, what was done."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Staff
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class BreachState(Labelled):
    """A breach is handled and then closed."""

    REPORTED = "reported", _("Being handled"), "warn"
    CLOSED = "closed", _("Closed"), "quiet"


class BreachSeverity(Labelled):
    """How bad it is; a severe one ends in a proposal of dismissal."""

    MINOR = "minor", _("Minor"), "info"
    GENERAL = "general", _("General"), "warn"
    SEVERE = "severe", _("Severe"), "bad"


class BreachIncident(Record):
    """One breach (泄密事件). `handler_id` owes its handling; `person_id` is whose conduct it is about, once known."""

    __tablename__ = "breach_incident"
    __entity__ = Entity(
        _("Breach of confidentiality"),
        _("Breaches of confidentiality"),
        ("CNF-5",),
        title="title_text",
        owner="reporter_id",
        involved=("handler_id",),
        state="state",
        frozen=frozenset({BreachState.CLOSED}),
        searched=("title_text",),
        icon="shield-alert",
    )
    __table_args__ = (Index("ix_breach_incident_department_id_reported_at", "department_id", "reported_at"),)

    title_text: Mapped[str] = mapped_column(String(200))
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    severity: Mapped[BreachSeverity] = mapped_column(Choice(BreachSeverity), default=BreachSeverity.GENERAL)
    breaks_law: Mapped[bool] = mapped_column(default=False)
    description: Mapped[str] = mapped_column(Text)
    customers_affected: Mapped[int | None]
    evidence: Mapped[str | None] = mapped_column(Text)
    measures: Mapped[str | None] = mapped_column(Text)
    dismissal_reason: Mapped[str | None] = mapped_column(Text)
    dismissal_proposed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    dismissal_proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    authority: Mapped[str | None] = mapped_column(String(200))
    authority_reference: Mapped[str | None] = mapped_column(String(200))
    handed_over_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handed_over_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[BreachState] = mapped_column(Choice(BreachState), default=BreachState.REPORTED)

    person: Mapped[Staff | None] = relationship(foreign_keys=[person_id])
