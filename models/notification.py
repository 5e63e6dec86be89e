"""What people are told: the inbox, and the outbox that carries it out of the house."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import LongId
from models.base import Base, Entity, Record
from models.organisation import Staff
from models.types import Choice, Encrypted, Labelled, UTCDateTime
from models.words import _


class Notification(Base):
    """A notice to one person: a code and data, put into words in the reader's language when it is read."""

    __tablename__ = "notification"
    __entity__ = Entity(_("Notice"), _("Notices"), (), owner="recipient_id", icon="bell")
    __table_args__ = (
        UniqueConstraint("recipient_id", "key"),
        Index("ix_notification_recipient_id_read_at_created_at", "recipient_id", "read_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    code: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str] = mapped_column(String(160))
    subject_type: Mapped[str | None] = mapped_column(String(64))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    obligation_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    recipient: Mapped[Staff] = relationship()


class DeliveryState(Labelled):
    """What became of one way of telling one person."""

    PENDING = "pending", _("Will be sent"), "info"
    SENT = "sent", _("Sent"), "good"
    SKIPPED = "skipped", _("Not sent"), "quiet"
    DEAD = "dead", _("Given up after repeated errors"), "bad"


class DeliveryChannel(Labelled):
    """The ways in which a notice leaves the house. The inbox is none of them: every notice is there at once."""

    EMAIL = "email", _("E-mail")
    GROUP = "group", _("Group chat")


class DeliveryReason(Labelled):
    """Why a delivery waits, was left out or was given up."""

    QUIET_HOURS = "quiet_hours", _("It waits for the end of the quiet hours."), "info"
    DIGEST = "digest", _("It goes out with the next digest."), "info"
    RETRY = "retry", _("The last attempt failed; it is tried again."), "warn"
    OUT_OF_REACH = "out_of_reach", _("The server that carries it does not answer; it is tried again."), "warn"
    NO_ADDRESS = "no_address", _("No e-mail address is on record."), "quiet"
    SWITCHED_OFF = "switched_off", _("This way of being told is switched off."), "quiet"
    NOT_SET_UP = "not_set_up", _("This installation does not send this way."), "quiet"
    LEFT = "left", _("The recipient has left."), "quiet"
    SETTLED = "settled", _("The matter was settled before it was sent."), "quiet"
    CHANGED = "changed", _("The date or the owner had changed before it was sent; a newer notice replaces it."), "quiet"
    READ = "read", _("It had been read here before it was sent."), "quiet"
    REFUSED = "refused", _("The receiving server refused it for good."), "bad"
    GIVEN_UP = "given_up", _("It failed too often."), "bad"
    LEFT_OUT = "left_out", _("It was left out when sending was released: it may have been sent before."), "quiet"


class Delivery(Base):
    """One row of the outbox: leased, sent with a fixed idempotency key, retried with backoff, given up in the open.

    Rows that leave in one message share `parcel`, which is set before the first attempt and kept for every further
    one: the message's identity is made from it, so a message that had to be sent twice is known to be the same.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_due",
            "channel",
            "not_before",
            postgresql_where=text("state = 'pending'"),
            sqlite_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    notification_id: Mapped[int] = mapped_column(ForeignKey("notification.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    channel: Mapped[DeliveryChannel] = mapped_column(Choice(DeliveryChannel))
    target_id: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    parcel: Mapped[str | None] = mapped_column(String(200))
    in_digest: Mapped[bool] = mapped_column(default=False)
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[DeliveryState] = mapped_column(Choice(DeliveryState), default=DeliveryState.PENDING)
    reason: Mapped[DeliveryReason | None] = mapped_column(Choice(DeliveryReason))
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(500))
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    notification: Mapped[Notification] = relationship()


class PauseReason(Labelled):
    """Why nothing leaves the house."""

    RESTORED = (
        "restored",
        _("A backup was restored: what it holds as unsent may have been sent before."),
        "warn",
    )
    BY_HAND = "by_hand", _("Somebody stopped it."), "warn"


class SendingPause(Base):
    """Nothing leaves the house while its one row is there. Notices go on being written and read in the inbox."""

    __tablename__ = "sending_pause"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[PauseReason] = mapped_column(Choice(PauseReason))
    note: Mapped[str] = mapped_column(String(200), default="")


class GroupWebhook(Record):
    """A group chat of WeCom, DingTalk or Feishu that hears the department's notices. Its address is a secret."""

    __tablename__ = "group_webhook"
    __entity__ = Entity(
        _("Group webhook"), _("Group webhooks"), (), title="name", team="team_id", icon="message-circle"
    )

    class Kind(Labelled):
        """The group chats that can be told."""

        WECOM = "wecom", _("WeCom")
        DINGTALK = "dingtalk", _("DingTalk")
        FEISHU = "feishu", _("Feishu")

    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[Kind] = mapped_column(Choice(Kind))
    address: Mapped[str] = mapped_column(Encrypted("group_webhook.address"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    active: Mapped[bool] = mapped_column(default=True)


class NoticePreference(Record):
    """How one person wants to be told: language comes from the account; here are quiet hours, digest and e-mail."""

    __tablename__ = "notice_preference"
    __entity__ = Entity(_("Notice setting"), _("Notice settings"), (), owner="staff_id", icon="sliders")

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)
    by_email: Mapped[bool] = mapped_column(default=True)
    # Left empty on purpose is not the same as not asked: an explicit None is kept, and no default takes its place.
    quiet_from: Mapped[str | None] = mapped_column(String(5).evaluates_none(), default="22:00")
    quiet_until: Mapped[str | None] = mapped_column(String(5).evaluates_none(), default="08:00")
    digest_at: Mapped[str | None] = mapped_column(String(5))
