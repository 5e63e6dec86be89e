import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.database import db
from engine.transitions.performing import perform
from models.course import Course, CourseCategory
from models.organisation import Post, Staff, StaffStatus
from models.training_session import Enrolment, EnrolmentReason, EnrolmentState
from plugins.course import category_of
from tests.factories.organisation import staff
from tests.factories.quality import by
from tests.factories.refusals import refused
from tests.factories.training import School, course, newcomer, school
from tests.fixtures.rulebook import NOW

ONBOARDING = ["company_and_culture", "product_knowledge", "service_norms_and_process"]


@pytest.fixture
def at(session: Session) -> School:
    return school(session)


def courses_of(session: Session, person: Staff) -> list[str]:
    query = select(Course.code).join(Enrolment, Enrolment.course_id == Course.id).where(Enrolment.staff_id == person.id)
    return list(session.scalars(query.order_by(Course.code)))


@pytest.mark.clause("TRN-2")
def test_pack_brings_its_onboarding_courses(session: Session, at: School) -> None:
    found = session.scalars(select(Course).where(Course.is_onboarding).order_by(Course.code)).all()
    assert [each.code for each in found] == ONBOARDING
    assert [(each.category, each.hours, each.needs_exam) for each in found][1] == (
        CourseCategory.PRODUCT_KNOWLEDGE,
        Decimal(16),
        True,
    )


@pytest.mark.sqlite
@pytest.mark.parametrize(("code", "expected"), [("communication", "communication"), ("tea_ceremony", "other")])
def test_category_of_a_pack_is_known_or_other(code: str, expected: str) -> None:
    assert category_of(code) == expected


def test_newcomer_is_enrolled_in_every_onboarding_course(session: Session, at: School) -> None:
    person = newcomer(session, at)
    assert courses_of(session, person) == ONBOARDING
    made = session.scalars(select(Enrolment).where(Enrolment.staff_id == person.id)).all()
    assert {(e.reason, e.state, e.team_id) for e in made} == {
        (EnrolmentReason.ONBOARDING, EnrolmentState.ENROLLED, at.team.id)
    }


def test_whoever_begins_on_post_is_not_enrolled(session: Session, at: School) -> None:
    assert courses_of(session, at.agent) == []


def test_candidate_is_enrolled_once_taken_on(session: Session, at: School) -> None:
    candidate = Staff(
        department_id=at.department.id,
        number="K1",
        name="候选人",
        post=Post.HOTLINE_AGENT,
        status=StaffStatus.CANDIDATE,
        team_id=at.team.id,
        superior_id=at.lead.id,
        hire_date=date(2026, 5, 4),
    )
    session.add(candidate)
    session.commit()
    assert courses_of(session, candidate) == []
    perform(session, candidate, "take_on", reason="录用")
    session.commit()
    assert courses_of(session, candidate) == ONBOARDING


def test_further_onboarding_course_concerns_trainees(session: Session, at: School) -> None:
    person = newcomer(session, at)
    course(session, at.department, "safety", is_onboarding=True)
    session.commit()
    assert "safety" in courses_of(session, person)
    assert courses_of(session, at.agent) == []


def test_retired_onboarding_course_is_not_opened(session: Session, at: School) -> None:
    found = session.scalars(select(Course).where(Course.code == "product_knowledge")).one()
    found.retired = True
    session.commit()
    assert "product_knowledge" not in courses_of(session, newcomer(session, at))


@pytest.mark.clause("TRN-3")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"is_onboarding": False}, {"is_onboarding": True}),
        ({"is_onboarding": True, "retired": True}, {"retired": False}),
    ],
)
def test_trainees_are_enrolled_in_what_becomes_an_onboarding_course(
    session: Session, at: School, before: dict[str, bool], after: dict[str, bool]
) -> None:
    safety = course(session, at.department, "safety", **before)
    person = newcomer(session, at)
    assert courses_of(session, person) == ONBOARDING
    with by(at.trainer):
        for name, value in after.items():
            setattr(safety, name, value)
        session.commit()
        safety.hours += 1
        session.commit()
    assert courses_of(session, person) == sorted([*ONBOARDING, "safety"])
    assert courses_of(session, at.agent) == []


@pytest.mark.clause("TRN-3")
def test_proposal_turned_down_frees_no_trainee_of_an_onboarding_course(session: Session, at: School) -> None:
    safety = course(session, at.department, "safety")
    trainee = newcomer(session, at)
    proposals = [
        Enrolment(
            department_id=at.department.id,
            staff_id=person.id,
            course_id=safety.id,
            reason=EnrolmentReason.WEAK_CATEGORY,
            state=EnrolmentState.PROPOSED,
        )
        for person in (trainee, at.agent)
    ]
    session.add_all(proposals)
    session.commit()
    safety.is_onboarding = True
    session.commit()
    for proposal in proposals:
        perform(session, proposal, "drop", reason_dropped="已单独辅导")
    session.commit()
    kept = select(Enrolment.staff_id, Enrolment.reason).where(
        Enrolment.course_id == safety.id, Enrolment.state == EnrolmentState.ENROLLED
    )
    assert session.execute(kept).all() == [(trainee.id, EnrolmentReason.ONBOARDING)]


@pytest.mark.postgres
def test_course_and_newcomer_of_the_same_moment_see_each_other(app: Flask, session: Session, at: School) -> None:
    """On SQLite the second writer's whole transaction comes after the first."""
    safety = course(session, at.department, "safety").id
    joining = staff(session, at.department, of=at.team, superior=at.lead, status=StaffStatus.CANDIDATE).id
    session.commit()
    written = threading.Barrier(2)

    def write(change: Callable[[Session], None]) -> None:
        with app.app_context(), clock.fixed_at(NOW), acting(SYSTEM, Door.FORM):
            own = db.session()
            change(own)
            own.flush()
            written.wait(10)
            own.commit()
            db.session.remove()

    def begin(own: Session) -> None:
        own.get_one(Course, safety).is_onboarding = True

    def join(own: Session) -> None:
        perform(own, own.get_one(Staff, joining), "take_on", reason="录用")

    threads = [threading.Thread(target=write, args=[change]) for change in (begin, join)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    session.expire_all()
    assert courses_of(session, session.get_one(Staff, joining)) == sorted([*ONBOARDING, "safety"])


@pytest.mark.clause("TRN-2")
@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"code": "Tea Ceremony"}, "course_code_is_plain"),
        ({"name": {"zh": "茶道", "en": " "}}, "course_is_named_in_both_languages"),
        ({"hours": Decimal(0)}, "course_takes_time"),
    ],
)
def test_course_says_what_it_is(session: Session, at: School, values: dict[str, object], rule: str) -> None:
    with by(at.trainer), refused(session, f"course.{rule}"):
        for name, value in values.items():
            setattr(at.course, name, value)
