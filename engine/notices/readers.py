"""What must be known of the people who are told something: read once for a whole batch."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import String, TypeCoerce, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.acting import seeing_all
from engine.notices.moments import Wishes
from models.accounts import Account
from models.notification import NoticePreference
from models.organisation import Department, Staff, StaffStatus


class Addressee(NamedTuple):
    """One person as the outbox sees them."""

    email: str | None
    has_left: bool
    team_id: int | None


def addressees(session: Session, staff_ids: Iterable[int]) -> dict[int, Addressee]:
    """The people by id; a person who does not exist is missing."""
    query = select(Staff.id, Staff.email, _plain(Staff.status), Staff.team_id).where(Staff.id.in_(set(staff_ids)))
    rows = session.execute(query)
    return {person: Addressee(email, status == StaffStatus.LEFT, team) for person, email, status, team in rows}


def wishes_of(session: Session, staff_ids: Iterable[int]) -> dict[int, Wishes]:
    """How those want to be told who said so; the others have the usual wishes."""
    rows = session.scalars(select(NoticePreference).where(NoticePreference.staff_id.in_(set(staff_ids))))
    return {row.staff_id: Wishes.of(row) for row in rows}


def languages_of(session: Session, staff_ids: Iterable[int]) -> dict[int, str]:
    """The locale in which each person is told something: their account's, else their department's."""
    query = (
        select(Staff.id, _plain(Account.language), Department.language)
        .join(Department, Staff.department_id == Department.id)
        .outerjoin(Account, Account.staff_id == Staff.id)
        .where(Staff.id.in_(set(staff_ids)))
    )
    with seeing_all():
        return {person: str(own or departments) for person, own, departments in session.execute(query)}


def _plain(code: InstrumentedAttribute[Any]) -> TypeCoerce[str]:
    """The code as it stands there: one that no list holds must not keep the whole batch from being read."""
    return type_coerce(code, String)
