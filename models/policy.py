"""Which policy packs a department adopted, and every value of theirs from its date on (ORG-8)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Entity, Record
from models.types import Bilingual, Choice, Labelled, UTCDateTime
from models.words import _


class Adoption(Record):
    """A pack that the department runs by; the one with the higher rank wins where two set the same value."""

    __tablename__ = "adoption"
    __entity__ = Entity(_("Adopted pack"), _("Adopted packs"), ("ORG-8",), title="pack", icon="book")
    __table_args__ = (UniqueConstraint("department_id", "pack"),)

    pack: Mapped[str] = mapped_column(String(16))
    pack_version: Mapped[str] = mapped_column(String(24))
    rank: Mapped[int]
    adopted_on: Mapped[date]


class ParameterValue(Record):
    """One value of one parameter from a date on. Values are added, never edited: the history is the record."""

    __tablename__ = "parameter_value"
    __entity__ = Entity(_("Parameter value"), _("Parameter values"), ("ORG-8",), title="name", icon="sliders")
    __table_args__ = (Index("ix_parameter_value_in_force", "department_id", "name", "valid_from"),)

    name: Mapped[str] = mapped_column(String(80))
    clause: Mapped[str] = mapped_column(String(16))
    value: Mapped[Any] = mapped_column(JSON(none_as_null=False))
    valid_from: Mapped[date]
    pack: Mapped[str | None] = mapped_column(String(16))
    pack_version: Mapped[str | None] = mapped_column(String(24))
    reason: Mapped[str | None] = mapped_column(String(400))


class DocumentState(Labelled):
    """A policy document is drafted, reviewed, and in effect until the next version replaces it (ORG-8)."""

    DRAFT = "draft", _("Draft"), "quiet"
    REVIEWED = "reviewed", _("Reviewed"), "info"
    IN_EFFECT = "in_effect", _("In effect"), "good"
    REPLACED = "replaced", _("Replaced"), "quiet"


class PolicyDocument(Record):
    """A version of one of the company's documents (ORG-8)."""

    __tablename__ = "policy_document"
    __entity__ = Entity(
        _("Policy document"),
        _("Policy documents"),
        ("ORG-8",),
        title="label",
        owner="changed_by_id",
        state="state",
        frozen=frozenset({DocumentState.IN_EFFECT, DocumentState.REPLACED}),
        icon="file-text",
    )
    __table_args__ = (UniqueConstraint("department_id", "code", "edition"),)

    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[dict[str, str]] = mapped_column(Bilingual)
    edition: Mapped[str] = mapped_column(String(24))
    main_change: Mapped[str] = mapped_column(String(1000))
    body: Mapped[str] = mapped_column(default="")
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    changed_on: Mapped[date]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    effective_on: Mapped[date]
    state: Mapped[DocumentState] = mapped_column(Choice(DocumentState), default=DocumentState.DRAFT)

    @property
    def label(self) -> str:
        """Code and edition."""
        return f"{self.code} {self.edition}"
