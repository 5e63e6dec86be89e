"""CNF-3: what customers are told before their data is taken: purpose, scope and way."""

from datetime import date, datetime

from sqlalchemy import Column, ForeignKey, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Entity, Record
from models.organisation import Channel
from models.types import Bilingual, Choice, Labelled, UTCDateTime
from models.words import _


class ConsentState(Labelled):
    """Drafted, used by records from its day on, and no longer used for new ones."""

    DRAFT = "draft", _("Draft"), "quiet"
    IN_FORCE = "in_force", _("In force"), "good"
    RETIRED = "retired", _("Retired"), "quiet"


class Told(Labelled):
    """How the customer is told and agrees."""

    ANNOUNCEMENT = "announcement", _("Spoken announcement, the customer goes on")
    ORAL = "oral", _("Told by the agent, the customer agrees")
    ON_SCREEN = "on_screen", _("Shown on screen, the customer ticks it")
    IN_WRITING = "in_writing", _("In writing, the customer signs or replies")


class Ground(Labelled):
    """On which lawful ground data is taken."""

    CONSENT = "consent", _("The customer's consent")
    CONTRACT = "contract", _("Needed to perform a contract with the customer")
    DUTY = "duty", _("Required by law")


consent_channel = Table(
    "consent_channel",
    Base.metadata,
    Column("consent_id", ForeignKey("consent.id", ondelete="CASCADE"), primary_key=True),
    Column("channel_id", ForeignKey("channel.id"), primary_key=True),
)


class Consent(Record):
    """What the customers of some channels (none named: all) are told and agree to; their records refer to it.

    `takes_…` is the scope: which of a record's fields about the customer may be kept under it.
    """

    __tablename__ = "consent"
    __entity__ = Entity(
        _("Consent to the use of data"),
        _("Consents to the use of data"),
        ("CNF-3",),
        title="name",
        state="state",
        owner="drafted_by_id",
        frozen=frozenset({ConsentState.IN_FORCE, ConsentState.RETIRED}),
        icon="handshake",
    )

    name: Mapped[dict[str, str]] = mapped_column(Bilingual)
    purpose: Mapped[dict[str, str]] = mapped_column(Bilingual)
    necessity: Mapped[dict[str, str]] = mapped_column(Bilingual)
    ground: Mapped[Ground] = mapped_column(Choice(Ground), default=Ground.CONSENT)
    takes_name: Mapped[bool] = mapped_column(default=True)
    takes_contact: Mapped[bool] = mapped_column(default=True)
    takes_details: Mapped[bool] = mapped_column(default=False)
    way: Mapped[Told] = mapped_column(Choice(Told), default=Told.ANNOUNCEMENT)
    wording: Mapped[dict[str, str]] = mapped_column(Bilingual)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[ConsentState] = mapped_column(Choice(ConsentState), default=ConsentState.DRAFT)

    channels: Mapped[list[Channel]] = relationship(secondary=consent_channel)

    @property
    def scope(self) -> frozenset[str]:
        """The fields of a service record that may be kept under it."""
        kept = {"name": self.takes_name, "contact": self.takes_contact, "details": self.takes_details}
        return frozenset(f"customer_{name}" for name, taken in kept.items() if taken)
