"""CNF-4: internal data leaves the department on an approved request only, for a purpose and until a day."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Entity, Record
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class ShareState(Labelled):
    """Asked for, decided, run out, and closed once it is known what became of the data."""

    REQUESTED = "requested", _("Waiting for approval"), "warn"
    APPROVED = "approved", _("Approved"), "good"
    REJECTED = "rejected", _("Rejected"), "bad"
    WITHDRAWN = "withdrawn", _("Withdrawn"), "quiet"
    EXPIRED = "expired", _("Expired, to be closed"), "warn"
    CLOSED = "closed", _("Closed"), "quiet"


class DataShareRequest(Record):
    """Somebody asks to give internal data to somebody outside. `contents` are the entities, by their table.

    `exports` counts the files that were taken under it; each of them stands in the audit and is marked.
    """

    __tablename__ = "data_share_request"
    __entity__ = Entity(
        _("Data share request"),
        _("Data share requests"),
        ("CNF-4",),
        title="label",
        owner="requester_id",
        state="state",
        frozen=frozenset(set(ShareState) - {ShareState.REQUESTED}),
        searched=("recipient", "purpose"),
        icon="share-2",
    )
    __table_args__ = (Index("ix_data_share_request_requester_id_state", "requester_id", "state"),)

    requester_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    recipient: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text)
    contents: Mapped[list[str]] = mapped_column(JSON)
    expires_on: Mapped[date]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    verdict: Mapped[str | None] = mapped_column(Text)
    exports: Mapped[int] = mapped_column(default=0)
    last_export_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str | None] = mapped_column(Text)
    state: Mapped[ShareState] = mapped_column(Choice(ShareState), default=ShareState.REQUESTED)

    @property
    def label(self) -> str:
        """Who is to get it."""
        return f"{self.recipient[:60]} · {self.expires_on}"
