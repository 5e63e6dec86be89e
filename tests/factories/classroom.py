"""A department that trains, as a view's tests need it: detached, with a session under way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from engine.acting import SYSTEM, Door, acting
from engine.database import db
from models.base import Record
from tests.factories.training import School, school, under_way

Row = TypeVar("Row", bound=Record)


@dataclass
class Classroom:
    """The school, and the id of its session under way with both agents enrolled."""

    app: Flask
    school: School
    training: int

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session of the system's own, beside the browsers."""
        with self.app.app_context(), acting(SYSTEM, Door.COMMAND):
            yield db.session()
            db.session.commit()

    def again(self, model: type[Row], number: int) -> Row:
        """The record as it is stored now."""
        with self.session() as session:
            found = session.get_one(model, number)
            session.expunge(found)
            return found


def classroom(app: Flask) -> Classroom:
    """Write the rows and hand them out detached."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        at = school(session)
        training = under_way(session, at, *at.agents).id
        for row in (at.department, at.manager, at.trainer, at.team, at.lead, *at.agents, at.course):
            session.refresh(row)
        session.expunge_all()
    return Classroom(app, at, training)
