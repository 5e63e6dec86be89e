"""HIRE-2, HIRE-4: who applies, and how far they have come. What is known of the person rests encrypted."""

from datetime import date, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.job_opening import JobOpening
from models.organisation import Staff
from models.types import Choice, Encrypted, Labelled, UTCDateTime
from models.words import _

if TYPE_CHECKING:
    from models.interview import Interview


class Stage(Labelled):
    """The stages in their order; none is skipped (HIRE-2)."""

    SCREENING = "screening", _("Screening"), "info"
    FIRST_INTERVIEW = "first_interview", _("First interview"), "info"
    SECOND_INTERVIEW = "second_interview", _("Second interview"), "info"
    BACKGROUND_CHECK = "background_check", _("Background check"), "info"
    DECISION = "decision", _("Hiring decision"), "warn"
    HIRED = "hired", _("Hired"), "good"
    REJECTED = "rejected", _("Not hired"), "quiet"


UNDER_WAY = (
    Stage.SCREENING,
    Stage.FIRST_INTERVIEW,
    Stage.SECOND_INTERVIEW,
    Stage.BACKGROUND_CHECK,
    Stage.DECISION,
)


class Source(Labelled):
    """Where an application came from."""

    WEBSITE = "website", _("Recruitment website")
    REFERRAL = "referral", _("Recommended by staff")
    JOB_FAIR = "job_fair", _("Job fair")
    AGENCY = "agency", _("Agency")
    INTERNAL = "internal", _("From inside the company")
    OTHER = "other", _("Other")


class CheckResult(Labelled):
    """What the background check came to (HIRE-4)."""

    PASSED = "passed", _("Passed"), "good"
    FAILED = "failed", _("Not passed"), "bad"


class ClosedCause(Labelled):
    """Why somebody is not hired, as the statistics keep it; the reason in words is the person's and is erased."""

    REQUIREMENTS = "requirements", _("Does not meet the requirements")
    INTERVIEW = "interview", _("Interview not passed")
    BACKGROUND = "background", _("Background check not passed")
    ANOTHER = "another", _("Another candidate was chosen")
    PAY = "pay", _("No agreement on pay")
    WITHDREW = "withdrew", _("The candidate withdrew")
    OPENING = "opening", _("The opening was closed")


class Candidate(Record):
    """One application for one opening.

    The moments say when each stage was reached; they and the closed lists stay when the person's data is erased.
    """

    __tablename__ = "candidate"
    __entity__ = Entity(
        _("Candidate"),
        _("Candidates"),
        ("HIRE-2", "HIRE-4"),
        title="label",
        called="name",
        state="stage",
        frozen=frozenset({Stage.HIRED, Stage.REJECTED}),
        involved=("standing_interviews.interviewer_id",),
        icon="user-plus",
    )
    __table_args__ = (
        Index("ix_candidate_department_id_stage", "department_id", "stage"),
        Index("ix_candidate_opening_id_phone_index", "opening_id", "phone_index"),
    )

    opening_id: Mapped[int] = mapped_column(ForeignKey("job_opening.id"))
    name: Mapped[str | None] = mapped_column(Encrypted("candidate.name"))
    phone: Mapped[str | None] = mapped_column(Encrypted("candidate.phone"))
    phone_index: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(Encrypted("candidate.email"))
    about: Mapped[str | None] = mapped_column(Encrypted("candidate.about", long=True))
    source: Mapped[Source] = mapped_column(Choice(Source), default=Source.WEBSITE)
    applied_on: Mapped[date]
    expected_pay: Mapped[str | None] = mapped_column(Encrypted("candidate.expected_pay"))
    first_interview_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    second_interview_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    background_check_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decision_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    check_result: Mapped[CheckResult | None] = mapped_column(Choice(CheckResult))
    check_evidence: Mapped[str | None] = mapped_column(Encrypted("candidate.check_evidence", long=True))
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    offered_pay: Mapped[str | None] = mapped_column(Encrypted("candidate.offered_pay"))
    starts_on: Mapped[date | None]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), unique=True)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_cause: Mapped[ClosedCause | None] = mapped_column(Choice(ClosedCause))
    closed_reason: Mapped[str | None] = mapped_column(Encrypted("candidate.closed_reason", long=True))
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    stage: Mapped[Stage] = mapped_column(Choice(Stage), default=Stage.SCREENING)

    opening: Mapped[JobOpening] = relationship()
    proposed_by: Mapped[Staff | None] = relationship(foreign_keys=[proposed_by_id])
    approved_by: Mapped[Staff | None] = relationship(foreign_keys=[approved_by_id])
    staff: Mapped[Staff | None] = relationship(foreign_keys=[staff_id])
    interviews: Mapped[list["Interview"]] = relationship(back_populates="candidate", order_by="Interview.id")
    # Whoever's interview was cancelled has nothing more to do with the person.
    standing_interviews: Mapped[list["Interview"]] = relationship(
        viewonly=True, primaryjoin="and_(Interview.candidate_id == Candidate.id, Interview.state != 'cancelled')"
    )

    @property
    def label(self) -> str:
        """The opening and a number: the audit and every notice keep the title, so the name is not in it."""
        return f"{self.opening.name} #{self.id}" if self.opening else f"#{self.id}"

    @property
    def policy_date(self) -> date | None:
        """The day of the application decides which values judge it."""
        return self.applied_on

    def name_of_file(self, given: str) -> str:
        """Résumés are called after the person: the audit, which forgets nothing, gets a neutral name."""
        return f"candidate-{self.id}{PurePath(given).suffix.lower()}"

    def entered_at(self, stage: Stage) -> datetime | None:
        """When the candidate came to a stage; None when they never did."""
        if stage is Stage.SCREENING:
            return self.created_at
        if stage in {Stage.HIRED, Stage.REJECTED}:
            return self.closed_at if self.stage is stage else None
        moment: datetime | None = getattr(self, f"{stage.value}_at")
        return moment


PERSONAL = (
    "name",
    "phone",
    "phone_index",
    "email",
    "about",
    "expected_pay",
    "offered_pay",
    "check_evidence",
    "closed_reason",
)
"""What is erased of a candidate who was not hired."""
