"""An account as somebody who acts: roles, and the teams whose rows they see."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import Actor, Role, seeing_all
from engine.registry import registry
from models.accounts import Account
from models.organisation import Staff

LEADS_TEAMS = frozenset({Role.SHIFT_LEAD})
"""Roles whose scope of `team` reaches the teams of the people below them: shift leads and supervisors."""


def actor_for(session: Session, account: Account) -> Actor:
    """The account's holder, as of now: a moved person or a changed role counts from the next request on."""
    roles = frozenset(Role(code) for code in account.roles)
    with seeing_all():
        own = session.scalar(select(Staff.team_id).where(Staff.id == account.staff_id))
        below = _teams_below(session, account.staff_id) if roles & LEADS_TEAMS else frozenset()
        withheld = any(registry.hook.withheld(session=session, staff_id=account.staff_id))
    teams = below | ({own} if own is not None else frozenset())
    return Actor(
        account.staff_id, account.id, account.department_id, roles, teams, account.language.value, not withheld
    )


def _teams_below(session: Session, staff_id: int) -> frozenset[int]:
    """The teams of everybody who reports to the person, directly or through others."""
    person = Staff.__table__
    # UNION, not UNION ALL: it ends even if somebody's line runs in a circle.
    line = select(person.c.id, person.c.team_id).where(person.c.superior_id == staff_id).cte("line", recursive=True)
    line = line.union(select(person.c.id, person.c.team_id).where(person.c.superior_id == line.c.id))
    return frozenset(session.scalars(select(line.c.team_id).where(line.c.team_id.is_not(None)).distinct()))
