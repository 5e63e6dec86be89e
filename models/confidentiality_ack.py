"""CNF-1: the confidentiality undertaking in its versions, and who signed which of them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Staff, Team
from models.types import Bilingual, Choice, Labelled, UTCDateTime
from models.words import _


class UndertakingState(Labelled):
    """A version is drafted, published ahead of its day, in force, and replaced by the next one."""

    DRAFT = "draft", _("Draft"), "quiet"
    PUBLISHED = "published", _("Published, not yet in force"), "info"
    IN_FORCE = "in_force", _("In force"), "good"
    REPLACED = "replaced", _("Replaced"), "quiet"


class Undertaking(Record):
    """A version of what every member signs, in both languages. What is published is frozen with its digests."""

    __tablename__ = "undertaking"
    __entity__ = Entity(
        _("Confidentiality undertaking"),
        _("Confidentiality undertakings"),
        ("CNF-1",),
        title="label",
        owner="drafted_by_id",
        state="state",
        frozen=frozenset({UndertakingState.PUBLISHED, UndertakingState.IN_FORCE, UndertakingState.REPLACED}),
        published=frozenset({UndertakingState.PUBLISHED, UndertakingState.IN_FORCE, UndertakingState.REPLACED}),
        icon="scroll-text",
    )
    __table_args__ = (UniqueConstraint("department_id", "number"),)

    number: Mapped[int]
    name: Mapped[dict[str, str]] = mapped_column(Bilingual)
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    main_change: Mapped[str | None] = mapped_column(String(1000))
    material: Mapped[bool] = mapped_column(default=True)
    effective_on: Mapped[date]
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    digest_zh: Mapped[str | None] = mapped_column(String(64))
    digest_en: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[UndertakingState] = mapped_column(Choice(UndertakingState), default=UndertakingState.DRAFT)

    @property
    def label(self) -> str:
        """The version, as people call it."""
        return f"V{self.number}"

    def text(self, language: str) -> str:
        """The text that a reader of the language is shown and signs; `language` is a locale code."""
        return self.text_zh if language.startswith("zh") else self.text_en

    def digest(self, language: str) -> str | None:
        """The digest of that text as it was published; None for a draft."""
        return self.digest_zh if language.startswith("zh") else self.digest_en


class AckState(Labelled):
    """Owed until it is signed; who leaves is released."""

    OWED = "owed", _("Not signed"), "warn"
    SIGNED = "signed", _("Signed"), "good"
    RELEASED = "released", _("No longer owed"), "quiet"


class AckCause(Labelled):
    """Why a signature is owed."""

    JOINING = "joining", _("On joining")
    VERSION = "version", _("New version")
    RENEWAL = "renewal", _("Regular renewal")


class ConfidentialityAck(Record):
    """One person's signature under one version: owed by `due_at`; customers' data is masked from `masks_from` on.

    `occasion` tells the times apart at which the person had to sign. `digest` is that of the text as shown in
    `language`; `seal` ties the person, the typed name, the moment and the digest together. `valid_until` is when it
    has to be renewed.
    """

    __tablename__ = "confidentiality_ack"
    __entity__ = Entity(
        _("Signature of the undertaking"),
        _("Signatures of the undertaking"),
        ("CNF-1",),
        title="label",
        owner="staff_id",
        team="team_id",
        state="state",
        frozen=frozenset({AckState.SIGNED, AckState.RELEASED}),
        icon="signature",
    )
    __table_args__ = (
        UniqueConstraint("staff_id", "occasion"),
        Index("ix_confidentiality_ack_staff_id_state", "staff_id", "state", "masks_from"),
        Index("ix_confidentiality_ack_department_id_due_at", "department_id", "due_at", "id"),
    )

    undertaking_id: Mapped[int] = mapped_column(ForeignKey("undertaking.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    cause: Mapped[AckCause] = mapped_column(Choice(AckCause), default=AckCause.JOINING)
    occasion: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    masks_from: Mapped[datetime] = mapped_column(UTCDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    signed_name: Mapped[str | None] = mapped_column(String(80))
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    language: Mapped[str | None] = mapped_column(String(16))
    digest: Mapped[str | None] = mapped_column(String(64))
    seal: Mapped[str | None] = mapped_column(String(64))
    valid_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[AckState] = mapped_column(Choice(AckState), default=AckState.OWED)

    undertaking: Mapped[Undertaking] = relationship()
    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])
    team: Mapped[Team | None] = relationship()

    @property
    def label(self) -> str:
        """Who signs what."""
        return f"{self.staff} · {self.undertaking}" if self.staff and self.undertaking else str(self.id)
