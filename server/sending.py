"""What leaves the house, as long work: mail, group chats, calls to other programs. Each has a key of its own.

The outboxes stay the truth (lease, backoff, dead letters, a fixed identity); the work here only empties them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from engine import clock
from engine.config import Settings
from engine.events.carrying import carry_due, is_call_due
from engine.events.posting import Poster
from engine.hooks import hookimpl
from engine.jobs.asking import ensure
from engine.jobs.tasks import LaterError, Task, Work
from engine.notices.claiming import is_delivery_due
from engine.notices.delivering import deliver_due
from engine.notices.groups import GroupSender
from engine.notices.mail import mail_sender
from engine.notices.sending import Sender
from models.job import Lane
from models.notification import DeliveryChannel
from models.words import Words, _


@dataclass(frozen=True)
class Outbox:
    """One way out: whether something is due, and how a batch is carried (the answer says how many rows it took up)."""

    name: str
    label: Words
    is_due: Callable[[Session, datetime], bool]
    carry: Callable[[Session, Settings], int]

    def task(self) -> Task:
        """Empty the outbox; more than one process may be at it, rows are leased."""
        return Task(self.name, self.label, self._empty, lane=Lane.QUICK)

    def _empty(self, session: Session, work: Work) -> None:
        settings: Settings = current_app.config["DUTYBOOK"]
        while work.go_on():
            if not self.carry(session, settings):
                return
        raise LaterError


def _by(channel: DeliveryChannel, sender: Callable[[Settings], Sender | None]) -> Callable[[Session, Settings], int]:
    return lambda session, settings: deliver_due(session, {channel: sender(settings)}, clock.now())


def _due_by(channel: DeliveryChannel) -> Callable[[Session, datetime], bool]:
    return lambda session, now: is_delivery_due(session, channel, now)


def _calls(session: Session, settings: Settings) -> int:
    inside = frozenset(settings.calls_inside.replace(",", " ").split())
    return carry_due(session, Poster(inside), clock.now(), settings.public_url)


OUTBOXES = (
    Outbox("send.mail", _("Sending of mail"), _due_by(DeliveryChannel.EMAIL), _by(DeliveryChannel.EMAIL, mail_sender)),
    Outbox(
        "send.groups",
        _("Sending to group chats"),
        _due_by(DeliveryChannel.GROUP),
        _by(DeliveryChannel.GROUP, lambda _settings: GroupSender()),
    ),
    Outbox("send.calls", _("Calls to other programs"), is_call_due, _calls),
)


def ask_for_due(session: Session, now: datetime) -> int:
    """Have every outbox emptied in which something is due at `now`; how many. The caller acts and commits."""
    return sum(ensure(session, box.name, box.name) for box in _due(session, now))


def _due(session: Session, now: datetime) -> Iterator[Outbox]:
    return (box for box in OUTBOXES if box.is_due(session, now))


@hookimpl
def tasks() -> Sequence[Task]:
    """Long work of this module."""
    return [box.task() for box in OUTBOXES]
