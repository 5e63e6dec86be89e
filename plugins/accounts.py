"""ORG-6: everybody logs in with their own account only, in one place at a time."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.accounts import one_time, sessions, throttle, tokens
from engine.acting import Role, seeing_all
from engine.errors import Violation
from engine.home_language import in_home_language
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.rules import GUARD, Facts, Verdict, need, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.accounts import Account, AccountState, EndReason
from models.api_token import TokenEnd
from models.base import Record
from models.organisation import Staff, StaffStatus
from models.words import _

LOGIN = re.compile(r"[\w][\w.@-]{1,63}")
APART = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""Whoever runs the system does not audit it (MLPS 8.1.4.2)."""


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


@rule(
    "",
    Account,
    field="login",
    changed=("login",),
    says=_("A login has 2 to 64 letters, digits, dots, hyphens or underscores, in lower case, without spaces."),
)
def login_is_well_formed(account: Account, facts: Facts) -> Verdict:
    """One way to write it, so that nobody gets two accounts by a capital letter."""
    return (
        bool(account.login) and account.login == account.login.casefold() and LOGIN.fullmatch(account.login) is not None
    )


@rule("", Account, field="login", changed=("login",), needs=(clashes,), says=_("Another account has this login."))
def login_is_free(account: Account, facts: Facts) -> Verdict:
    """A login names one account."""
    return "login" not in facts.loaded(clashes)


@rule(
    "",
    Account,
    field="staff_id",
    changed=("staff_id",),
    needs=(clashes,),
    says=_("This person already has an account, and everybody has their own."),
)
def person_has_one_account(account: Account, facts: Facts) -> Verdict:
    """No second account for the same person."""
    return "person" not in facts.loaded(clashes)


@rule(
    "ORG-6",
    Account,
    field="staff_id",
    on=frozenset({"edit"}),
    changed=("staff_id",),
    says=_("An account stays with its person. Disable it and invite the other person."),
)
def account_is_not_handed_on(account: Account, facts: Facts) -> Verdict:
    """What was done under an account stays its person's."""
    return False


@rule(
    "",
    Account,
    field="staff_id",
    changed=("staff_id",),
    needs=(holders,),
    says=_("An account is for a present member of the same department."),
)
def holder_is_a_member(account: Account, facts: Facts) -> Verdict:
    """Nobody from outside, nobody who has left."""
    person: Staff | None = facts.loaded(holders)
    absent = {StaffStatus.LEFT, StaffStatus.CANDIDATE}
    return person is not None and person.department_id == account.department_id and person.status not in absent


@rule(
    "",
    Account,
    field="roles",
    changed=("roles",),
    says=_("An account has at least one role, each from the list, each once."),
)
def roles_are_known(account: Account, facts: Facts) -> Verdict:
    """An unknown role would grant nothing and look as if it did."""
    roles = account.roles or []
    return bool(roles) and len(set(roles)) == len(roles) and set(roles) <= set(Role)


@rule(
    "",
    Account,
    field="roles",
    changed=("roles",),
    says=_("The system administrator and the auditor may not be the same account: nobody audits their own work."),
)
def administrator_does_not_audit(account: Account, facts: Facts) -> Verdict:
    """The split of duties that graded protection asks for."""
    return not set(account.roles or []) >= APART


@rule("", Account, field="roles", changed=("roles",), says=_("Only an administrator gives and takes roles."))
def roles_come_from_an_administrator(account: Account, facts: Facts) -> Verdict:
    """Whatever else the permission matrix may come to allow."""
    return facts.actor.is_system or Role.ADMINISTRATOR in facts.actor.roles


@rule(
    "",
    Account,
    field="roles",
    on=frozenset({"edit"}),
    changed=("roles",),
    says=_("You may not change your own roles. Ask another administrator."),
)
def roles_are_not_ones_own(account: Account, facts: Facts) -> Verdict:
    """Nobody raises themselves, or walks out of a duty."""
    return facts.actor.is_system or facts.actor.staff_id != account.staff_id


