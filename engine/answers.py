"""What domains answer when a hook asks them: who is kept off a post and why, under which approval data may leave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.words import Words


@dataclass(frozen=True)
class Clearance:
    """One approval: its record, for whom the data is, and the last day on which it may be taken."""

    entity: str
    record_id: int
    recipient: str
    expires_on: date

    @property
    def key(self) -> str:
        """What an address names it by."""
        return f"{self.entity}:{self.record_id}"


@dataclass(frozen=True)
class Impediment:
    """One thing that keeps a person off a channel, or off every channel when `channel_id` is None.

    `name` is its code, as a rule's name is; `says` with `values` is the sentence, `clause` what it rests on.
    """

    person_id: int
    name: str
    clause: str
    says: Words
    values: Mapping[str, Any] = field(default_factory=dict)
    channel_id: int | None = None
