"""Other programs that are told what happens here: who listens to what, how far each has been told, every call."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import LongId
from models.base import Base, Entity, Record
from models.types import Choice, Encrypted, Labelled, UTCDateTime
from models.words import _


class EventSubscription(Record):
    """A program that hears of events at its own address. Address and signing key are secrets."""

    __tablename__ = "event_subscription"
    __entity__ = Entity(_("Event subscription"), _("Event subscriptions"), (), title="name", icon="webhook")

    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(Encrypted("event_subscription.address"))
    signing_key: Mapped[str] = mapped_column(Encrypted("event_subscription.signing_key"))
    events: Mapped[list[str]] = mapped_column(JSON, default=list)
    active: Mapped[bool] = mapped_column(default=True)


class EventCursor(Base):
    """The last entry of the audit chain that a subscription has looked at. It begins where the subscription does."""

    __tablename__ = "event_cursor"

    subscription_id: Mapped[int] = mapped_column(ForeignKey("event_subscription.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger)


class CallState(Labelled):
    """What became of telling one program of one event."""

    PENDING = "pending", _("Will be sent"), "info"
    SENT = "sent", _("Sent"), "good"
    DEAD = "dead", _("Given up after repeated errors"), "bad"


class EventCall(Base):
    """One event for one subscription: the audit entry says what happened, its number is the call's fixed identity."""

    __tablename__ = "event_call"
    __table_args__ = (
        UniqueConstraint("subscription_id", "entry_id"),
        Index(
            "ix_event_call_due",
            "not_before",
            postgresql_where=text("state = 'pending'"),
            sqlite_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("event_subscription.id"))
    entry_id: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[str] = mapped_column(String(128))
    state: Mapped[CallState] = mapped_column(Choice(CallState), default=CallState.PENDING)
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    subscription: Mapped[EventSubscription] = relationship()
