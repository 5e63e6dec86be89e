"""What a person's account follows: who joins gets one with an invitation, who changes post changes roles with it."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine.accounts import one_time
from engine.accounts.login import canonical
from engine.acting import Door, Role, consequences, current_act, seeing_all
from engine.jobs.asking import enqueue
from models.accounts import Account, AccountState
from models.organisation import AGENT_POSTS, Post, Staff

INVITATION = "invitation"
"""The task that issues an invitation and mails it."""
INVITATIONS = "invitations"
"""Key in `session.info`: secrets of invitations just issued, by account id, until the door hands them over."""
ROLE_OF_POST: Mapping[Post, Role] = {
    Post.SHIFT_LEAD: Role.SHIFT_LEAD,
    Post.SUPERVISOR: Role.SHIFT_LEAD,
    Post.INSPECTOR: Role.INSPECTOR,
    Post.QA_SUPERVISOR: Role.QA_SUPERVISOR,
    Post.TRAINER: Role.TRAINER,
    Post.MANAGER: Role.MANAGER,
    Post.HR: Role.HR,
} | dict.fromkeys(AGENT_POSTS, Role.AGENT)
"""What the holder of a post may do in the product, unless an administrator says otherwise."""


def invite(session: Session, person: Staff, login: str) -> Account:
    """Make the account of somebody who joins, with the role of their post, and invite them.

    `person` is flushed. The caller commits. Raises PolicyError when the login is taken.
    """
    account = Account(
        department_id=person.department_id,
        staff_id=person.id,
        login=canonical(login),
        roles=[ROLE_OF_POST[person.post].value],
    )
    with consequences(), seeing_all():
        session.add(account)
        session.flush()
        issue(session, account)
    return account


def issue(session: Session, account: Account) -> None:
    """Have an account's invitation reach its person, whatever door this is. The caller commits.

    A form hands the secret over by itself: it waits for `handed_over`, nobody else ever sees it. Behind any other door
    nobody would be there to do so: the link is made and mailed after the commit.
    """
    if current_act().door is Door.FORM:
        with consequences():
            session.info.setdefault(INVITATIONS, {})[account.id] = one_time.issue(session, account)
    else:
        enqueue(session, INVITATION, f"{INVITATION}:{account.id}", {"account": account.id})


def still_invited(session: Session, people: Iterable[int]) -> Mapping[int, Account]:
    """The accounts of those people, by person, that nobody has opened yet and that grant the role of the post alone.

    Whoever else issued a link could otherwise take over an account with more rights than their own.
    """
    with seeing_all():
        query = select(Account).where(Account.staff_id.in_(set(people)), Account.state == AccountState.INVITED)
        found = session.scalars(query.options(joinedload(Account.staff))).all()
    return {a.staff_id: a for a in found if a.roles == [ROLE_OF_POST[a.staff.post].value]}


def handed_over(session: Session, account_id: int) -> str | None:
    """The secret of an invitation that this session issued: once, to be shown or mailed after the commit."""
    secret: str | None = session.info.get(INVITATIONS, {}).pop(account_id, None)
    return secret


def follow_post(session: Session, person: Staff, before: Post) -> None:
    """Exchange the role of the post held before for that of the present one; other roles stay. The caller commits.

    Whoever is signed in with the former roles has to sign in again.
    """
    former, present = ROLE_OF_POST[before].value, ROLE_OF_POST[person.post].value
    with consequences(), seeing_all():
        account = session.scalar(select(Account).where(Account.staff_id == person.id))
        if account is None or former == present:
            return
        account.roles = list(dict.fromkeys([present, *(role for role in account.roles if role != former)]))
        session.flush()
