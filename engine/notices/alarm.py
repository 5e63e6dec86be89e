"""Tells the administrators that something was given up: what nobody hears of would be lost in silence."""

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role, seeing_all
from engine.circumstances import zone_of
from engine.notices.inbox import Letter, notify_many
from models.accounts import Account, AccountState

GIVEN_UP = "given_up"
"""The last part of an alarm's code, such as `email.given_up`."""


def alarm(session: Session, department_ids: Iterable[int], what: str) -> None:
    """Say that a delivery or a reminder was given up; the caller commits. `what` is email, group or reminder.

    One notice a day for each kind: a mail server that is gone for good must not fill the inbox.
    """
    notify_many(session, list(_letters(session, sorted(set(department_ids)), what)))


def is_alarm(code: str) -> bool:
    """Whether a notice is such an alarm. One that cannot be delivered raises no further one."""
    return code.endswith(f".{GIVEN_UP}")


def _letters(session: Session, department_ids: list[int], what: str) -> Iterator[Letter]:
    for department_id in department_ids:
        day = clock.day_in(zone_of(session, department_id), clock.now())
        people = list(_administrators(session, department_id))
        yield Letter(department_id, people, f"{what}.{GIVEN_UP}", f"{what}.{GIVEN_UP}:{day}", {"day": day})


def _administrators(session: Session, department_id: int) -> Iterator[int]:
    """Those who are to see to it. A department without any has nobody else: its manager."""
    query = select(Account.staff_id, Account.roles)
    active = query.where(Account.department_id == department_id, Account.state == AccountState.ACTIVE)
    with seeing_all():
        rows = session.execute(active).all()
    for role in (Role.ADMINISTRATOR, Role.MANAGER):
        if found := [staff_id for staff_id, roles in rows if role in roles]:
            yield from found
            return
