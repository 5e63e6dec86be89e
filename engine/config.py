"""What an installation can set, and what keeps it from starting.

Settings come from the environment (`DUTYBOOK_HOST=...`) and, for real use, from `instance/settings.env`. Keys come from
files (`engine.secret_files`), never from the environment, where every child process would see them.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import click
from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.backup.moved import moved_to
from engine.database_address import address_problems
from engine.secret_files import Problem, Secrets, ensure_secrets, make_secrets, secret_problems
from models.words import _

MEGABYTE = 1024 * 1024
SHORTEST_TOKEN = 24


class StartUpError(click.ClickException):
    """Dutybook refuses to start. A terminal shows the sentences, not a stack."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """`problems` is never empty."""
        super().__init__("\n".join(f"{problem.id} {problem.sentence}" for problem in problems))
        self.problems = tuple(problems)


class Settings(BaseSettings):
    """One installation. `instance_dir` holds everything that is its own: keys, database, attachments."""

    model_config = SettingsConfigDict(
        env_prefix="DUTYBOOK_", env_ignore_empty=True, frozen=True, extra="ignore", populate_by_name=True
    )

    demo: bool = False
    instance_dir: Path = Field(default_factory=lambda data: Path("instance/demo" if data["demo"] else "instance"))
    database_url: str = Field(
        default_factory=lambda data: f"sqlite:///{data['instance_dir'] / 'dutybook.sqlite'}",
        validation_alias=AliasChoices("DUTYBOOK_DATABASE_URL", "DATABASE_URL"),
        repr=False,
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = Field(
        default_factory=lambda data: f"http://{data['host']}:{data['port']}", pattern=r"^https?://[^/?#]+(/[^?#]*)?$"
    )
    proxies: int = Field(default=0, ge=0, description="how many reverse proxies stand in front and may say who calls")
    threads: int = Field(default=8, ge=1)
    scheduler: bool = Field(default=True, description="whether this web process also runs what is due")
    tick_seconds: int = Field(default=5, ge=1, le=10)
    api_per_minute: int = Field(default=600, ge=1, description="requests that one token may make")
    api_per_minute_from_one_place: int = Field(default=1800, ge=1, description="the same for all tokens of one address")
    web_processes: int = Field(default=2, ge=1, description="how many web processes `flask web` starts")
    jobs: Literal["embedded", "queue"] = Field(
        default="embedded",
        description="who does long work: threads beside the ticker, or `flask worker` told by a queue in PostgreSQL",
    )
    job_threads: int = Field(default=2, ge=1, le=32, description="how many long tasks one process does at a time")
    keys_lost: bool = Field(default=False, description="whether to start though nothing encrypted can be read")
    database_plain: bool = Field(default=False, description="whether another machine's database may be asked in clear")
    calls_inside: str = Field(default="", description="hosts of one's own network that may be called, with commas")

    log_format: Literal["auto", "json", "plain"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    metrics_token: SecretStr | None = Field(default=None, description="what a metrics collector elsewhere has to show")
    least_disk: int = Field(default=200, ge=0, description="megabytes free below which the installation is not ready")
    alive_file: Path | None = Field(default=None, description="touched at every tick, for whoever watches the process")

    mlps: bool = Field(default=False, description="graded protection: plain passwords are refused, old ones renewed")

    backup_dir: Path = Field(default_factory=lambda data: data["instance_dir"] / "backups")
    backup_key_file: Path = Field(
        default_factory=lambda data: data["instance_dir"] / "backup_keys.json",
        description="what opens the backups: best on another disk than they are",
    )
    backup_at: str = Field(default="02:30", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="local time")
    backup_minutes: int = Field(
        default_factory=lambda data: 15 if data["database_url"].startswith("sqlite") else 0,
        ge=0,
        description="how often what has changed is backed up beside the daily backup; 0: never",
    )
    backup_days: int = Field(default=7, ge=1, description="of how many days the last backup is kept")
    backup_weeks: int = Field(default=5, ge=0, description="of how many weeks the last backup is kept")
    drill_days: int = Field(default=30, ge=0, description="how often a backup is put back as a trial; 0: never")

    scanner: str = Field(default="", description="a command that answers 0 for a clean file, whose path is added")

    import_rows: int = Field(default=200_000, ge=1, description="rows that one imported file may have")

    smtp_host: str | None = None
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str | None = None

    @classmethod
    def load(cls) -> "Settings":
        """Read the environment and `settings.env`. A demonstration ignores that file: it may name the real database."""
        found = cls()
        return found if found.demo else cls(_env_file=found.instance_dir / "settings.env")

    @field_validator("instance_dir", "backup_dir", "backup_key_file", mode="after")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.absolute()

    @field_validator("database_url", mode="after")
    @classmethod
    def _current_scheme(cls, url: str) -> str:
        """Hosting services still hand out the older `postgres://`."""
        return "postgresql://" + url.removeprefix("postgres://") if url.startswith("postgres://") else url

    @property
    def is_secure(self) -> bool:
        """Whether people reach Dutybook over TLS."""
        return self.public_url.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return is_loopback(self.host)

    @property
    def sqlite_file(self) -> Path | None:
        """The database file; None on PostgreSQL."""
        _, is_sqlite, path = self.database_url.partition("sqlite:///")
        return Path(path) if is_sqlite else None

    def secrets(self) -> Secrets:
        """Return the keys; made when absent. Raises StartUpError when they are damaged or unsafe."""
        make_secrets(self.instance_dir)
        if problems := list(secret_problems(self.instance_dir)):
            raise StartUpError(problems)
        return ensure_secrets(self.instance_dir)

    def problems(self) -> Iterator[Problem]:
        """Say everything that speaks against starting with these settings. Makes missing keys on the way."""
        yield from self._address_problems()
        yield from self._mail_problems()
        if elsewhere := moved_to(self.instance_dir, self.database_url):
            sentence = _("This database was moved to %(address)s: set DATABASE_URL to that.", address=elsewhere)
            yield Problem("D051", sentence)
        yield from address_problems(self.database_url, plain=self.database_plain)
        if self.jobs == "queue" and self.sqlite_file:
            yield Problem("D024", _("DUTYBOOK_JOBS=queue needs PostgreSQL: set DATABASE_URL, or leave it embedded."))
        yield from self._metrics_problems()
        try:
            make_secrets(self.instance_dir)
        except OSError:
            yield Problem("D022", _("The folder %(path)s cannot be written.", path=self.instance_dir))
        else:
            yield from secret_problems(self.instance_dir)

    def _address_problems(self) -> Iterator[Problem]:
        if self.is_loopback:
            return
        if self.demo:
            sentence = _("Demonstration mode has accounts that anyone can read about: it listens on 127.0.0.1 only.")
            yield Problem("D011", sentence)
        if not self.is_secure:
            sentence = _("DUTYBOOK_HOST lets other machines in, so DUTYBOOK_PUBLIC_URL must begin with https://.")
            yield Problem("D012", sentence)

    def _mail_problems(self) -> Iterator[Problem]:
        if self.smtp_host is None:
            return
        if not self.mail_from:
            yield Problem("D031", _("DUTYBOOK_SMTP_HOST is set, so DUTYBOOK_MAIL_FROM must say who the mail is from."))
        if self.smtp_user and self.smtp_security == "none" and not is_loopback(self.smtp_host):
            sentence = _("The mail password would travel in clear: set DUTYBOOK_SMTP_SECURITY to starttls or tls.")
            yield Problem("D032", sentence)

    def _metrics_problems(self) -> Iterator[Problem]:
        if self.metrics_token and len(self.metrics_token.get_secret_value()) < SHORTEST_TOKEN:
            yield Problem("D033", _("DUTYBOOK_METRICS_TOKEN needs %(least)s characters or more.", least=SHORTEST_TOKEN))

    def as_flask_config(self) -> dict[str, Any]:
        """Return what Flask and its extensions read. Raises StartUpError with every problem there is."""
        if problems := list(self.problems()):
            raise StartUpError(problems)
        return {
            "DUTYBOOK": self,
            "SECRET_KEY": self.secrets().secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": {} if self.sqlite_file else self._pool(),
            "SESSION_COOKIE_NAME": "__Host-dutybook" if self.is_secure else "dutybook",
            "SESSION_COOKIE_SECURE": self.is_secure,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
            "PREFERRED_URL_SCHEME": "https" if self.is_secure else "http",
            "TRUSTED_HOSTS": sorted({str(urlsplit(self.public_url).hostname), "127.0.0.1", "localhost"}),
            "MAX_CONTENT_LENGTH": 21 * MEGABYTE,
            # A form may stay open for a whole shift; the token still dies with the session.
            "WTF_CSRF_TIME_LIMIT": None,
        }

    def _pool(self) -> dict[str, Any]:
        """A connection for each thread that can want one and some to spare; nobody waits for ever for a server."""
        return {
            "pool_size": self.threads + self.job_threads,
            "max_overflow": 10,
            "pool_recycle": 1800,
            "connect_args": {"connect_timeout": 10, "application_name": "dutybook"},
        }


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine alone. Any other name counts as outside, whatever it resolves to today."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
