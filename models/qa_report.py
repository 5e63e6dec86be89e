"""QA-9: the month's quality in figures, causes and measures."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class ReportState(Labelled):
    """The department manager reviews what the QA supervisor submits."""

    DRAFT = "draft", _("Draft"), "quiet"
    SUBMITTED = "submitted", _("Submitted"), "warn"
    APPROVED = "approved", _("Approved"), "good"


class QaReport(Record):
    """One month's report. Its figures are computed from the records; nobody types them."""

    __tablename__ = "qa_report"
    __entity__ = Entity(
        _("QA report"),
        _("QA reports"),
        ("QA-9",),
        title="month",
        state="state",
        frozen=frozenset({ReportState.APPROVED}),
        internal=True,
        icon="bar-chart-2",
    )
    __table_args__ = (UniqueConstraint("department_id", "month"),)

    month: Mapped[str] = mapped_column(String(7))
    causes: Mapped[str | None] = mapped_column(Text)
    measures: Mapped[str | None] = mapped_column(Text)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[ReportState] = mapped_column(Choice(ReportState), default=ReportState.DRAFT)

    editions: Mapped[list["QaReportEdition"]] = relationship(
        back_populates="report", order_by="QaReportEdition.edition"
    )


class EditionReason(Labelled):
    """Why the figures were computed."""

    DRAWN_UP = "drawn_up", _("Drawn up")
    SUBMITTED = "submitted", _("Submitted")
    APPEAL = "appeal", _("An appeal was accepted")


class QaReportEdition(Record):
    """The figures as they stood; a later appeal adds an edition and leaves this one visible (QA-8)."""

    __tablename__ = "qa_report_edition"
    __entity__ = Entity(_("Report edition"), _("Report editions"), ("QA-9",), title="label", icon="git-commit")
    __table_args__ = (UniqueConstraint("report_id", "edition"),)

    report_id: Mapped[int] = mapped_column(ForeignKey("qa_report.id"))
    edition: Mapped[int]
    reason: Mapped[EditionReason] = mapped_column(Choice(EditionReason))
    about: Mapped[str | None] = mapped_column(String(64))
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    computed_at: Mapped[datetime] = mapped_column(UTCDateTime)

    report: Mapped[QaReport] = relationship(back_populates="editions")

    @property
    def label(self) -> str:
        """Month and edition."""
        return f"{self.report.month} · {self.edition}" if self.report else str(self.edition)
