"""TRN-11: what people have in writing from outside, and until when it holds."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.course import Course
from models.organisation import Staff
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class CertificateState(Labelled):
    """A certificate holds until it expires, is renewed or is withdrawn."""

    VALID = "valid", _("Valid"), "good"
    EXPIRED = "expired", _("Expired"), "bad"
    RENEWED = "renewed", _("Renewed"), "quiet"
    WITHDRAWN = "withdrawn", _("Withdrawn"), "quiet"


class Certificate(Record):
    """A certificate with its issue and expiry (TRN-11). Without an expiry it holds for good."""

    __tablename__ = "certificate"
    __entity__ = Entity(
        _("Certificate"),
        _("Certificates"),
        ("TRN-11",),
        title="label",
        owner="staff_id",
        team="team_id",
        state="state",
        frozen=frozenset({CertificateState.RENEWED, CertificateState.WITHDRAWN}),
        searched=("name", "number"),
        icon="award",
    )
    __table_args__ = (Index("ix_certificate_state_expires_on", "state", "expires_on"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    issuer: Mapped[str] = mapped_column(String(160))
    number: Mapped[str | None] = mapped_column(String(80))
    issued_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    renewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[CertificateState] = mapped_column(Choice(CertificateState), default=CertificateState.VALID)

    staff: Mapped[Staff] = relationship()
    course: Mapped[Course | None] = relationship()

    @property
    def label(self) -> str:
        """What, and whose."""
        return f"{self.name} · {self.staff.name}" if self.staff else self.name
