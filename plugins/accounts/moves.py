"""From the invitation to the disabled account, and what speaks against it."""

from sqlalchemy.orm import Session

from engine.accounts import one_time, sessions, tokens
from engine.acting import Role
from engine.rules import GUARD, Facts, Verdict, rule
from engine.transitions.kinds import Ask, Transition
from models.accounts import Account, AccountState, EndReason
from models.api_token import TokenEnd
from models.organisation import Staff, StaffStatus
from models.words import _
from plugins.accounts.loading import another_administrator, holders


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
