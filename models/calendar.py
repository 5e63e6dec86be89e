"""The official working calendar as the department keeps it: holidays off, make-up days on."""

from datetime import date

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Entity, Record
from models.types import Bilingual
from models.words import _


class CalendarDay(Record):
    """A day that differs from the plain week: a holiday that is off, or a weekend day that is worked."""

    __tablename__ = "calendar_day"
    __entity__ = Entity(_("Special day"), _("Special days"), (), title="label", icon="calendar")
    __table_args__ = (UniqueConstraint("department_id", "day"),)

    day: Mapped[date]
    worked: Mapped[bool]
    name: Mapped[dict[str, str]] = mapped_column(Bilingual)
    source: Mapped[str] = mapped_column(String(80), default="")

    @property
    def label(self) -> str:
        """The date."""
        return self.day.isoformat()


class CalendarYear(Record):
    """Whether a year's official arrangement is known; an unconfirmed year is marked wherever its days are counted."""

    __tablename__ = "calendar_year"
    __entity__ = Entity(_("Calendar year"), _("Calendar years"), (), title="year", icon="calendar")
    __table_args__ = (UniqueConstraint("department_id", "year"),)

    year: Mapped[int]
    confirmed: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(80), default="")
