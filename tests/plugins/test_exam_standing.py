"""TRN-3 and TRN-5: who may not stand on which channel, and that nobody is put on post past it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.answers import Impediment
from engine.errors import PolicyError
from engine.on_post import beyond_status
from engine.transitions.performing import perform
from models.certificate import Certificate
from models.course import Course
from models.exam import ExamForm
from models.organisation import Staff, StaffStatus
from models.training_session import Enrolment, EnrolmentReason
from tests.factories.exams import ExamHall, enrolment_of, exam, failed, hall, recorded, taken
from tests.factories.organisation import channel
from tests.factories.statements import reads
from tests.factories.training import newcomer
from tests.fixtures.rulebook import NOW

TODAY = NOW.date()


@pytest.fixture
def at(session: Session) -> ExamHall:
    return hall(session, "QCD")


def against(session: Session, *people: Staff, on: date = TODAY) -> list[tuple[int, str, int | None]]:
    return [(each.person_id, each.clause, each.channel_id) for each in beyond_status(session, people, on)]


def about(session: Session, person: Staff, on: date = TODAY) -> list[Impediment]:
    return list(beyond_status(session, [person], on))


def pass_onboarding(session: Session, at: ExamHall, person: Staff, course: Course, score: str = "90") -> None:
    """Attend the course without a session, sit its exam elsewhere, hear the result."""
    sat = exam(at.school, course, None, number=f"ON-{course.code}", form=ExamForm.ELSEWHERE)
    session.add(sat)
    session.flush()
    perform(session, sat, "publish")
    perform(session, recorded(session, ExamHall(at.school, course, at.training, sat), score, person), "tell")
    session.commit()


@pytest.mark.clause("TRN-3")
def test_trainee_owes_every_onboarding_course_with_its_exam(session: Session, at: ExamHall) -> None:
    trainee = newcomer(session, at.school)
    courses = session.scalars(select(Course).where(Course.is_onboarding.is_(True)).order_by(Course.id)).all()
    found = about(session, trainee)
    assert [each.values["course_id"] for each in found] == [course.id for course in courses]
    assert {(each.name, each.channel_id) for each in found} == {("enrolment.onboarding_is_completed", None)}
    with pytest.raises(PolicyError) as caught:
        perform(session, trainee, "put_on_post", reason="ready")
    assert {violation.clause for violation in caught.value.violations} == {"TRN-3"}
    session.rollback()
    for course in courses:
        pass_onboarding(session, at, trainee, course)
    assert about(session, trainee) == []
    perform(session, trainee, "put_on_post", reason="ready")
    assert trainee.status is StaffStatus.ON_POST


@pytest.mark.clause("TRN-3")
def test_onboarding_course_that_is_attended_still_needs_its_exam(session: Session, at: ExamHall) -> None:
    trainee = newcomer(session, at.school)
    course = session.scalars(select(Course).where(Course.is_onboarding.is_(True)).order_by(Course.id)).first()
    assert course is not None
    enrolment = session.scalars(select(Enrolment).where(Enrolment.course_id == course.id)).one()
    pass_onboarding(session, at, trainee, course, "79")
    assert not enrolment.objective_met
    assert course.id in {each.values["course_id"] for each in about(session, trainee)}


@pytest.mark.clause("TRN-3")
def test_whoever_was_on_post_before_owes_no_onboarding(session: Session, at: ExamHall) -> None:
    with clock.fixed_at(NOW - timedelta(hours=2)):
        assert about(session, at.agent) == []


@pytest.mark.clause("TRN-5")
def test_whoever_did_not_pass_is_off_the_affected_channel_once_the_exam_is_over(session: Session, at: ExamHall) -> None:
    affected = channel(session, at.school.department, "hotline-x")
    at.course.channels = [affected]
    session.commit()
    agent, colleague = at.agents
    assert against(session, agent, colleague) == []
    perform(session, taken(session, at, colleague, right=True), "tell")
    session.commit()
    assert against(session, agent, colleague, on=TODAY + timedelta(days=2)) == [(agent.id, "TRN-5", affected.id)]


@pytest.mark.clause("TRN-5")
def test_failing_closes_the_channel_at_once_and_passing_the_resit_opens_it(session: Session, at: ExamHall) -> None:
    failed(session, at)
    assert against(session, at.agent) == [(at.agent.id, "TRN-5", None)]
    perform(session, taken(session, at, right=True, attempt=2), "tell")
    session.commit()
    assert against(session, at.agent, on=TODAY + timedelta(days=9)) == []


@pytest.mark.clause("TRN-5")
def test_result_that_is_not_told_opens_nothing(session: Session, at: ExamHall) -> None:
    taken(session, at, right=True)
    assert against(session, at.agent, on=TODAY + timedelta(days=2)) == [(at.agent.id, "TRN-5", None)]


@pytest.mark.clause("TRN-5")
def test_training_that_is_no_business_training_keeps_nobody_off(session: Session, at: ExamHall) -> None:
    at.training.is_business_training = False
    session.commit()
    failed(session, at)
    assert against(session, at.agent, on=TODAY + timedelta(days=2)) == []


@pytest.mark.clause("TRN-5")
def test_earlier_years_pass_says_nothing_of_this_training(session: Session, at: ExamHall) -> None:
    perform(session, enrolment_of(session, at), "attend")
    perform(session, taken(session, at, right=True), "tell")
    session.commit()
    again = type(at.training)(
        department_id=at.school.department.id,
        course_id=at.course.id,
        starts_at=NOW + timedelta(days=30),
        ends_at=NOW + timedelta(days=30, hours=2),
        trainer_id=at.trainer.id,
        place="三号会议室",
        is_business_training=True,
    )
    session.add(again)
    session.flush()
    session.add(
        Enrolment(
            department_id=at.school.department.id,
            course_id=at.course.id,
            session_id=again.id,
            staff_id=at.agent.id,
            reason=EnrolmentReason.ASSIGNED,
        )
    )
    session.commit()
    assert enrolment_of(session, at).session_id == at.training.id
    assert against(session, at.agent, on=TODAY + timedelta(days=29)) == []
    assert against(session, at.agent, on=TODAY + timedelta(days=31)) == [(at.agent.id, "TRN-5", None)]


def test_expired_certificate_closes_the_channels_of_its_course_until_another_holds(
    session: Session, at: ExamHall
) -> None:
    affected = channel(session, at.school.department, "hotline-y")
    at.course.channels = [affected]

    def certificate(expires_on: date) -> Certificate:
        return Certificate(
            department_id=at.school.department.id,
            staff_id=at.agent.id,
            course_id=at.course.id,
            name="客户服务管理师",
            issuer="行业协会",
            issued_on=date(2025, 5, 4),
            expires_on=expires_on,
        )

    session.add(certificate(TODAY))
    session.commit()
    at.training.is_business_training = False
    session.commit()
    assert against(session, at.agent) == []
    assert against(session, at.agent, on=TODAY + timedelta(days=1)) == [(at.agent.id, "TRN-11", affected.id)]
    session.add(certificate(TODAY + timedelta(days=365)))
    session.commit()
    assert against(session, at.agent, on=TODAY + timedelta(days=1)) == []


@pytest.mark.clause("TRN-3", "TRN-5")
def test_all_people_are_asked_about_in_as_many_queries_as_one(session: Session, at: ExamHall) -> None:
    def count(people: list[Staff]) -> int:
        with reads(session) as told:
            beyond_status(session, people, TODAY)
        return len(told)

    beyond_status(session, [*at.agents, at.trainer], TODAY)
    assert count(at.agents[:1]) == count([*at.agents, at.trainer])
