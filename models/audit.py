"""Who did what, when, through which door, with before and after; and what the rules refused."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models import append_only
from models.base import Base
from models.types import UTCDateTime

LongId = BigInteger().with_variant(Integer, "sqlite")


class AuditEntry(Base):
    """One link of the append-only chain: `digest` covers this row and the digest before it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_entity_record_id", "entity", "record_id", "id"),
        Index("ix_audit_entry_department_id_at", "department_id", "at"),
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    department_id: Mapped[int | None]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    door: Mapped[str] = mapped_column(String(24))
    action: Mapped[str] = mapped_column(String(48))
    entity: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[int | None] = mapped_column(BigInteger)
    record_title: Mapped[str] = mapped_column(String(200), default="")
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    rules: Mapped[list[str]] = mapped_column(JSON)
    request_id: Mapped[str] = mapped_column(String(40), default="")
    digest: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the chain. Locking its one row is what keeps concurrent writers on one chain."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_id: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))


append_only.guard(Base.metadata.tables["audit_entry"], Base.metadata.tables["audit_head"])


class Refusal(Base):
    """A write that a rule stopped: what the clause page counts as broken. Holds no values of the record."""

    __tablename__ = "refusal"
    __table_args__ = (Index("ix_refusal_department_id_clause_at", "department_id", "clause", "at"),)

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    department_id: Mapped[int | None]
    actor_id: Mapped[int | None]
    door: Mapped[str] = mapped_column(String(24))
    entity: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[int | None] = mapped_column(BigInteger)
    clause: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(96))
    field: Mapped[str | None] = mapped_column(String(64))


class RuleTally(Base):
    """How often a rule was kept and broken on one day of the department."""

    __tablename__ = "rule_tally"
    __table_args__ = (UniqueConstraint("department_id", "rule", "day"),)

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    department_id: Mapped[int]
    rule: Mapped[str] = mapped_column(String(96))
    clause: Mapped[str] = mapped_column(String(16), index=True)
    day: Mapped[date]
    kept: Mapped[int] = mapped_column(default=0)
    broken: Mapped[int] = mapped_column(default=0)
