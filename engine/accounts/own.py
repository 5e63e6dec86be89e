"""What people change on their own account: password, second factor, language and appearance."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from engine import audit, clock
from engine.accounts import passwords, sessions, throttle, two_step
from engine.accounts.throttle import Caller
from engine.acting import consequences, seeing_all
from engine.errors import DutybookError
from engine.notices.inbox import notify
from models.accounts import Account, EndReason, Language, Proof, Theme
from models.organisation import Department
from models.words import Words, _


class PasswordError(DutybookError):
    """A password is refused. `sentences` say everything that speaks against it."""

    def __init__(self, sentences: Sequence[Words]) -> None:
        """`sentences` is never empty."""
        super().__init__("password refused")
        self.sentences = tuple(sentences)


WRONG_CURRENT = _("The current password is wrong.")
WRONG_FIRST_CODE = _("The code does not fit. Check the clock of your phone and type the code that it shows now.")
STILL_REQUIRED = _("Your role requires the second step. You can move it to another phone, but not switch it off.")


def change_password(session: Session, account: Account, current: str, fresh: str, caller: Caller) -> str:
    """Change one's own password and return the key of a new session; every other session of the account is over.

    A wrong current password counts as a failed log-in. Commits. Raises PasswordError, WaitError.
    """
    confirm(session, account, current, caller)
    refuse_weak(session, account, fresh)
    if passwords.opens(account.password_hash, fresh):
        raise PasswordError([_("The password must differ from the current one.")])
    with consequences():
        set_password(session, account, fresh)
    notify(
        session,
        account.department_id,
        [account.staff_id],
        "account.password_changed",
        f"password {clock.now().isoformat()}",
    )
    return renew(session, account, caller, EndReason.PASSWORD)


def confirm(session: Session, account: Account, password: str, caller: Caller) -> None:
    """Have the person show again that they are the account's holder. Commits. Raises PasswordError, WaitError."""
    throttle.admit(session, account.login, caller)
    if not passwords.opens(account.password_hash, password):
        audit.note(session, "password_not_confirmed", "account", account.id, account.login)
        session.commit()
        raise PasswordError([WRONG_CURRENT])
    throttle.clear(session, account.login)
    session.commit()


def renew(session: Session, account: Account, caller: Caller, why: EndReason) -> str:
    """End every session of the account and open a new one for whoever is acting; return its key. Commits."""
    sessions.end_all(session, account, why)
    key = sessions.open_session(session, account, Proof.FULL, caller)
    session.commit()
    return key


def refuse_weak(session: Session, account: Account, password: str, about: Iterable[str] = ()) -> None:
    """Raises PasswordError when the password is short, common, or about its holder."""
    with seeing_all():
        department = session.get_one(Department, account.department_id).name
        names = (account.login, account.staff.name, account.staff.number, department, two_step.ISSUER, *about)
    if found := passwords.faults(password, names):
        raise PasswordError(found)


def set_password(session: Session, account: Account, password: str) -> None:
    """Store the hash. The gate's audit says that it changed, not to what."""
    account.password_hash = passwords.hashed(password)
    account.must_change_password = False
    session.flush()
    audit.note(session, "password_changed", "account", account.id, account.login, {}, (), account.department_id)


def set_up_two_step(session: Session, account: Account, secret: str, code: str) -> list[str]:
    """Take over a secret that the person's phone shows codes for; return fresh recovery codes, to be shown once.

    The caller commits, and renews the session. Raises PasswordError when the code does not fit.
    """
    if not two_step.fits(secret, code):
        raise PasswordError([WRONG_FIRST_CODE])
    codes = two_step.new_recovery_codes()
    with consequences():
        account.totp_secret, account.recovery_codes = secret, two_step.sealed(codes)
        two_step.accept(session, account, code)
        session.flush()
    _two_step_changed(session, account, "two_step_set_up")
    return codes


def fresh_recovery_codes(session: Session, account: Account) -> list[str]:
    """Replace the recovery codes; return the new ones, to be shown once. The caller commits."""
    codes = two_step.new_recovery_codes()
    with consequences():
        account.recovery_codes = two_step.sealed(codes)
        session.flush()
    _two_step_changed(session, account, "recovery_codes_made")
    return codes


def remove_two_step(session: Session, account: Account, *, required: bool) -> None:
    """Go back to the password alone, where no role forbids it. The caller commits. Raises PasswordError."""
    if required:
        raise PasswordError([STILL_REQUIRED])
    forget_two_step(session, account, "two_step_removed")


def forget_two_step(session: Session, account: Account, action: str) -> None:
    """Take the second factor from the account and tell its person. The caller has asked who may, and commits."""
    with consequences():
        account.totp_secret = account.recovery_codes = None
        session.flush()
    _two_step_changed(session, account, action)


def set_preferences(session: Session, account: Account, language: str, theme: str) -> None:
    """Choose language and appearance. The caller commits. Raises ValueError for a code that is none."""
    with consequences():
        account.language, account.theme = Language(language), Theme(theme)
        session.flush()


def _two_step_changed(session: Session, account: Account, action: str) -> None:
    audit.note(session, action, "account", account.id, account.login, {}, (), account.department_id)
    key = f"{action} {clock.now().isoformat()}"
    notify(session, account.department_id, [account.staff_id], "account.two_step_changed", key)
