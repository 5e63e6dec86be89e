"""Files that belong to records: the row says whose they are; the bytes lie elsewhere under a random name."""

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Entity, Record
from models.words import _


class Attachment(Record):
    """One uploaded file: `stored` is its name on the disk, `name` what the person called it, `digest` its SHA-256."""

    __tablename__ = "attachment"
    __entity__ = Entity(_("Attachment"), _("Attachments"), (), title="name", owner="created_by_id", icon="paperclip")
    __table_args__ = (Index("ix_attachment_entity_record_id", "entity", "record_id"),)

    entity: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[int] = mapped_column(BigInteger)
    stored: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))

    @property
    def is_draft(self) -> bool:
        """While its record is open, whoever attached a file may take it back; the page sees to the record."""
        return True
