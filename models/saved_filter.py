"""Filters that people keep for their lists."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Entity, Record
from models.words import _


class SavedFilter(Record):
    """One person's name for one way of narrowing one list: `entity` is the list's table, `query` the address's part."""

    __tablename__ = "saved_filter"
    __entity__ = Entity(_("Saved filter"), _("Saved filters"), (), title="name", owner="staff_id", icon="filter")
    __table_args__ = (UniqueConstraint("staff_id", "entity", "name"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    entity: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(1000))

    @property
    def is_draft(self) -> bool:
        """A filter is a convenience, no record of policy: its owner may throw it away."""
        return True
