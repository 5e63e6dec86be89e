"""An account as somebody who acts: roles, the teams whose rows they see, and who stands below them."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import Actor, Role, seeing_all
from engine.registry import registry
from models.accounts import Account
from models.organisation import Staff

LEADS_TEAMS = frozenset({Role.SHIFT_LEAD})
"""Roles whose scope of `team` reaches the teams of the people below them: shift leads and supervisors."""

LEADS_PEOPLE = LEADS_TEAMS | {Role.QA_SUPERVISOR}
"""Roles whose scope of `line` reaches the people below them. The department manager's scopes are wider anyway."""


def actor_for(session: Session, account: Account) -> Actor:
    """The account's holder, as of now: a moved person or a changed role counts from the next request on."""
    roles = frozenset(Role(code) for code in account.roles)
    with seeing_all():
        own = account.staff.team_id
        below = _below(session, account.staff_id) if roles & LEADS_PEOPLE else {}
        withheld = any(registry.hook.withheld(session=session, staff_id=account.staff_id))
    teams = {team for team in below.values() if team is not None} if roles & LEADS_TEAMS else set()
    return Actor(
        account.staff_id,
        account.id,
        account.department_id,
        roles,
        team_ids=frozenset(teams | ({own} if own is not None else set())),
        line_ids=frozenset(below),
        language=account.language.value,
        sees_customers=not withheld,
    )


def _below(session: Session, staff_id: int) -> Mapping[int, int | None]:
    """Everybody who reports to the person, directly or through others, each with their team."""
    person = Staff.__table__
    # UNION, not UNION ALL: it ends even if somebody's line runs in a circle.
    line = select(person.c.id, person.c.team_id).where(person.c.superior_id == staff_id).cte("line", recursive=True)
    line = line.union(select(person.c.id, person.c.team_id).where(person.c.superior_id == line.c.id))
    return dict(session.execute(select(line.c.id, line.c.team_id)).all())
