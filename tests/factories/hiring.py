"""A department that hires: an opening, a candidate, and the steps by which they come through the stages."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from engine import clock
from engine.packs.adoption import adopt
from engine.transitions.performing import perform
from models.candidate import Candidate, CheckResult, Stage
from models.interview import Advice, Interview, Round
from models.job_opening import JobOpening
from models.organisation import Department, Post, Staff, Team
from tests.factories.organisation import department, staff, team

GOOD = {"professional_knowledge": 80, "communication": 70, "service_awareness": 90}
FIRST_DAY = date(2026, 6, 1)
PHONE = "13900001234"


@dataclass
class Hiring:
    """Who hires, and for which opening."""

    department: Department
    manager: Staff
    hr: Staff
    lead: Staff
    team: Team
    agent: Staff
    opening: JobOpening


def hiring(session: Session, packs: str = "BDC") -> Hiring:
    """A department with the packs adopted and one opening, published."""
    home = department(session)
    for rank, code in enumerate(packs):
        adopt(session, home, code, rank=rank, valid_from=date(2026, 1, 1))
    manager = staff(session, home, Post.MANAGER, name="王敏")
    hr = staff(session, home, Post.HR, superior=manager, name="何静")
    one = team(session, home)
    lead = staff(session, home, Post.SHIFT_LEAD, of=one, superior=manager, name="林涛")
    agent = staff(session, home, of=one, superior=lead, name="张伟")
    made = Hiring(home, manager, hr, lead, one, agent, opening(home, one, lead))
    session.add(made.opening)
    session.flush()
    perform(session, made.opening, "publish")
    session.commit()
    return made


def opening(home: Department, of: Team, superior: Staff, **values: object) -> JobOpening:
    """A complete draft, not yet in the session."""
    given = {
        "department_id": home.id,
        "name": "热线客服（夏季）",
        "post": Post.HOTLINE_AGENT,
        "team_id": of.id,
        "superior_id": superior.id,
        "duties": "接听客户来电，记录并跟进问题。",
        "requirements": "普通话标准，能上夜班。",
        "pay": "6000–8000 元/月",
        "benefits": "五险一金，餐补。",
    }
    return JobOpening(**(given | values))


def candidate(session: Session, at: Hiring, **values: object) -> Candidate:
    """Somebody who applies."""
    given = {
        "department_id": at.department.id,
        "opening_id": at.opening.id,
        "name": "赵小川",
        "phone": PHONE,
        "email": "zhao@example.org",
    }
    made = Candidate(**(given | values))
    session.add(made)
    session.flush()
    return made


def interview(session: Session, at: Hiring, of: Candidate, round_: Round, by: Staff | None = None) -> Interview:
    """A planned sheet."""
    made = Interview(
        department_id=at.department.id,
        candidate_id=of.id,
        round=round_,
        interviewer_id=(by or at.lead).id,
        planned_at=clock.now(),
    )
    session.add(made)
    session.flush()
    return made


def interviewed(session: Session, at: Hiring, of: Candidate, round_: Round, points: int | None = None) -> Interview:
    """A sheet that the shift lead has handed in; `points` for each item, else good ones."""
    sheet = interview(session, at, of, round_)
    perform(
        session,
        sheet,
        "hand_in",
        scores=dict.fromkeys(GOOD, points) if points is not None else GOOD,
        advice=Advice.TAKE,
    )
    return sheet


def brought_to(session: Session, at: Hiring, stage: Stage, **values: object) -> Candidate:
    """A candidate who has passed everything before the stage; at the decision nothing is proposed yet."""
    made = candidate(session, at, **values)
    steps = (
        (Stage.FIRST_INTERVIEW, lambda: perform(session, made, "invite")),
        (Stage.SECOND_INTERVIEW, lambda: _passed(session, at, made, Round.FIRST, "invite_again")),
        (Stage.BACKGROUND_CHECK, lambda: _passed(session, at, made, Round.SECOND, "check")),
        (Stage.DECISION, lambda: _checked(session, made)),
    )
    for _target, step in steps:
        if made.stage is stage:
            break
        step()
    session.commit()
    return made


def _passed(session: Session, at: Hiring, made: Candidate, round_: Round, move: str) -> None:
    interviewed(session, at, made, round_)
    perform(session, made, move)


def _checked(session: Session, made: Candidate) -> None:
    perform(session, made, "record_check", check_result=CheckResult.PASSED, check_evidence="前公司人事确认无误")
    perform(session, made, "decide")
