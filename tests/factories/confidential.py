"""A department in which the undertaking is in force, and people who sign it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.packs.adoption import adopt
from engine.transitions.performing import perform
from models.confidentiality_ack import ConfidentialityAck, Undertaking, UndertakingState
from models.organisation import Department, Post, Staff
from tests.factories.organisation import department, staff, team
from tests.factories.quality import by


@dataclass
class Signers:
    """A small department that adopted its packs; HR drafts, the manager publishes."""

    department: Department
    manager: Staff
    hr: Staff
    lead: Staff
    agent: Staff
    other: Staff


def signers(session: Session, packs: str = "C") -> Signers:
    """The department, committed; its undertaking is a draft."""
    home = department(session)
    for rank, code in enumerate(packs):
        adopt(session, home, code, rank=rank, valid_from=date(2026, 1, 1))
    manager = staff(session, home, Post.MANAGER, name="周经理")
    hr = staff(session, home, Post.HR, name="何人事", superior=manager)
    one = team(session, home)
    lead = staff(session, home, Post.SHIFT_LEAD, name="李班长", of=one, superior=manager)
    agent = staff(session, home, name="王小明", of=one, superior=lead)
    other = staff(session, home, name="Ann Lee", of=one, superior=lead)
    session.commit()
    return Signers(home, manager, hr, lead, agent, other)


def undertaking_of(session: Session, at: Signers, state: UndertakingState | None = None) -> Undertaking:
    """The department's newest version, of a state if one is named."""
    query = select(Undertaking).where(Undertaking.department_id == at.department.id).order_by(Undertaking.number.desc())
    return session.scalars(query if state is None else query.where(Undertaking.state == state)).first()  # type: ignore[return-value]  # the test has made it


def publish(session: Session, at: Signers, version: Undertaking | None = None) -> Undertaking:
    """The version (the newest) published by the manager."""
    found = version or undertaking_of(session, at)
    with by(at.manager):
        perform(session, found, "publish")
        session.commit()
    return found


def next_version(session: Session, at: Signers, *, material: bool = True, on: date | None = None) -> Undertaking:
    """A draft of HR's that changes something."""
    old = undertaking_of(session, at)
    with by(at.hr):
        made = Undertaking(
            name=old.name,
            text_zh=old.text_zh + "\n八、不使用外部人工智能工具处理客户信息。",
            text_en=old.text_en + "\n8. to use no outside AI tools on customers' data.",
            main_change="AI",
            material=material,
            effective_on=on or clock.now().date(),
        )
        session.add(made)
        session.commit()
    return made


def ack_of(session: Session, person: Staff) -> ConfidentialityAck:
    """The newest signature that the person owes or gave."""
    query = select(ConfidentialityAck).where(ConfidentialityAck.staff_id == person.id)
    return session.scalars(query.order_by(ConfidentialityAck.id.desc())).first()  # type: ignore[return-value]  # the test has opened it


def sign(session: Session, person: Staff, *, name: str | None = None, language: str = "zh") -> ConfidentialityAck:
    """The person's newest signature, signed by themselves."""
    ack = ack_of(session, person)
    with by(person):
        digest = ack.undertaking.digest(language)
        perform(session, ack, "sign", signed_name=name or person.name, language=language, digest=digest)
        session.commit()
    return ack
