"""Accounts, and browsers in which somebody is signed in."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engine.accounts import passwords, sessions
from engine.accounts.throttle import Caller
from engine.acting import SYSTEM, Door, Role, acting
from engine.database import db
from engine.transitions import perform
from models.accounts import Account, Proof
from models.organisation import Department, Post, Staff, Team
from tests.factories import organisation
from tests.factories.organisation import ROLE_OF_POST

PASSWORD = "a long and quiet river"
HERE = Caller("127.0.0.1", "test browser")
_numbers = itertools.count(1)
_hash: dict[str, str] = {}


def account(
    session: Session, person: Staff, *roles: Role, login: str | None = None, password: str = PASSWORD
) -> Account:
    """An active account, with the role of the person's post unless others are named; written by the system."""
    given: Iterable[Role] = roles or (ROLE_OF_POST[person.post],)
    with acting(SYSTEM, Door.COMMAND):
        made = Account(
            department_id=person.department_id,
            staff_id=person.id,
            login=login or f"user{next(_numbers)}",
            roles=[role.value for role in given],
            password_hash=_hash.setdefault(password, passwords.hashed(password)),
        )
        session.add(made)
        session.flush()
        perform(session, made, "activate")
    return made


def sign_in(client: FlaskClient, who: Account) -> FlaskClient:
    """Give a browser a full session of the account, past the pages that would ask for a password. Commits."""
    with client.application.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        key = sessions.open_session(session, session.get_one(Account, who.id), Proof.FULL, HERE)
        session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = key
        cookie["_fresh"] = True
    return client


@dataclass(frozen=True)
class Office:
    """A department with a manager who also administers, a shift lead who leads a team, and an agent of it."""

    department: Department
    team: Team
    manager: Account
    lead: Account
    agent: Account


def office(session: Session) -> Office:
    """Make and commit it."""
    department = organisation.department(session)
    team = organisation.team(session, department)
    boss = organisation.staff(session, department, Post.MANAGER, name="王敏")
    lead = organisation.staff(session, department, Post.SHIFT_LEAD, superior=boss)
    agent = organisation.staff(session, department, of=team, superior=lead)
    made = Office(
        department,
        team,
        account(session, boss, Role.MANAGER, Role.ADMINISTRATOR, login="boss"),
        account(session, lead, login="lead"),
        account(session, agent, login="zhang"),
    )
    session.commit()
    return made
