"""Obligations as pages show them: whose they are, what they ask for, where their subject is."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import get_timezone
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from admin_views.links import address, record_address
from engine.acting import Actor, seeing_all
from engine.registry import registry
from models.obligation import Obligation
from models.organisation import Post, Staff, StaffStatus

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Spans:
    """The borders of today and this week in the reader's zone, as aware moments."""

    today: datetime
    tomorrow: datetime
    next_week: datetime

    @classmethod
    def on(cls, day: date) -> "Spans":
        """The borders around `day`."""
        monday = day - timedelta(days=day.weekday())
        return cls(start_of(day), start_of(day + timedelta(days=1)), start_of(monday + WEEK))


def start_of(day: date) -> datetime:
    """The first moment of a day in the reader's zone."""
    return datetime.combine(day, time(), get_timezone())


def mine(session: Session, actor: Actor) -> ColumnElement[bool]:
    """What the actor owes: by name, by the post they hold, or in the place of somebody who left."""
    with seeing_all():
        me = session.get(Staff, actor.staff_id) if actor.staff_id else None
    if me is None:
        return Obligation.id.is_(None)
    gone = select(Staff.id).where(Staff.superior_id == me.id, Staff.status == StaffStatus.LEFT)
    by_post = and_(Obligation.owner_id.is_(None), Obligation.owner_post == me.post.value, *_of_my_team(actor, me))
    return and_(
        Obligation.department_id == me.department_id,
        or_(Obligation.owner_id == me.id, Obligation.owner_id.in_(gone), by_post),
    )


def _of_my_team(actor: Actor, me: Staff) -> list[ColumnElement[bool]]:
    """A shift lead answers for their own team, and for what belongs to no team."""
    if me.post is not Post.SHIFT_LEAD:
        return []
    return [or_(Obligation.team_id.is_(None), Obligation.team_id.in_(sorted(actor.team_ids)))]


def what_to_do(kind: str) -> str:
    """The duty in words; its code when no loaded domain declares it."""
    duty = registry.duty_names.get(kind)
    return str(duty.label) if duty else kind


def subject_address(obligation: Obligation) -> str | None:
    """Where the duty is done: its subject, or where the record that meets it is made, else its place in the ledger."""
    if obligation.subject_type:
        found = record_address(obligation.subject_type, obligation.subject_id)
    else:
        duty = registry.duty_names.get(obligation.kind)
        found = address(f"{duty.entity.__tablename__}.index_view") if duty else None
    return found or address("ledger.show", number=obligation.id)


def post_label(code: str | None) -> str:
    """The post in words."""
    return str(Post(code).label) if code in set(Post) else (code or "")
