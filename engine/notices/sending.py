"""What a sender gets, what it may answer. Senders know a wire and nothing of the database."""

import hashlib
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Parcel:
    """One message to one address. `key` stays the same however often it has to be sent.

    `lane` is what fails together: when it is out of reach, the rest that waits for it is not tried in the same round.
    `vendor` says which group chat the address belongs to.
    """

    key: str
    lane: str
    address: str
    subject: str
    text: str
    vendor: str = ""
    link: str | None = None

    @property
    def identity(self) -> str:
        """A short fixed name of the message, safe in a header."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]


class Sender(Protocol):
    """Carries parcels over one wire."""

    def send(self, parcel: Parcel) -> None:
        """Return when the other side has taken it. Raises SendingError; anything else counts as a failed attempt."""

    def rest(self) -> None:
        """The round is over: connections may be closed."""


class SendingError(Exception):
    """It was not taken this time. The text is kept beside the delivery: codes only, no addresses, no secrets."""


class OutOfReachError(SendingError):
    """The server that carries it does not answer or takes nothing at present: no fault of this message."""


class RefusedError(SendingError):
    """It was refused for good; sending it again would be refused again."""
