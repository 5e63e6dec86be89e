"""A small department as a view's tests need it: two teams, everybody's post once, and a second department next door."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from engine.acting import SYSTEM, Door, acting
from engine.database import db
from models.base import Record
from models.organisation import Channel, Department, Post, Staff, Team
from tests.factories import organisation as make

Row = TypeVar("Row", bound=Record)


@dataclass
class Office:
    """People and teams, detached: their ids and names can be read at any time."""

    app: Flask
    home: Department
    manager: Staff
    hr: Staff
    lead: Staff
    agent: Staff
    other_agent: Staff
    team: Team
    other_team: Team
    channel: Channel
    stranger: Staff
    strange_team: Team

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session of the system's own, beside the browsers."""
        with self.app.app_context(), acting(SYSTEM, Door.COMMAND):
            yield db.session()
            db.session.commit()

    def again(self, record: Row) -> Row:
        """The record as it is stored now."""
        with self.session() as session:
            found = session.get_one(type(record), record.id)
            session.expunge(found)
            return found


def office(app: Flask) -> Office:
    """Write the rows and hand them out detached."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        home, next_door = make.department(session), make.department(session, "另一个部门")
        channel = make.channel(session, home)
        team, other_team = make.team(session, home, "一组", channel), make.team(session, home, "二组", channel)
        manager = make.staff(session, home, Post.MANAGER, name="周经理")
        hr = make.staff(session, home, Post.HR, name="何人事", superior=manager)
        lead = make.staff(session, home, Post.SHIFT_LEAD, name="李班长", of=team, superior=manager)
        agent = make.staff(session, home, name="王坐席", of=team, superior=lead)
        other_agent = make.staff(session, home, name="赵坐席", of=other_team, superior=manager)
        boss = make.staff(session, next_door, Post.MANAGER, name="邻经理")
        strange_team = make.team(session, next_door, "邻组")
        stranger = make.staff(session, next_door, name="邻坐席", of=strange_team, superior=boss)
        session.commit()
        rows = (home, manager, hr, lead, agent, other_agent, team, other_team, channel, stranger, strange_team)
        for row in rows:
            session.refresh(row)
        session.expunge_all()
    return Office(app, *rows)
