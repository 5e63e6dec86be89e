"""ORG-6: everybody logs in with their own account only, in one place at a time.

- `rules`, `loading`: what an account must be
- `moves`: from the invitation to the disabled account
- `notices`: what its holder is told
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.accounts import posting, sessions, throttle, tokens
from engine.acting import Role, seeing_all
from engine.errors import Violation
from engine.home_language import in_home_language
from engine.hooks import hookimpl
from engine.jobs.tasks import Task
from engine.manifest import Domain
from engine.transitions.kinds import Transition
from engine.transitions.performing import perform
from models.accounts import Account, AccountState
from models.base import Record
from models.organisation import Staff, StaffStatus
from models.words import _
from plugins.accounts.loading import another_administrator
from plugins.accounts.moves import MOVES, another_administrator_remains
from plugins.accounts.notices import NOTICES
from plugins.accounts.rules import RULES


@hookimpl
def violations(session: Session, record: Record, transition: Transition) -> Sequence[Violation]:
    """The only administrator does not leave before there is another."""
    if not isinstance(record, Staff) or transition.target is not StaffStatus.LEFT:
        return []
    with seeing_all():
        account = session.scalar(
            select(Account).where(Account.staff_id == record.id, Account.state == AccountState.ACTIVE)
        )
        if account is None or Role.ADMINISTRATOR not in account.roles:
            return []
        others = another_administrator.load(session, [account])[account]
    rule_ = another_administrator_remains
    return [] if others else [Violation(rule_.name, "", rule_.says, record=record)]


@hookimpl
def left(session: Session, person: Staff) -> None:
    """Whoever leaves the department is shut out in the same moment."""
    account = session.scalar(select(Account).where(Account.staff_id == person.id))
    if account is not None and account.state is not AccountState.DISABLED:
        why = in_home_language(session, person.department_id, _("Record departure"))
        perform(session, account, "disable", reason=why)


@hookimpl
def due(session: Session, now: datetime) -> int:
    """End sessions that nobody came back to and tokens that are over, warn of those that end, forget old tries."""
    over = sessions.close_dead(session, now) + tokens.close_dead(session)
    return over + tokens.warn(session, now) + throttle.forget_old(session, now)


@hookimpl
def tasks() -> Sequence[Task]:
    """Long work of this domain."""
    return [posting.post_invitation]


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="accounts",
        label=_("Accounts"),
        built=("ORG-6",),
        entities=(Account,),
        rules=RULES,
        transitions=MOVES,
        notices=NOTICES,
    )
