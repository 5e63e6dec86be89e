"""Large files made beside the pages: they wait, encrypted, until whoever asked for them takes them away."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.audit import LongId
from models.base import Base
from models.types import Encrypted, UTCDateTime


class PreparedFile(Base):
    """A file that one account asked for; `job_id` is the work that made it."""

    __tablename__ = "prepared_file"

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    job_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    account_id: Mapped[int]
    name: Mapped[str] = mapped_column(Encrypted("prepared_file.name"))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class PreparedPart(Base):
    """A piece of its bytes, in base64. In the database, so that any web process on any machine can hand them out."""

    __tablename__ = "prepared_part"
    __table_args__ = (UniqueConstraint("file_id", "number"),)

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("prepared_file.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Encrypted("prepared_part.content"))
