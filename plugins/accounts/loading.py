"""What the rules of accounts have to know, loaded for a whole batch."""

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.acting import Role
from engine.rules import need
from models.accounts import Account, AccountState
from models.organisation import Staff


@need(default=frozenset())
def clashes(session: Session, accounts: Sequence[Account]) -> Mapping[Account, frozenset[str]]:
    """For each account, which of login and person another account has already, this batch counted in."""
    logins, people = {a.login for a in accounts}, {a.staff_id for a in accounts}
    query = select(Account.id, Account.login, Account.staff_id).where(
        or_(Account.login.in_(logins), Account.staff_id.in_(people))
    )
    others = {row_id: (login, person) for row_id, login, person in session.execute(query)}
    others |= {account.id or -id(account): (account.login, account.staff_id) for account in accounts}
    return {account: _clashing(account, others) for account in accounts}


def _clashing(account: Account, others: Mapping[int, tuple[str, int]]) -> frozenset[str]:
    mine = account.id or -id(account)
    rest = [pair for key, pair in others.items() if key != mine]
    found = {"login"} if account.login in {login for login, _person in rest} else set()
    return frozenset(found | ({"person"} if account.staff_id in {person for _login, person in rest} else set()))


@need()
def holders(session: Session, accounts: Sequence[Account]) -> Mapping[Account, Staff]:
    """The person of each account."""
    people = {p.id: p for p in session.scalars(select(Staff).where(Staff.id.in_({a.staff_id for a in accounts})))}
    return {account: people[account.staff_id] for account in accounts if account.staff_id in people}


@need(default=False)
def another_administrator(session: Session, accounts: Sequence[Account]) -> Mapping[Account, bool]:
    """For each account, whether its department has an active administrator beside it."""
    query = select(Account).where(
        Account.state == AccountState.ACTIVE, Account.department_id.in_({a.department_id for a in accounts})
    )
    found = [account for account in session.scalars(query) if Role.ADMINISTRATOR in account.roles]
    return {a: any(other is not a and other.department_id == a.department_id for other in found) for a in accounts}
