"""A department with its people. Everything is written by the system through the gate."""

import itertools
from datetime import date

from sqlalchemy.orm import Session

from engine import clock
from engine.accounts.joining import ROLE_OF_POST
from engine.acting import Actor, Role
from models.organisation import Channel, Department, Post, Staff, StaffStatus, Team

_numbers = itertools.count(1)


def department(session: Session, name: str = "客服中心") -> Department:
    """A department in Shanghai's time."""
    made = Department(name=name, created_at=clock.now())
    session.add(made)
    session.flush()
    return made


def channel(session: Session, home: Department, code: str = "hotline") -> Channel:
    """A channel by its code."""
    made = Channel(department_id=home.id, code=code, name={"zh": "热线", "en": "Hotline"})
    session.add(made)
    session.flush()
    return made


def team(session: Session, home: Department, name: str = "一组", serves: Channel | None = None) -> Team:
    """A team that serves one channel."""
    made = Team(department_id=home.id, name=name, channels=[serves or channel(session, home, f"c{next(_numbers)}")])
    session.add(made)
    session.flush()
    return made


def staff(
    session: Session,
    home: Department,
    post: Post = Post.HOTLINE_AGENT,
    *,
    name: str | None = None,
    of: Team | None = None,
    superior: Staff | None = None,
    status: StaffStatus = StaffStatus.ON_POST,
) -> Staff:
    """A person on post. Agents need `of` and `superior`; only the department manager needs no superior."""
    number = next(_numbers)
    made = Staff(
        department_id=home.id,
        number=f"S{number:04}",
        name=name or f"职员{number}",
        post=post,
        status=status,
        team_id=of.id if of else None,
        superior_id=superior.id if superior else None,
        hire_date=date(2024, 3, 1),
        phone=f"1380000{number:04}",
    )
    session.add(made)
    session.flush()
    return made


def actor_of(person: Staff, *roles: Role) -> Actor:
    """The person as somebody who acts, with the role of their post unless others are named."""
    teams = frozenset({person.team_id} if person.team_id else ())
    given = frozenset(roles) or frozenset({ROLE_OF_POST[person.post]})
    return Actor(person.id, department_id=person.department_id, roles=given, team_ids=teams)
