"""What an account must be: its login, its person, its roles."""

import re

from engine.acting import Role
from engine.rules import Facts, Verdict, rule
from models.accounts import Account, AccountState
from models.organisation import Staff, StaffStatus
from models.words import _
from plugins.accounts.loading import another_administrator, clashes, holders

LOGIN = re.compile(r"[\w][\w.@-]{1,63}")
APART = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""Whoever runs the system does not audit it (MLPS 8.1.4.2)."""


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


RULES = (
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
)
