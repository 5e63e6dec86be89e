from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import NotAllowedError
from engine.transitions.performing import perform
from models.course import CourseCategory, CourseMethod
from models.learning_resource import LearningRecord, LearningResource, LearningState
from models.organisation import Staff
from models.training_session import Enrolment, EnrolmentReason, EnrolmentState
from tests.factories.quality import by
from tests.factories.refusals import objections, refused
from tests.factories.training import School, enrolled, enrolment_of, school


@pytest.fixture
def at(session: Session) -> School:
    return school(session)


def resource(at: School, **values: object) -> LearningResource:
    given = {
        "department_id": at.department.id,
        "name": "怎样倾听",
        "category": CourseCategory.COMMUNICATION,
        "minutes": 15,
        "body": "先听完，再复述。",
    }
    return LearningResource(**{**given, **values})


def opened(session: Session, at: School, what: LearningResource, person: Staff) -> LearningRecord:
    made = LearningRecord(
        department_id=at.department.id, resource_id=what.id, staff_id=person.id, opened_at=clock.now()
    )
    with by(person):
        session.add(made)
        session.commit()
    return made


@pytest.mark.clause("TRN-9")
def test_agent_opens_and_finishes_a_resource(session: Session, at: School) -> None:
    what = resource(at)
    with by(at.trainer):
        session.add(what)
        session.commit()
    record = opened(session, at, what, at.agent)
    assert (record.state, record.opened_at, record.team_id) == (LearningState.OPENED, clock.now(), at.team.id)
    with by(at.agent):
        perform(session, record, "finish")
        session.commit()
    assert (record.state, record.finished_at) == (LearningState.FINISHED, clock.now())


@pytest.mark.clause("TRN-9")
def test_nobody_learns_for_another(session: Session, at: School) -> None:
    what = resource(at)
    session.add(what)
    session.commit()
    with by(at.agent), refused(session, "gate.granted"):
        session.add(LearningRecord(resource_id=what.id, staff_id=at.agents[1].id, opened_at=clock.now()))
    record = opened(session, at, what, at.agent)
    with by(at.agents[1]), pytest.raises(NotAllowedError):
        perform(session, record, "finish")


@pytest.mark.clause("TRN-9")
@pytest.mark.parametrize(
    ("values", "rule"),
    [({"link": "javascript:alert(1)"}, "link_is_an_address"), ({"minutes": 0}, "learning_takes_time")],
)
def test_resource_says_what_it_is(session: Session, at: School, values: dict[str, object], rule: str) -> None:
    with by(at.trainer), refused(session, f"learning_resource.{rule}"):
        session.add(resource(at, **values))


@pytest.mark.clause("TRN-9")
@pytest.mark.parametrize(("exam", "state"), [(False, EnrolmentState.COMPLETED), (True, EnrolmentState.ATTENDED)])
def test_last_resource_of_an_online_course_ends_it(
    session: Session, at: School, exam: bool, state: EnrolmentState
) -> None:
    at.course.method, at.course.needs_exam = CourseMethod.ONLINE, exam
    parts = [resource(at, course_id=at.course.id), resource(at, course_id=at.course.id, name="怎样提问")]
    session.add_all(parts)
    session.commit()
    enrolled(session, at, None, at.agent)
    for part in parts:
        assert enrolment_of(session, at.agent, at.course.id).state is EnrolmentState.ENROLLED
        record = opened(session, at, part, at.agent)
        with by(at.agent):
            perform(session, record, "finish")
            session.commit()
    enrolment = enrolment_of(session, at.agent, at.course.id)
    assert (enrolment.state, enrolment.objective_met) == (state, not exam)


def has_learnt(session: Session, at: School, *, exam: bool = False) -> None:
    """The agent has finished all there is of the online course."""
    at.course.method, at.course.needs_exam = CourseMethod.ONLINE, exam
    session.add(resource(at, course_id=at.course.id))
    session.commit()
    for part in session.scalars(select(LearningResource)).all():
        record = opened(session, at, part, at.agent)
        with by(at.agent):
            perform(session, record, "finish")
            session.commit()


def records_of(session: Session, person: Staff) -> Sequence[LearningRecord]:
    return session.scalars(select(LearningRecord).where(LearningRecord.staff_id == person.id)).all()


@pytest.mark.clause("TRN-9")
@pytest.mark.parametrize(("exam", "state"), [(False, EnrolmentState.COMPLETED), (True, EnrolmentState.ATTENDED)])
def test_what_was_learnt_before_the_enrolment_counts(
    session: Session, at: School, exam: bool, state: EnrolmentState
) -> None:
    has_learnt(session, at, exam=exam)
    with by(at.trainer):
        enrolled(session, at, None, at.agent, at.agents[1])
    assert enrolment_of(session, at.agent, at.course.id).state is state
    assert enrolment_of(session, at.agents[1], at.course.id).state is EnrolmentState.ENROLLED


@pytest.mark.clause("TRN-9")
def test_online_course_without_resources_is_not_taken_by_being_enrolled(session: Session, at: School) -> None:
    at.course.method = CourseMethod.ONLINE
    session.commit()
    enrolled(session, at, None, at.agent)
    assert enrolment_of(session, at.agent, at.course.id).state is EnrolmentState.ENROLLED


@pytest.mark.clause("TRN-9")
def test_what_was_learnt_before_the_admission_counts(session: Session, at: School) -> None:
    has_learnt(session, at)
    with by(at.agent):
        wish = Enrolment(
            department_id=at.department.id,
            course_id=at.course.id,
            staff_id=at.agent.id,
            reason=EnrolmentReason.OWN_WISH,
            grounds="想学",
        )
        session.add(wish)
        session.commit()
    assert wish.state is EnrolmentState.PROPOSED
    with by(at.trainer):
        perform(session, wish, "admit")
        session.commit()
    assert wish.state is EnrolmentState.COMPLETED


def retraining(session: Session, at: School) -> Enrolment:
    session.add(
        Enrolment(
            department_id=at.department.id,
            course_id=at.course.id,
            staff_id=at.agent.id,
            reason=EnrolmentReason.RETRAINING,
            state=EnrolmentState.ENROLLED,
        )
    )
    session.commit()
    return enrolment_of(session, at.agent, at.course.id)


@pytest.mark.clause("TRN-6", "TRN-9")
def test_retraining_is_met_by_learning_it_all_again(session: Session, at: School) -> None:
    with by(at.trainer):
        session.add(resource(at, course_id=at.course.id, name="怎样提问"))
        session.commit()
    has_learnt(session, at)
    record, other = records_of(session, at.agent)
    with by(at.agent):
        assert objections(session, record, "open_again") == ["learning_record.course_is_taken_again"]
    with clock.fixed_at(clock.now() + timedelta(days=1)):
        enrolment = retraining(session, at)
        assert enrolment.state is EnrolmentState.ENROLLED
        for again in (record, other):
            with by(at.agent):
                perform(session, again, "open_again")
                session.commit()
                assert (again.opened_at, again.finished_at) == (clock.now(), None)
                perform(session, again, "finish")
                session.commit()
            assert (enrolment.state is EnrolmentState.COMPLETED) is (again is other)
    with by(at.agents[1]), pytest.raises(NotAllowedError):
        perform(session, record, "open_again")
