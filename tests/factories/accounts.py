"""Accounts, and browsers in which somebody is signed in."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import own, passwords, sessions, two_step
from engine.accounts.joining import ROLE_OF_POST
from engine.accounts.throttle import Caller
from engine.acting import SYSTEM, Door, Role, acting
from engine.database import db
from engine.transitions.performing import perform
from models.accounts import Account, Language, Proof
from models.audit import AuditEntry
from models.organisation import Department, Post, Staff, Team
from tests.factories import organisation

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
            # Tests compare the code's own sentences; the Chinese ones may be worded anew at any time.
            language=Language.ENGLISH,
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
class Logins:
    """A department with a manager who also administers, a shift lead who leads a team, and an agent of it."""

    department: Department
    team: Team
    manager: Account
    lead: Account
    agent: Account


def logins(session: Session) -> Logins:
    """Make and commit it."""
    department = organisation.department(session)
    team = organisation.team(session, department)
    boss = organisation.staff(session, department, Post.MANAGER, name="王敏")
    lead = organisation.staff(session, department, Post.SHIFT_LEAD, superior=boss)
    agent = organisation.staff(session, department, of=team, superior=lead)
    made = Logins(
        department,
        team,
        account(session, boss, Role.MANAGER, Role.ADMINISTRATOR, login="boss"),
        account(session, lead, login="lead"),
        account(session, agent, login="zhang"),
    )
    session.commit()
    return made


class Site(NamedTuple):
    """The department as browsers meet it: rows are detached, and reading them again takes a session of its own."""

    app: Flask
    department: Department
    team: Team
    manager: Account
    lead: Account
    agent: Account

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The system's own session beside the browsers; committed at the end."""
        with self.app.app_context(), acting(SYSTEM, Door.COMMAND):
            yield db.session()
            db.session.commit()

    def again(self, account: Account) -> Account:
        """The account as it is stored now."""
        with self.session() as session:
            return detached(session, session.get_one(Account, account.id))

    def audited(self, action: str) -> list[dict[str, Any]]:
        """What the audit says of each time that this happened."""
        with self.session() as session:
            return list(
                session.scalars(select(AuditEntry.changes).where(AuditEntry.action == action).order_by(AuditEntry.id))
            )

    def give_phone(self, account: Account) -> tuple[pyotp.TOTP, list[str]]:
        """Set up the second step: the phone, and the recovery codes."""
        phone = pyotp.TOTP(two_step.new_secret())
        with self.session() as session:
            found = session.get_one(Account, account.id)
            return phone, own.set_up_two_step(session, found, phone.secret, phone.at(clock.now()))

    def browser(self, account: Account | None = None) -> FlaskClient:
        """A fresh browser, with the account signed in."""
        client = self.app.test_client()
        return sign_in(client, account) if account else client


def site(app: Flask) -> Site:
    """Make and commit the department."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        made = logins(session)
        for account_ in (made.manager, made.lead, made.agent):
            detached(session, account_)
        for row in (made.department, made.team):
            session.refresh(row)
        session.expunge_all()
    return Site(app, made.department, made.team, made.manager, made.lead, made.agent)


def detached(session: Session, account_: Account) -> Account:
    """The account with its person, to be read outside the session."""
    session.refresh(account_)
    session.refresh(account_.staff)
    session.expunge(account_)
    return account_
