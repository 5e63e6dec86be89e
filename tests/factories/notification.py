"""Notices with their deliveries, preferences and group chats, and senders that keep what they are given."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.notices.inbox import notify
from engine.notices.sending import Parcel
from models.notification import Delivery, DeliveryChannel, GroupWebhook, NoticePreference, Notification
from models.organisation import Department, Staff

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0c7b4a1e"
_numbers = itertools.count(1)


def told(session: Session, person: Staff, code: str = "policy.in_effect", **data: object) -> Delivery:
    """A notice to one person; answers the e-mail that was planned for it."""
    key = f"sample:{next(_numbers)}"
    values = {"name": {"zh": "服务规范", "en": "Service norms"}, "edition": "3", "from": "2026-05-04", "change": "新增"}
    notify(session, person.department_id, [person.id], code, key, values | data)
    query = (
        select(Delivery).join(Notification).where(Notification.key == key, Delivery.channel == DeliveryChannel.EMAIL)
    )
    return session.scalars(query).one()


def preference(session: Session, person: Staff, **wishes: object) -> NoticePreference:
    made = NoticePreference(department_id=person.department_id, staff_id=person.id, **wishes)
    session.add(made)
    session.flush()
    return made


def webhook(session: Session, home: Department, **sides: object) -> GroupWebhook:
    given = {"name": "客服群", "kind": GroupWebhook.Kind.WECOM, "address": WECOM, "codes": ["policy.in_effect"]}
    made = GroupWebhook(department_id=home.id, **(given | sides))
    session.add(made)
    session.flush()
    return made


@dataclass
class Keeper:
    """A sender in the sense of `engine.notices.sending.Sender`: keeps parcels; `trouble` may raise."""

    trouble: Callable[[Parcel], object] = id
    tried: list[Parcel] = field(default_factory=list)
    sent: list[Parcel] = field(default_factory=list)

    def send(self, parcel: Parcel) -> None:
        self.tried.append(parcel)
        self.trouble(parcel)
        self.sent.append(parcel)

    def rest(self) -> None:
        pass
