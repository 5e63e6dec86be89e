"""ORG-7: promotion, rotation, transfer, demotion: with reason and approval, from a day on and not before."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Post, Staff, Team
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class ChangeKind(Labelled):
    """What a change of post is."""

    PROMOTION = "promotion", _("Promotion"), "good"
    ROTATION = "rotation", _("Rotation"), "info"
    TRANSFER = "transfer", _("Transfer"), "info"
    DEMOTION = "demotion", _("Demotion"), "warn"


class ChangeState(Labelled):
    """Proposed, approved by somebody else, in effect from its day on."""

    PROPOSED = "proposed", _("Waiting for approval"), "warn"
    APPROVED = "approved", _("Approved"), "info"
    IN_EFFECT = "in_effect", _("In effect"), "good"
    REFUSED = "refused", _("Rejected"), "bad"
    WITHDRAWN = "withdrawn", _("Withdrawn"), "quiet"


class PostChange(Record):
    """From one post, team and superior to others. What stood before is kept when it takes effect."""

    __tablename__ = "post_change"
    __entity__ = Entity(
        _("Change of post"),
        _("Changes of post"),
        ("ORG-7",),
        title="label",
        owner="staff_id",
        state="state",
        frozen=frozenset({ChangeState.IN_EFFECT, ChangeState.REFUSED, ChangeState.WITHDRAWN}),
        published=frozenset({ChangeState.APPROVED, ChangeState.IN_EFFECT}),
        icon="shuffle",
    )
    __table_args__ = (Index("ix_post_change_state_effective_on", "state", "effective_on"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    kind: Mapped[ChangeKind] = mapped_column(Choice(ChangeKind))
    new_post: Mapped[Post] = mapped_column(Choice(Post))
    new_team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    new_superior_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date]
    former_post: Mapped[Post | None] = mapped_column(Choice(Post))
    former_team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    former_superior_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    verdict: Mapped[str | None] = mapped_column(Text)
    took_effect_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[ChangeState] = mapped_column(Choice(ChangeState), default=ChangeState.PROPOSED)

    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])
    new_team: Mapped[Team | None] = relationship(foreign_keys=[new_team_id])
    new_superior: Mapped[Staff | None] = relationship(foreign_keys=[new_superior_id])

    @property
    def label(self) -> str:
        """Whom it concerns."""
        return self.staff.label if self.staff else f"#{self.id}"

    @property
    def policy_date(self) -> date | None:
        """Judged by what is in force on the day when it takes effect."""
        return self.effective_on
