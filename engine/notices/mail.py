"""E-mail over SMTP."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Literal

from engine import clock, failpoints
from engine.config import Settings
from engine.notices.sending import OutOfReachError, Parcel, RefusedError, SendingError
from engine.patience import at_most

PERMANENT = 500
PATIENCE = 10.0
"""Seconds that the server may take for each answer; a round's lease must outlast a few of them."""


@dataclass(frozen=True)
class MailSettings:
    """How this installation reaches its mail server. `public_url` names the site that links lead to."""

    host: str
    port: int
    sender: str
    public_url: str
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None

    @property
    def domain(self) -> str:
        """The host of the site, which makes message ids this installation's own."""
        return self.public_url.split("//", 1)[1].split("/", 1)[0].split(":", 1)[0]


class MailSender:
    """Sends parcels by mail. One connection serves a round; the server's certificate is verified."""

    def __init__(self, settings: MailSettings) -> None:
        """Nothing is connected yet."""
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def send(self, parcel: Parcel) -> None:
        """Hand the mail over. Raises SendingError and its kinds."""
        message = compose(parcel, self._settings)
        try:
            server = self._connected()
            server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise _meaning(error) from error
        failpoints.reached("after DATA")

    def rest(self) -> None:
        """Take leave of the server."""
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError), at_most(PATIENCE):
                self._server.quit()
            self._drop()

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            return self._server
        here = self._settings
        context = ssl.create_default_context()
        # Kept at once, so that whatever fails from here on is closed by whoever catches it.
        if here.security == "tls":
            self._server = smtplib.SMTP_SSL(here.host, here.port, timeout=PATIENCE, context=context)
        else:
            self._server = smtplib.SMTP(here.host, here.port, timeout=PATIENCE)
        if here.security == "starttls":
            self._server.starttls(context=context)
        if here.user:
            self._server.login(here.user, here.password or "")
        return self._server

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None


def mail_sender(settings: Settings) -> MailSender | None:
    """Mail as the settings describe it; None when they name no server."""
    if not settings.smtp_host or not settings.mail_from:
        return None
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    return MailSender(
        MailSettings(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.mail_from,
            public_url=settings.public_url,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=password,
        )
    )


def compose(parcel: Parcel, settings: MailSettings) -> EmailMessage:
    """The mail, with an id that depends on the parcel's key and the site alone. Raises RefusedError for no address."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = settings.sender
    message["To"] = _address(parcel.address)
    # Line breaks in a name or a title would begin a header of their own.
    message["Subject"] = " ".join(parcel.subject.split())
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{parcel.identity}@{settings.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    link = f"\n\n{settings.public_url.rstrip('/')}{parcel.link}" if parcel.link else ""
    message.set_content(f"{parcel.text}{link}\n", cte="base64")
    return message


def _address(text: str) -> Address:
    try:
        return Address(addr_spec=text)
    except (HeaderParseError, ValueError, IndexError) as error:
        msg = "not an address"
        raise RefusedError(msg) from error


def _meaning(error: smtplib.SMTPException | OSError) -> SendingError:
    """Whether it is the message, the moment or the server that stands in the way."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max(answer[0] for answer in error.recipients.values())
        return RefusedError(str(code)) if code >= PERMANENT else SendingError(str(code))
    if isinstance(error, smtplib.SMTPDataError):
        permanent = error.smtp_code >= PERMANENT
        return RefusedError(str(error.smtp_code)) if permanent else SendingError(str(error.smtp_code))
    answer = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
    return OutOfReachError(f"{type(error).__name__}{answer}")
