"""The first start: a key on the terminal lets one person make the department and its first administrator."""

import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import own, passwords
from engine.accounts.login import canonical
from engine.acting import SYSTEM, Door, Role, acting, current_act
from engine.errors import DutybookError
from engine.packs.adoption import adopt
from engine.transitions.performing import perform
from models.accounts import Account, Language
from models.organisation import Department, Post, Staff, StaffStatus
from models.words import _

FILE = "setup_key"
KEY_BYTES = 24
LOCK = 0x0D_07_B0_05
"""What two browsers that set up at the same moment queue for on PostgreSQL."""
RANK = 10
"""The first pack's rank: there is room for others above and below."""


class WrongKeyError(DutybookError):
    """The set-up key is not the one on the terminal."""

    sentence = _("This is not the key that the terminal shows. Look where Dutybook was started.")


class AlreadySetUpError(WrongKeyError):
    """Somebody has set this installation up before: its key opens nothing any more."""

    sentence = _("Somebody has set this installation up already. Sign in with the account that they gave you.")


@dataclass(frozen=True)
class FirstStart:
    """What the first person says about the department and themselves."""

    department: str
    timezone: str
    language: Language
    pack: str
    valid_from: date
    name: str
    number: str
    login: str
    password: str = field(repr=False)
    phone: str | None = None
    manages: bool = False


def is_open(session: Session) -> bool:
    """Whether nobody has set the installation up yet."""
    return not session.scalar(select(exists(select(Department.id))))


def setup_secret(session: Session, instance_dir: Path) -> str | None:
    """The key that set-up demands, made when absent and kept in a file of 0600; None once there is a department."""
    path = instance_dir / FILE
    if not is_open(session):
        path.unlink(missing_ok=True)
        return None
    # Two processes may start at once: the first one's key is the key.
    with suppress(FileExistsError), os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(KEY_BYTES))
    return path.read_text(encoding="ascii").strip()


def set_up(session: Session, instance_dir: Path, key: str, said: FirstStart) -> Account:
    """Make the department, adopt its pack, and make the first administrator. Commits.

    Raises AlreadySetUpError, WrongKeyError, own.PasswordError, PolicyError.
    """
    expected = setup_secret(session, instance_dir)
    if expected is None:
        raise AlreadySetUpError
    if not hmac.compare_digest(expected.encode(), key.strip().encode()):
        raise WrongKeyError
    if faults := passwords.faults(said.password, (said.login, said.name, said.number, said.department, "dutybook")):
        raise own.PasswordError(faults)
    with acting(SYSTEM, Door.FORM, current_act().request_id):
        _alone(session)
        department = Department(
            name=said.department, timezone=said.timezone, language=said.language.value, created_at=clock.now()
        )
        session.add(department)
        session.flush()
        adopt(session, department, said.pack, rank=RANK, valid_from=said.valid_from)
        account = _administrator(session, department, said)
        session.commit()
    (instance_dir / FILE).unlink(missing_ok=True)
    return account


def _administrator(session: Session, department: Department, said: FirstStart) -> Account:
    """The first person has nobody above them, so they stand at the head of the department until others are entered."""
    person = Staff(
        department_id=department.id,
        number=said.number,
        name=said.name,
        post=Post.MANAGER,
        status=StaffStatus.ON_POST,
        hire_date=clock.day_in(department.timezone, clock.now()),
        phone=said.phone or None,
    )
    session.add(person)
    session.flush()
    roles = [Role.ADMINISTRATOR, Role.MANAGER] if said.manages else [Role.ADMINISTRATOR]
    account = Account(
        department_id=department.id,
        staff_id=person.id,
        login=canonical(said.login),
        roles=[role.value for role in roles],
        language=said.language,
        password_hash=passwords.hashed(said.password),
    )
    session.add(account)
    session.flush()
    perform(session, account, "activate")
    return account


def _alone(session: Session) -> None:
    """Of two who set up at the same moment, one is told. SQLite's writers queue by themselves."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    if not is_open(session):
        raise AlreadySetUpError
