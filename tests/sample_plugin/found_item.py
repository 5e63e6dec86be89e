"""What somebody found on the floor."""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.organisation import Staff
from models.types import Choice, Labelled
from models.words import _


class FoundItemState(Labelled):
    """Kept until it is given back."""

    KEPT = "kept", _("Kept"), "info"
    RETURNED = "returned", _("Given back"), "good"


class FoundItem(Record):
    """A thing that was found, who found it and until when it is kept."""

    __tablename__ = "found_item"
    __entity__ = Entity(
        _("Found item"), _("Found items"), (), title="what", owner="found_by_id", state="state", searched=("what",)
    )

    what: Mapped[str] = mapped_column(String(200))
    found_on: Mapped[date]
    kept_until: Mapped[date]
    found_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    state: Mapped[FoundItemState] = mapped_column(Choice(FoundItemState), default=FoundItemState.KEPT)

    found_by: Mapped[Staff] = relationship()
