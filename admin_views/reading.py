"""Notices as pages show them: read out in the reader's language, with the way to what they are about."""

from dataclasses import dataclass

from flask_babel import get_locale

from admin_views.links import address, record_address
from engine.notices.wording import read_out
from models.notification import Notification


@dataclass(frozen=True)
class Told:
    """One notice in the reader's words."""

    row: Notification
    subject: str
    text: str

    @property
    def url(self) -> str | None:
        """Where the notice leads: its subject, else the obligation's place in the ledger."""
        found = record_address(self.row.subject_type, self.row.subject_id)
        if found is None and self.row.obligation_id is not None:
            found = address("ledger.show", number=self.row.obligation_id)
        return found


def told(row: Notification) -> Told:
    """Read a notice out in the language of the page."""
    wording = read_out(row, str(get_locale()))
    return Told(row, wording.subject, wording.text)
