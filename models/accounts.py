"""Accounts, the sessions they are used in, and what guards the door (ORG-6)."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import LongId
from models.base import Base, Entity, Record
from models.organisation import Staff
from models.types import Choice, Encrypted, Labelled, UTCDateTime
from models.words import _


class AccountState(Labelled):
    """An account is issued by invitation, used, and shut."""

    INVITED = "invited", _("Invited"), "info"
    ACTIVE = "active", _("Active"), "good"
    DISABLED = "disabled", _("Disabled"), "bad"


class Language(Labelled):
    """The languages of the product, each in its own words."""

    CHINESE = "zh_Hans_CN", "简体中文"
    ENGLISH = "en", "English"


class Theme(Labelled):
    """How the pages look; `auto` follows the device."""

    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Account(Record):
    """How one person enters the product (ORG-6). What proves who they are rests encrypted and never leaves the row."""

    __tablename__ = "account"
    __entity__ = Entity(
        _("Account"), _("Accounts"), ("ORG-6",), title="login", owner="staff_id", state="state", icon="key-round"
    )
    __table_args__ = (UniqueConstraint("login"), UniqueConstraint("staff_id"))

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    login: Mapped[str] = mapped_column(String(64))
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    language: Mapped[Language] = mapped_column(Choice(Language), default=Language.CHINESE)
    theme: Mapped[Theme] = mapped_column(Choice(Theme), default=Theme.AUTO)
    state: Mapped[AccountState] = mapped_column(Choice(AccountState), default=AccountState.INVITED)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str | None] = mapped_column(Encrypted("account.password_hash"))
    totp_secret: Mapped[str | None] = mapped_column(Encrypted("account.totp_secret"))
    recovery_codes: Mapped[str | None] = mapped_column(Encrypted("account.recovery_codes"))

    staff: Mapped[Staff] = relationship()

    @property
    def has_second_factor(self) -> bool:
        """Whether a code from the person's phone is asked at log-in."""
        return self.totp_secret is not None


class Proof(Labelled):
    """What a session's holder has shown so far."""

    PASSWORD = "password", _("Password only"), "warn"
    FULL = "full", _("Signed in"), "good"


class EndReason(Labelled):
    """Why a session ended, as the sentence that its holder reads next time."""

    LOGGED_OUT = "logged_out", _("You have signed out.")
    ELSEWHERE = (
        "elsewhere",
        _(
            "Your account was signed in from another place, so you were signed out here. "
            "An account is used by one person, in one place at a time (ORG-6). "
            "If that was not you, change your password and tell your administrator."
        ),
        "warn",
    )
    IDLE = "idle", _("You were signed out because nothing was done for 30 minutes.")
    EXPIRED = "expired", _("You were signed out because a session lasts 12 hours at most.")
    DISABLED = "disabled", _("Your account has been disabled. Ask your administrator."), "bad"
    ROLES = "roles", _("Your roles have changed. Please sign in again."), "warn"
    PASSWORD = "password", _("The password of this account has changed. Please sign in with the new one."), "warn"
    ADMINISTRATOR = "administrator", _("An administrator has ended your session."), "warn"
    RESTORED = "restored", _("The data was put back from a backup. Please sign in again."), "warn"
    BY_HOLDER = "by_holder", _("You ended this session yourself from another one.")
    RENEWED = "renewed", _("This session went on under a new key.")


class WebSession(Base):
    """One log-in of one account. `digest` is the SHA-256 of the key that only the browser holds.

    `roles` and `credential` say what the account was at log-in: when it no longer is, the session is over.
    """

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_account_id_ended_at", "account_id", "ended_at"),)

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proof: Mapped[Proof] = mapped_column(Choice(Proof))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    network: Mapped[str] = mapped_column(String(48))
    agent: Mapped[str] = mapped_column(String(200))
    roles: Mapped[str] = mapped_column(String(200))
    credential: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_why: Mapped[EndReason | None] = mapped_column(Choice(EndReason))


class LoginTry(Base):
    """A try to log in that has not succeeded. Holds fingerprints only: people type passwords into the wrong field."""

    __tablename__ = "login_try"
    __table_args__ = (Index("ix_login_try_login_at", "login", "at"), Index("ix_login_try_address_at", "address", "at"))

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    login: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class SecretKind(Labelled):
    """What a one-time secret is for."""

    INVITATION = "invitation", _("Invitation")
    RESET = "reset", _("Password reset")


class OneTimeSecret(Base):
    """A secret that lets its holder choose a password once. Only its SHA-256 is kept."""

    __tablename__ = "one_time_secret"

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[SecretKind] = mapped_column(Choice(SecretKind))
    issued_by_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class UsedCode(Base):
    """A time step whose code an account has used: the same code does not open twice."""

    __tablename__ = "used_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    step: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
