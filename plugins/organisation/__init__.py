"""ORG: people, posts and reporting lines.

- `rules`: what holds for people and teams; `on_call`: whom the department can reach
- `moves`: from the candidate to the departure
- `importing`: people from a sheet
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.circumstances import zone_of
from engine.errors import Violation
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.on_post import beyond_status
from engine.packs.schema import Pack
from engine.registry import registry
from engine.transitions.kinds import Transition
from models.base import Record
from models.organisation import Channel, Department, OnCall, Staff, StaffStatus, Team
from models.words import _
from plugins.organisation.importing import IMPORTABLE
from plugins.organisation.moves import STATUS_MOVES
from plugins.organisation.on_call import ON_CALL_RULES
from plugins.organisation.rules import RULES


@hookimpl
def violations(session: Session, record: Record, transition: Transition, now: datetime) -> Sequence[Violation]:
    """Nobody goes on post past what keeps them off every channel (TRN-3)."""
    if not isinstance(record, Staff) or transition.target is not StaffStatus.ON_POST:
        return ()
    today = now.astimezone(ZoneInfo(zone_of(session, record.department_id))).date()
    found = [each for each in beyond_status(session, [record], today) if each.channel_id is None]
    return [Violation(each.name, each.clause, each.says, each.values, record=record) for each in found]


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """Every domain hears of a departure once it is written."""
    if isinstance(record, Staff) and transition.target is StaffStatus.LEFT:
        registry.hook.left(session=session, person=record)


@hookimpl
def adopted(session: Session, department: Department, pack: Pack) -> None:
    """The pack's channels, where the department does not have them yet (ORG-2, SVC-10)."""
    there = set(session.scalars(select(Channel.code).where(Channel.department_id == department.id)))
    session.add_all(
        Channel(department_id=department.id, code=channel.code, name=channel.title.words)
        for channel in pack.channels
        if channel.code not in there
    )


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="organisation",
        label=_("People"),
        built=("ORG-1", "ORG-2", "ORG-3", "ORG-5"),
        entities=(Staff, Team, Channel, OnCall),
        rules=(*RULES, *ON_CALL_RULES),
        transitions=STATUS_MOVES,
        importables=(IMPORTABLE,),
    )
