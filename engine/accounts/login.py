"""From a login and a password to a session. Every path has the same strength and leaves a trace, never a secret."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import audit
from engine.accounts import graded, passwords, sessions, throttle, two_step
from engine.accounts.actor import actor_for
from engine.accounts.throttle import Caller
from engine.acting import Door, Role, acting, consequences, current_act, seeing_all
from engine.errors import DutybookError
from models.accounts import Account, AccountState, EndReason, Proof, WebSession
from models.words import Words, _


class RefusedError(DutybookError):
    """The log-in did not succeed. `sentence` tells no more than a stranger may know."""

    def __init__(self, sentence: Words) -> None:
        """`sentence` is shown to whoever tried."""
        super().__init__("refused")
        self.sentence = sentence


WRONG = _("The login or the password is wrong.")
WRONG_CODE = _("This code is wrong, too old, or was used already. Wait for the next one.")


@dataclass(frozen=True)
class Opened:
    """A session that has just been opened: the key for the browser, and what was shown for it."""

    key: str
    proof: Proof


def log_in(session: Session, login: str, password: str, caller: Caller, *, demo: bool = False) -> Opened:
    """Check a login and a password and open a session: a full one, or one that still owes the second factor.

    In order: the throttle, the password, the account's state. Commits what it finds either way. Raises WaitError when
    there were too many tries, RefusedError when it did not fit.
    """
    tries = throttle.admit(session, login, caller)
    found = _find(session, login)
    account_id, stored = (found.id, found.password_hash) if found else (None, None)
    # Hashing takes long on purpose: nobody's write waits for it.
    session.rollback()
    if not passwords.opens(stored, password):
        _note_failure(session, account_id, tries, caller)
        raise RefusedError(WRONG)
    return _enter(session, _get(session, account_id), password, caller, demo=demo)


def _enter(session: Session, account: Account, password: str, caller: Caller, *, demo: bool) -> Opened:
    if account.state is not AccountState.ACTIVE:
        raise RefusedError(EndReason.DISABLED.label)
    with acting(actor_for(session, account), Door.FORM, current_act().request_id):
        if passwords.needs_new_hash(account.password_hash or ""):
            with consequences():
                account.password_hash = passwords.hashed(password)
                session.flush()
        if graded.is_too_old(session, account):
            with consequences():
                account.must_change_password = True
                session.flush()
        owing = account.has_second_factor or two_step.is_required(map(Role, account.roles), demo=demo)
        return _open(session, account, Proof.PASSWORD if owing else Proof.FULL, caller)


def continue_with_code(session: Session, session_id: int, code: str, caller: Caller) -> Opened:
    """Turn a session that owes the second factor into a full one, under a new key. `code` may be a recovery code.

    Raises WaitError, RefusedError. Commits either way.
    """
    account = _get(session, session.get_one(WebSession, session_id).account_id)
    tries = throttle.admit(session, account.login, caller)
    with consequences(), seeing_all():
        by_phone = two_step.accept(session, account, code)
        opens = by_phone or two_step.spend_recovery_code(account, code)
    if not opens:
        _note_failure(session, account.id, tries, caller)
        raise RefusedError(WRONG_CODE)
    if not by_phone:
        _note(session, "recovery_code_used", account, {"left": [None, two_step.codes_left(account)]})
        with consequences():
            session.flush()
    return _open(session, account, Proof.FULL, caller)


def enter_demonstration(session: Session, role: Role, caller: Caller) -> Opened:
    """Open a session as the first account with a role, without a password. Only for a demonstration on this machine.

    Raises RefusedError when nobody has the role. Commits.
    """
    account = demonstration_account(session, role)
    if account is None:
        raise RefusedError(WRONG)
    with acting(actor_for(session, account), Door.FORM, current_act().request_id):
        return _open(session, account, Proof.FULL, caller)


def demonstration_account(session: Session, role: Role) -> Account | None:
    """The account that stands for a role: of those that hold it, one with the fewest other roles."""
    with seeing_all():
        active = session.scalars(select(Account).where(Account.state == AccountState.ACTIVE).order_by(Account.id)).all()
    holders = [account for account in active if role.value in account.roles]
    return min(holders, key=lambda account: len(account.roles), default=None)


def log_out(session: Session, session_id: int) -> None:
    """End the session for good. Commits."""
    sessions.end(session, session_id, EndReason.LOGGED_OUT)
    session.commit()


def _open(session: Session, account: Account, proof: Proof, caller: Caller) -> Opened:
    key = sessions.open_session(session, account, proof, caller)
    if proof is Proof.FULL:
        throttle.clear(session, account.login)
        _note(session, "logged_in", account, {"network": [None, caller.network]})
    else:
        _note(session, "password_accepted", account, {"network": [None, caller.network]})
    session.commit()
    return Opened(key, proof)


def _find(session: Session, login: str) -> Account | None:
    with seeing_all():
        return session.scalar(select(Account).where(Account.login == canonical(login)))


def _get(session: Session, account_id: int | None) -> Account:
    with seeing_all():
        return session.get_one(Account, account_id, populate_existing=True)


def canonical(login: str) -> str:
    """The one way a login is written: without outer blanks, in lower case."""
    return login.strip().casefold()


def _note_failure(session: Session, account_id: int | None, tries: int, caller: Caller) -> None:
    """Record that somebody failed, and whether that locked the login. What was typed is not kept anywhere."""
    account = _get(session, account_id) if account_id else None
    department, title = (account.department_id, account.login) if account else (None, "")
    said = {"tries": [None, tries], "network": [None, caller.network]}
    actions = ["login_failed", "login_locked"] if tries >= throttle.TRIES else ["login_failed"]
    for action in actions:
        audit.note(session, action, "account", account_id, title, said, (), department)
    session.commit()


def _note(session: Session, action: str, account: Account, said: dict[str, list[object]]) -> None:
    audit.note(session, action, "account", account.id, account.login, said, (), account.department_id)
