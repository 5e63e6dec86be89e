"""What administrators do to accounts, beside editing them: unlock, end sessions, take off a lost phone."""

from sqlalchemy.orm import Session

from engine import audit
from engine.accounts import one_time, own, sessions, throttle, tokens
from engine.acting import current_act
from engine.errors import ConflictError, NotAllowedError
from engine.permissions import may_do_to
from models.accounts import Account, EndReason
from models.api_token import TokenEnd


def unlock(session: Session, account: Account) -> None:
    """Let the account be tried again at once. The caller commits. Raises NotAllowedError."""
    _demand(session, "reset", account)
    throttle.clear(session, account.login)
    audit.note(session, "login_unlocked", "account", account.id, account.login, {}, (), account.department_id)


def end_sessions(session: Session, account: Account) -> int:
    """End every session of the account and return how many. The caller commits. Raises NotAllowedError."""
    _demand(session, "end_sessions", account)
    return sessions.end_all(session, account, EndReason.ADMINISTRATOR)


def take_off_second_factor(session: Session, account: Account) -> None:
    """For somebody who lost their phone: they set up the second step anew at their next log-in.

    The caller commits. Raises NotAllowedError, ConflictError for one's own account.
    """
    _demand(session, "reset", account)
    if current_act().actor.account_id == account.id:
        raise ConflictError(one_time.NOT_ONES_OWN, account)
    own.forget_two_step(session, account, "two_step_taken_off")
    sessions.end_all(session, account, EndReason.ADMINISTRATOR)
    tokens.revoke_all(session, account, TokenEnd.ADMINISTRATOR)


def _demand(session: Session, action: str, account: Account) -> None:
    if not may_do_to(session, current_act().actor, action, account):
        raise NotAllowedError(Account.__tablename__, action)
