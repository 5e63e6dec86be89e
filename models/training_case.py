"""TRN-12: case material for training, made from real records and free of anybody's personal data."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Staff
from models.service_record import ServiceRecord, Topic
from models.types import Choice, Labelled, UTCDateTime
from models.words import _


class CaseState(Labelled):
    """Drafted by whoever saw it, published for everybody, retired when it teaches nothing any more."""

    DRAFT = "draft", _("Draft"), "quiet"
    PUBLISHED = "published", _("Published"), "good"
    RETIRED = "retired", _("Retired"), "quiet"


class TrainingCase(Record):
    """A case: what the customer brought up, what was done, what is to be learnt. Every text of it is de-identified."""

    __tablename__ = "training_case"
    __entity__ = Entity(
        _("Training case"),
        _("Training cases"),
        ("TRN-12",),
        title="name",
        owner="author_id",
        state="state",
        frozen=frozenset({CaseState.PUBLISHED, CaseState.RETIRED}),
        published=frozenset({CaseState.PUBLISHED, CaseState.RETIRED}),
        searched=("name",),
        icon="book-open",
    )

    name: Mapped[str] = mapped_column(String(120))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    service_record_id: Mapped[int | None] = mapped_column(ForeignKey("service_record.id"), index=True)
    situation: Mapped[str] = mapped_column(Text)
    handling: Mapped[str | None] = mapped_column(Text)
    lesson: Mapped[str | None] = mapped_column(Text)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[CaseState] = mapped_column(Choice(CaseState), default=CaseState.DRAFT)

    topic: Mapped[Topic | None] = relationship()
    author: Mapped[Staff | None] = relationship(foreign_keys=[author_id])
    service_record: Mapped[ServiceRecord | None] = relationship()
