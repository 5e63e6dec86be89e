"""QA-2: the standard by which records are scored, in versions; a record keeps the version it was scored with."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import JSON, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.types import Bilingual, Choice, Labelled
from models.words import _

Points = Annotated[Decimal, Field(ge=0, max_digits=6, decimal_places=2)]
Bands = dict[Literal["minor", "general", "severe"], Annotated[list[Points], Field(min_length=2, max_length=2)]]
"""What `bands` holds: of each severity the fewest and the most points."""


class ScorecardState(Labelled):
    """A scorecard is drafted, used, and replaced by its next edition."""

    DRAFT = "draft", _("Draft"), "quiet"
    IN_USE = "in_use", _("In use"), "good"
    RETIRED = "retired", _("Retired"), "quiet"


class Scorecard(Record):
    """An edition of the scoring standard (QA-2). `bands` holds the deductions each severity allows (QA-4)."""

    __tablename__ = "scorecard"
    __entity__ = Entity(
        _("Scorecard"),
        _("Scorecards"),
        ("QA-2", "QA-4"),
        title="label",
        state="state",
        frozen=frozenset({ScorecardState.IN_USE, ScorecardState.RETIRED}),
        icon="clipboard",
    )
    __table_args__ = (UniqueConstraint("department_id", "edition"),)

    name: Mapped[dict[str, str]] = mapped_column(Bilingual)
    edition: Mapped[str] = mapped_column(String(40))
    base_score: Mapped[Decimal] = mapped_column(Numeric(6, 2), default=Decimal(100))
    floor: Mapped[Decimal] = mapped_column(Numeric(6, 2), default=Decimal(0))
    bands: Mapped[dict[str, Any]] = mapped_column(JSON, info={"shape": Bands})
    pack: Mapped[str | None] = mapped_column(String(16))
    state: Mapped[ScorecardState] = mapped_column(Choice(ScorecardState), default=ScorecardState.DRAFT)

    items: Mapped[list["ScorecardItem"]] = relationship(
        back_populates="scorecard", order_by="ScorecardItem.position", cascade="save-update, merge"
    )

    @property
    def label(self) -> str:
        """The edition."""
        return self.edition

    def score(self, deductions: list[Decimal]) -> Decimal:
        """The base less everything deducted, never below the floor (QA-4, QA-5)."""
        return max(self.floor, self.base_score - sum(deductions, Decimal(0)))


class ScorecardItem(Record):
    """One of the things looked at, in its category (QA-2)."""

    __tablename__ = "scorecard_item"
    __entity__ = Entity(
        _("Scorecard item"),
        _("Scorecard items"),
        ("QA-2",),
        title="code",
        icon="check-square",
        settled=frozenset({"scorecard_id"}),
    )
    __table_args__ = (UniqueConstraint("scorecard_id", "code"),)

    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecard.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[dict[str, str]] = mapped_column(Bilingual)
    category: Mapped[str] = mapped_column(String(60))
    category_name: Mapped[dict[str, str]] = mapped_column(Bilingual)
    weight: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    position: Mapped[int]

    scorecard: Mapped[Scorecard] = relationship(back_populates="items")
