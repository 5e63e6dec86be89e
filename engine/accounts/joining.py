"""What a person's account follows: who joins gets one with an invitation, who changes post changes roles with it."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.accounts import one_time
from engine.accounts.login import canonical
from engine.acting import Role, consequences, seeing_all
from models.accounts import Account
from models.organisation import AGENT_POSTS, Post, Staff

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
    """Make the account of somebody who joins, with the role of their post, and issue its invitation.

    `person` is flushed. The secret waits for `handed_over`; nobody else ever sees it. The caller commits. Raises
    PolicyError when the login is taken.
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
        session.info.setdefault(INVITATIONS, {})[account.id] = one_time.issue(session, account)
    return account


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
