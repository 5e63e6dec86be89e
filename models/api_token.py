"""Tokens with which programs act for a person, answers kept for repeated requests, and how much has been asked."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.audit import LongId
from models.base import Base
from models.types import Choice, Encrypted, Labelled, UTCDateTime
from models.words import _


class TokenEnd(Labelled):
    """Why a token opens nothing any more, as the sentence that whoever uses it reads."""

    REVOKED = "revoked", _("This token was revoked by its holder."), "quiet"
    ADMINISTRATOR = "administrator", _("This token was revoked by an administrator."), "warn"
    EXPIRED = "expired", _("This token has expired."), "quiet"
    DISABLED = "disabled", _("The account of this token has been disabled."), "bad"
    ROLES = "roles", _("The roles of this token's account have changed. Make another token."), "warn"
    PASSWORD = "password", _("The password of this token's account was reset. Make another token."), "warn"
    UNPROVEN = "unproven", _("This token was made without the second step, which its account now needs."), "warn"
    OWING = "owing", _("The holder of this token has to choose a new password first."), "warn"


class ApiToken(Base):
    """A key that lets a program act as its account's holder (ORG-6). `digest` is the SHA-256 of 256 random bits.

    `scopes` are `read` and `write`, or the same for one entity: `read:staff`. `hint` is how the key begins, by which
    its holder knows it again. `roles` are those that the account had; when it has others, the token is over.
    """

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(16))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    roles: Mapped[str] = mapped_column(String(200))
    second_factor: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    used_from: Mapped[str | None] = mapped_column(String(48))
    warned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_why: Mapped[TokenEnd | None] = mapped_column(Choice(TokenEnd))

    account: Mapped[Account] = relationship()


class KeptAnswer(Base):
    """What was answered to a request with an Idempotency-Key, so that the same request is answered and not done again.

    `claim` names whoever works on it; a row without a status is work under way, or cut off since `claimed_at`. The
    answer may hold customers' data and rests encrypted.
    """

    __tablename__ = "kept_answer"
    __table_args__ = (UniqueConstraint("token_id", "key"),)

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    token_id: Mapped[int] = mapped_column(LongId, ForeignKey("api_token.id"))
    key: Mapped[str] = mapped_column(String(255))
    request: Mapped[str] = mapped_column(String(64))
    claim: Mapped[str] = mapped_column(String(32))
    claimed_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    body: Mapped[str | None] = mapped_column(Encrypted("kept_answer.body"))


class Spending(Base):
    """How many requests one token or address took in one minute; `who` is a fingerprint."""

    __tablename__ = "spending"

    who: Mapped[str] = mapped_column(String(64), primary_key=True)
    minute: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    taken: Mapped[int] = mapped_column(default=0)
