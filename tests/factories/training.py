"""A department that trains: the onboarding courses of its packs, a trainer, agents, sessions."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.packs.adoption import adopt
from engine.transitions.performing import perform
from models.course import Course, CourseCategory
from models.organisation import Department, Post, Staff, StaffStatus, Team
from models.training_session import Enrolment, EnrolmentReason, TrainingSession
from tests.factories.organisation import department, staff, team


@dataclass
class School:
    """Everybody and everything that training needs."""

    department: Department
    manager: Staff
    trainer: Staff
    team: Team
    lead: Staff
    agents: list[Staff]
    course: Course

    @property
    def agent(self) -> Staff:
        """The first agent."""
        return self.agents[0]


def school(session: Session, packs: str = "QBCD") -> School:
    """A department with the packs adopted, a trainer, a team of two agents, and a course without an exam."""
    home = department(session)
    for rank, code in enumerate(packs):
        adopt(session, home, code, rank=rank, valid_from=date(2026, 1, 1))
    manager = staff(session, home, Post.MANAGER)
    trainer = staff(session, home, Post.TRAINER, superior=manager)
    one = team(session, home)
    lead = staff(session, home, Post.SHIFT_LEAD, of=one, superior=manager)
    agents = [staff(session, home, of=one, superior=lead) for _number in range(2)]
    taught = course(session, home, "listening")
    session.commit()
    return School(home, manager, trainer, one, lead, agents, taught)


def course(session: Session, home: Department, code: str, *, exam: bool = False, **values: object) -> Course:
    """A course of two hours."""
    given = {"name": {"zh": "倾听技巧", "en": "Listening"}, "category": CourseCategory.COMMUNICATION, "hours": 2}
    made = Course(department_id=home.id, code=code, needs_exam=exam, **{**given, **values})
    session.add(made)
    session.flush()
    return made


def planned(at: School, starts_at: datetime | None = None, **values: object) -> TrainingSession:
    """A session of the school's course, tomorrow for two hours unless said otherwise; not yet in the session."""
    begin = starts_at or clock.now() + timedelta(days=1)
    given = {
        "department_id": at.department.id,
        "course_id": at.course.id,
        "starts_at": begin,
        "ends_at": begin + timedelta(hours=2),
        "trainer_id": at.trainer.id,
        "place": "三号会议室",
        "is_business_training": False,
    }
    return TrainingSession(**{**given, **values})


def enrolled(session: Session, at: School, training: TrainingSession | None, *people: Staff) -> list[Enrolment]:
    """The people in the session, or without a place, as their trainer assigned it."""
    made = [
        Enrolment(
            department_id=at.department.id,
            course_id=training.course_id if training else at.course.id,
            session_id=training.id if training else None,
            staff_id=person.id,
            reason=EnrolmentReason.ASSIGNED,
        )
        for person in people
    ]
    session.add_all(made)
    session.commit()
    return made


def under_way(session: Session, at: School, *people: Staff, **values: object) -> TrainingSession:
    """A session that began an hour ago, with these people enrolled."""
    training = planned(at, clock.now() - timedelta(hours=1), **values)
    session.add(training)
    session.flush()
    enrolled(session, at, training, *people)
    perform(session, training, "hold")
    session.commit()
    return training


def enrolment_of(session: Session, person: Staff, course_id: int) -> Enrolment:
    """The person's newest enrolment in the course."""
    found = select(Enrolment).where(Enrolment.staff_id == person.id, Enrolment.course_id == course_id)
    return session.scalars(found.order_by(Enrolment.id.desc())).first() or Enrolment()


def newcomer(session: Session, at: School) -> Staff:
    """Somebody who begins as a trainee."""
    made = staff(session, at.department, of=at.team, superior=at.lead, status=StaffStatus.TRAINEE)
    session.commit()
    return made
