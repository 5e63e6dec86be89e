"""Programs that listen, and a receiver that keeps what it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from models.event_subscription import EventSubscription
from models.organisation import Department


def subscription(session: Session, home: Department, **sides: object) -> EventSubscription:
    given = {"name": "工单系统", "address": "https://tickets.example.org/hook", "events": ["*"]}
    made = EventSubscription(department_id=home.id, **(given | sides))
    session.add(made)
    session.commit()
    return made


@dataclass
class Receiver:
    """What `engine.events.carrying.Posts` asks for: keeps the calls; `trouble` may raise."""

    trouble: Callable[[str], object] = id
    taken: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        self.trouble(address)
        self.taken.append((address, body, headers))
