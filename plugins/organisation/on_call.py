"""ORG-5: who is on call, and whom the department can reach now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine.rules import Facts, Verdict, need, rule
from models.organisation import REACHABLE_POSTS, OnCall, Staff, StaffStatus
from models.words import _


@rule("ORG-5", OnCall, field="ends_at", says=_("On-call duty ends after it starts."))
def duty_ends_after_it_starts(duty: OnCall, facts: Facts) -> Verdict:
    """A duty of no length reaches nobody."""
    return duty.ends_at > duty.starts_at


@need()
def people_on_call(session: Session, duties: Sequence[OnCall]) -> Mapping[OnCall, Staff]:
    """The person of each duty."""
    people = {p.id: p for p in session.scalars(select(Staff).where(Staff.id.in_({d.staff_id for d in duties})))}
    return {duty: people[duty.staff_id] for duty in duties if duty.staff_id in people}


@rule(
    "ORG-5",
    OnCall,
    field="staff_id",
    needs=(people_on_call,),
    says=_("On-call duty is for supervisors and shift leads on post whose contact phone is known."),
)
def on_call_person_is_reachable(duty: OnCall, facts: Facts) -> Verdict:
    """Whoever is on call holds the post and has a phone."""
    person: Staff | None = facts.loaded(people_on_call)
    if person is None or person.post not in REACHABLE_POSTS or person.status is not StaffStatus.ON_POST:
        return False
    return bool(person.phone)


@dataclass(frozen=True)
class Reachable:
    """Somebody whom the department can reach now; `until` is the end of their on-call duty, None outside one."""

    person: Staff
    until: datetime | None


def reachable_now(session: Session, department_id: int, now: datetime) -> list[Reachable]:
    """Who is on call at `now`, the longest first; without a duty, everybody who has to be reachable (ORG-5)."""
    duties = session.scalars(
        select(OnCall)
        .where(OnCall.department_id == department_id, OnCall.starts_at <= now, OnCall.ends_at > now)
        .options(joinedload(OnCall.staff))
        .order_by(OnCall.ends_at.desc(), OnCall.id)
    ).all()
    if duties:
        return [Reachable(duty.staff, duty.ends_at) for duty in duties]
    holders = select(Staff).where(
        Staff.department_id == department_id, Staff.post.in_(REACHABLE_POSTS), Staff.status == StaffStatus.ON_POST
    )
    return [Reachable(person, None) for person in session.scalars(holders.order_by(Staff.post.desc(), Staff.number))]


ON_CALL_RULES = (duty_ends_after_it_starts, on_call_person_is_reachable)
