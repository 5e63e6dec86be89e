"""A department that inspects its quality: people, records, a published plan, a draw, scored and told results."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Door, acting
from engine.packs.adoption import adopt
from engine.transitions.performing import perform
from models.organisation import Channel, Department, Post, Staff, Team
from models.qa_inspection import QaFinding, QaInspection, Severity
from models.qa_plan import QaPlan
from models.scorecard import Scorecard, ScorecardItem
from models.service_record import ServiceRecord, Topic
from tests.factories.organisation import actor_of, department, staff, team


@dataclass
class House:
    """Everybody and everything that quality inspection needs."""

    department: Department
    manager: Staff
    supervisor: Staff
    inspectors: list[Staff]
    team: Team
    lead: Staff
    agents: list[Staff]
    channel: Channel
    topic: Topic
    card: Scorecard

    @property
    def agent(self) -> Staff:
        """The first agent."""
        return self.agents[0]

    def item(self, position: int = 1) -> ScorecardItem:
        """An item of the scorecard, counted from 1."""
        return self.card.items[position - 1]


def house(session: Session, packs: str = "QBI") -> House:
    """A department with the packs adopted, a team of two agents and two inspectors."""
    home = department(session)
    for rank, code in enumerate(packs):
        adopt(session, home, code, rank=rank, valid_from=date(2026, 1, 1))
    channel = session.scalars(select(Channel).where(Channel.department_id == home.id).order_by(Channel.id)).first()
    channel = channel or Channel(department_id=home.id, code="hotline", name={"zh": "热线", "en": "Hotline"})
    topic = session.scalars(select(Topic).order_by(Topic.id)).first()
    manager = staff(session, home, Post.MANAGER)
    supervisor = staff(session, home, Post.QA_SUPERVISOR, superior=manager)
    inspectors = [staff(session, home, Post.INSPECTOR, superior=supervisor) for _number in range(2)]
    one = team(session, home, serves=channel)
    lead = staff(session, home, Post.SHIFT_LEAD, of=one, superior=manager)
    agents = [staff(session, home, of=one, superior=lead) for _number in range(2)]
    card = session.scalars(select(Scorecard)).one()
    session.commit()
    return House(home, manager, supervisor, inspectors, one, lead, agents, channel, topic, card)


def contact(at: House, number: str, agent: Staff | None = None, days_ago: int = 1, **values: object) -> ServiceRecord:
    """A complete record of an agent, not yet in the session."""
    given = {
        "department_id": at.department.id,
        "number": number,
        "channel": at.channel,
        "topic": at.topic,
        "agent": agent or at.agent,
        "occurred_at": clock.now() - timedelta(days=days_ago),
        "customer_name": "王芳",
        "customer_contact": "13800000000",
        "question": "怎么退货？",
    }
    return ServiceRecord(**(given | values))


def drawn(session: Session, at: House, per_agent: int = 2) -> QaPlan:
    """A published plan of May 2026 whose sample is drawn from four records an agent."""
    session.add_all(contact(at, f"{agent.number}-{n}", agent) for agent in at.agents for n in range(4))
    session.flush()
    plan = QaPlan(
        department_id=at.department.id,
        month="2026-05",
        scope="全部",
        method="随机",
        records_from=date(2026, 4, 1),
        records_until=date(2026, 5, 31),
        scorecard_id=at.card.id,
        per_agent=per_agent,
    )
    session.add(plan)
    session.flush()
    perform(session, plan, "publish")
    perform(session, plan, "draw")
    session.commit()
    return plan


def inspection_of(session: Session, agent: Staff) -> QaInspection:
    """The agent's first drawn record."""
    return session.scalars(
        select(QaInspection).where(QaInspection.agent_id == agent.id).order_by(QaInspection.id)
    ).first()  # type: ignore[return-value]  # the test has drawn it


def finding(
    at: House, inspection: QaInspection, severity: Severity = Severity.MINOR, points: str = "2", item: int = 1
) -> QaFinding:
    """A finding, not yet in the session."""
    return QaFinding(
        department_id=at.department.id,
        inspection=inspection,
        item_id=at.item(item).id,
        agent_id=inspection.agent_id,
        team_id=inspection.team_id,
        occurred_at=inspection.occurred_at,
        severity=severity,
        deduction=Decimal(points),
        problem="未致歉",
    )


def told(session: Session, at: House, severity: Severity = Severity.MINOR, points: str = "2") -> QaInspection:
    """The first agent's record, scored with one finding, handed in and reviewed."""
    inspection = inspection_of(session, at.agent)
    session.add(finding(at, inspection, severity, points))
    session.flush()
    perform(session, inspection, "hand_in")
    perform(session, inspection, "review")
    session.commit()
    return inspection


@contextmanager
def by(person: Staff) -> Iterator[None]:
    """What happens in the block is the person's own work, in the role of their post."""
    with acting(actor_of(person), Door.FORM):
        yield
