"""HIRE-1: what the department looks for, written down and published before anybody applies."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Post, Staff, Team
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class OpeningState(Labelled):
    """Written, out in the open, done with."""

    DRAFT = "draft", _("Draft"), "quiet"
    PUBLISHED = "published", _("Published"), "good"
    CLOSED = "closed", _("Closed"), "quiet"


class JobOpening(Record):
    """A post to be filled: duties, requirements, pay and benefits; and where the new person will stand (HIRE-1)."""

    __tablename__ = "job_opening"
    __entity__ = Entity(
        _("Job opening"),
        _("Job openings"),
        ("HIRE-1",),
        title="name",
        team="team_id",
        state="state",
        frozen=frozenset({OpeningState.CLOSED}),
        searched=("name",),
        icon="briefcase",
    )

    name: Mapped[str] = mapped_column(String(120))
    post: Mapped[Post] = mapped_column(Choice(Post))
    headcount: Mapped[int] = mapped_column(default=1)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    duties: Mapped[str | None] = mapped_column(Text)
    requirements: Mapped[str | None] = mapped_column(Text)
    pay: Mapped[str | None] = mapped_column(String(200))
    benefits: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[OpeningState] = mapped_column(Choice(OpeningState), default=OpeningState.DRAFT)

    team: Mapped[Team | None] = relationship()
    superior: Mapped[Staff | None] = relationship()