@rule(
    "",
    Account,
    field="roles",
    on=frozenset({"edit"}),
    changed=("roles",),
    needs=(another_administrator,),
    says=_("This is the only administrator. Make somebody else one first."),
)
def an_administrator_remains(account: Account, facts: Facts) -> Verdict:
    """A department without one could never let anybody in again."""
    was = Role.ADMINISTRATOR in (facts.before("roles") or [])
    taken = was and Role.ADMINISTRATOR not in (account.roles or [])
    return not taken or account.state is not AccountState.ACTIVE or facts.loaded(another_administrator)


@rule(
    "",
    Account,
    on=GUARD,
    needs=(another_administrator,),
    says=_("This is the only administrator. Make somebody else one first."),
)
def another_administrator_remains(account: Account, facts: Facts) -> Verdict:
    """The last one is not shut out."""
    return Role.ADMINISTRATOR not in account.roles or facts.loaded(another_administrator)


@rule("", Account, on=GUARD, says=_("You may not disable your own account."))
def account_is_not_ones_own(account: Account, facts: Facts) -> Verdict:
    """Nobody locks the door behind them by a slip."""
    return facts.actor.is_system or facts.actor.staff_id != account.staff_id


@rule("", Account, on=GUARD, needs=(holders,), says=_("This person is no longer a member of the department."))
def holder_is_still_a_member(account: Account, facts: Facts) -> Verdict:
    """Whoever left is not let in again by their old account."""
    person: Staff | None = facts.loaded(holders)
    return person is not None and person.status is not StaffStatus.LEFT


def _shut(session: Session, account: Account, facts: Facts) -> None:
    sessions.end_all(session, account, EndReason.DISABLED)
    tokens.revoke_all(session, account, TokenEnd.DISABLED)
    one_time.void(session, account)


MOVES = (
    Transition(
        "activate",
        Account,
        frozenset({AccountState.INVITED}),
        AccountState.ACTIVE,
        _("Activate"),
        "ORG-6",
        by_system=True,
        tone="good",
    ),
    Transition(
        "disable",
        Account,
        frozenset({AccountState.INVITED, AccountState.ACTIVE}),
        AccountState.DISABLED,
        _("Disable"),
        "ORG-6",
        guards=(another_administrator_remains, account_is_not_ones_own),
        asks=(Ask("reason", _("Reason")),),
        effect=_shut,
        tone="bad",
        confirm=_("The person is signed out at once and cannot sign in again."),
    ),
    Transition(
        "enable",
        Account,
        frozenset({AccountState.DISABLED}),
        AccountState.ACTIVE,
        _("Enable"),
        "ORG-6",
        guards=(holder_is_still_a_member,),
        tone="good",
    ),
)

NOTICES = (
    Notice(
        "account.password_changed",
        _("Your password was changed"),
        _("Your password was changed. If that was not you, tell your administrator at once."),
    ),
    Notice(
        "account.two_step_changed",
        _("The second step of your sign-in was changed"),
        _(
            "The second step of your sign-in was set up, changed or taken off. "
            "If that was not you, tell your administrator at once."
        ),
    ),
    Notice(
        "account.reset_issued",
        _("A password reset was issued for you"),
        _(
            "An administrator issued a link with which you can choose a new password. "
            "If you did not ask for it, tell them at once."
        ),
    ),
    Notice(
        "account.token_made",
        _("A token was made for your account"),
        _(
            "The token “%(name)s” lets a program act for you until %(day)s. "
            "If that was not you, revoke it under “My account” and tell your administrator at once."
        ),
    ),
    Notice(
        "account.token_ends",
        _("Your token “%(name)s” ends soon"),
        _("After %(day)s the program that uses it is refused. Make a new token under “My account” before then."),
    ),
)


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
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="accounts",
        label=_("Accounts"),
        built=("ORG-6",),
        entities=(Account,),
        rules=(
            login_is_well_formed,
            login_is_free,
            person_has_one_account,
            account_is_not_handed_on,
            holder_is_a_member,
            roles_are_known,
            administrator_does_not_audit,
            roles_come_from_an_administrator,
            roles_are_not_ones_own,
            an_administrator_remains,
        ),
        transitions=MOVES,
        notices=NOTICES,
    )
