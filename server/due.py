"""What the ticker calls: the sweep, the mail and the group chats, each in a thread, a session and a pace of its own.

A mail server that hangs so delays neither a reminder nor a group chat.
"""

import threading
from collections.abc import Callable, Mapping

from flask import Flask

from engine import attachments, clock
from engine.config import Settings
from engine.database import db, only_reading
from engine.notices.delivering import Senders, deliver_due
from engine.notices.groups import GroupSender
from engine.notices.mail import MailSender, MailSettings
from engine.sweep import sweep
from models.notification import DeliveryChannel


class DueWork:
    """The pieces of work by name. After `stop()` each ends with the batch that is under way."""

    def __init__(self, app: Flask) -> None:
        """`app` is made by `create_app`; its settings say how mail leaves."""
        self._app = app
        self._stopping = threading.Event()
        self._senders: Senders = {
            DeliveryChannel.EMAIL: mail_sender(app.config["DUTYBOOK"]),
            DeliveryChannel.GROUP: GroupSender(),
        }

    def works(self) -> Mapping[str, Callable[[], object]]:
        """What to call every few seconds."""
        return {
            "sweep": self.sweep,
            "mail": lambda: self.deliver(DeliveryChannel.EMAIL),
            "groups": lambda: self.deliver(DeliveryChannel.GROUP),
            "files": self.tidy,
        }

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping.set()

    def sweep(self) -> None:
        """Do what has become due."""
        with self._app.app_context():
            sweep(db.session(), go_on=self._goes_on)

    def tidy(self) -> None:
        """Remove attachments that no record names: left over where a process ended between file and commit."""
        settings: Settings = self._app.config["DUTYBOOK"]
        with self._app.app_context(), only_reading():
            attachments.sweep(db.session(), settings.instance_dir / "attachments")

    def deliver(self, channel: DeliveryChannel) -> None:
        """Send what waits to leave by one channel."""
        with self._app.app_context():
            while self._goes_on() and deliver_due(db.session(), {channel: self._senders[channel]}, clock.now()):
                pass

    def _goes_on(self) -> bool:
        return not self._stopping.is_set()


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
