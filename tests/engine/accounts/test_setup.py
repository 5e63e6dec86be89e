from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.accounts import passwords, setup
from engine.accounts.own import PasswordError
from engine.accounts.setup import AlreadySetUpError, FirstStart, WrongKeyError
from engine.acting import Actor, Door, acting
from engine.errors import PolicyError
from models.accounts import Account, AccountState, Language
from models.audit import AuditEntry
from models.organisation import Department, Post, Staff
from models.policy import Adoption

SAID = FirstStart(
    department="客服中心",
    timezone="Asia/Shanghai",
    language=Language.CHINESE,
    pack="C",
    valid_from=date(2026, 1, 1),
    name="王敏",
    number="M001",
    login="Wang.Min",
    password="a long and quiet river",
)


def key(session: Session, folder: Path) -> str:
    made = setup.setup_secret(session, folder)
    assert made is not None
    return made


def set_up(session: Session, folder: Path, said: FirstStart = SAID, with_key: str | None = None) -> Account:
    with acting(Actor(None), Door.FORM):
        return setup.set_up(session, folder, with_key if with_key is not None else key(session, folder), said)


def test_key_is_random_kept_and_readable_by_its_owner_only(session: Session, tmp_path: Path) -> None:
    first = key(session, tmp_path)
    assert len(first) >= 32
    assert key(session, tmp_path) == first
    assert (tmp_path / setup.FILE).stat().st_mode & 0o777 == 0o600
    assert key(session, tmp_path.parent) != first
    (tmp_path.parent / setup.FILE).unlink()


def test_first_start_makes_department_pack_and_administrator(session: Session, tmp_path: Path) -> None:
    account = set_up(session, tmp_path)
    department = session.scalars(select(Department)).one()
    assert (department.name, department.timezone, department.language) == ("客服中心", "Asia/Shanghai", "zh_Hans_CN")
    assert session.scalars(select(Adoption.pack)).all() == ["C"]
    assert (account.login, account.roles, account.state) == ("wang.min", ["administrator"], AccountState.ACTIVE)
    assert account.staff.post is Post.MANAGER
    assert passwords.opens(account.password_hash, SAID.password)


def test_head_of_the_department_gets_the_managers_rights(session: Session, tmp_path: Path) -> None:
    assert set_up(session, tmp_path, replace(SAID, manages=True)).roles == ["administrator", "manager"]


def test_key_dies_with_the_first_start(session: Session, tmp_path: Path) -> None:
    used = key(session, tmp_path)
    set_up(session, tmp_path, with_key=used)
    assert not (tmp_path / setup.FILE).exists()
    assert setup.setup_secret(session, tmp_path) is None
    with pytest.raises(AlreadySetUpError):
        set_up(session, tmp_path, replace(SAID, login="second"), with_key=used)


@pytest.mark.parametrize("guess", ["", "guess", "密钥"])
def test_wrong_key_makes_nothing(session: Session, tmp_path: Path, guess: str) -> None:
    key(session, tmp_path)
    with pytest.raises(WrongKeyError):
        set_up(session, tmp_path, with_key=guess)
    session.rollback()
    assert session.scalar(select(func.count(Department.id))) == 0


@pytest.mark.parametrize("password", ["short", "password123", "wang.min 2026"])
def test_weak_password_makes_nothing(session: Session, tmp_path: Path, password: str) -> None:
    with pytest.raises(PasswordError):
        set_up(session, tmp_path, replace(SAID, password=password))
    session.rollback()
    assert session.scalar(select(func.count(Department.id))) == 0


@pytest.mark.parametrize("faulty", [replace(SAID, pack="Z"), replace(SAID, login="two words")])
def test_broken_rule_makes_nothing(session: Session, tmp_path: Path, faulty: FirstStart) -> None:
    with pytest.raises(PolicyError):
        set_up(session, tmp_path, faulty)
    session.rollback()
    assert session.scalar(select(func.count(Department.id))) == 0
    assert session.scalar(select(func.count(Staff.id))) == 0
    set_up(session, tmp_path)


def test_password_is_nowhere_in_the_audit(session: Session, tmp_path: Path) -> None:
    set_up(session, tmp_path)
    kept = "".join(str(entry.changes) for entry in session.scalars(select(AuditEntry)))
    assert SAID.password not in kept
    assert "argon2" not in kept
    assert SAID.password not in repr(SAID)
