"""A department whose records are drawn, as browsers meet it: rows detached, and a session to see what requests did."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import SYSTEM, Door, acting
from engine.database import db
from engine.transitions.performing import perform
from models.organisation import Staff
from models.qa_inspection import QaFinding, QaInspection, Severity
from models.qa_plan import QaDraw
from tests.factories import quality


@dataclass
class Inspected:
    """People are detached rows; records are known by their numbers. `inspector` scores `inspection`, about `agent`."""

    app: Flask
    supervisor: Staff
    manager: Staff
    lead: Staff
    agent: Staff
    other_agent: Staff
    inspector: Staff
    other_inspector: Staff
    inspection: int
    draw: int
    items: list[int]

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The system's own eyes, in a transaction of its own."""
        with self.app.app_context(), acting(SYSTEM, Door.COMMAND):
            yield db.session()
            db.session.commit()

    def again(self, model: type[Any], number: int) -> Any:
        """A row as it is stored now, with its columns loaded."""
        with self.session() as session:
            found = session.get(model, number)
            if found is not None:
                session.refresh(found)
                session.expunge(found)
        return found

    def tell(self, severity: Severity = Severity.MINOR, points: str = "2") -> int:
        """Score the agent's record with one finding and review it; answers the finding's number."""
        with self.session() as session:
            inspection = session.get_one(QaInspection, self.inspection)
            finding = QaFinding(
                department_id=inspection.department_id,
                inspection=inspection,
                item_id=self.items[0],
                severity=severity,
                deduction=Decimal(points),
                problem="未致歉",
            )
            session.add(finding)
            session.flush()
            perform(session, inspection, "hand_in")
            perform(session, inspection, "review")
            session.commit()
            return finding.id


def inspected(app: Flask) -> Inspected:
    """Write the rows and hand them out."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        house = quality.house(session)
        quality.drawn(session, house)
        inspection = quality.inspection_of(session, house.agent)
        draw = session.scalars(select(QaDraw)).one()
        mine, other = sorted(house.inspectors, key=lambda person: person.id != inspection.inspector_id)
        numbers = inspection.id, draw.id, [item.id for item in house.card.items]
        people = [house.supervisor, house.manager, house.lead, *house.agents, mine, other]
        for person in people:
            session.refresh(person)
        session.expunge_all()
    return Inspected(app, *people, *numbers)
