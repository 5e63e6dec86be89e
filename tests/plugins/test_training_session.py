from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import NotAllowedError
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from models.organisation import Staff, StaffStatus
from models.training_session import Enrolment, EnrolmentReason, EnrolmentState, SessionState, TrainingSession
from tests.factories.organisation import staff
from tests.factories.quality import by
from tests.factories.refusals import objections, refused
from tests.factories.training import School, course, enrolled, enrolment_of, planned, school, under_way


@pytest.fixture
def at(session: Session) -> School:
    return school(session)


@pytest.fixture
def training(session: Session, at: School) -> TrainingSession:
    made = planned(at)
    session.add(made)
    session.commit()
    return made


def duty(session: Session, kind: str) -> Obligation:
    return session.scalars(select(Obligation).where(Obligation.kind == kind)).one()


def told(session: Session, code: str) -> list[int]:
    return list(session.scalars(select(Notification.recipient_id).where(Notification.code == code)))


@pytest.mark.clause("TRN-2")
def test_trainer_plans_a_session_named_by_course_and_day(session: Session, at: School) -> None:
    with by(at.trainer):
        made = planned(at)
        session.add(made)
        session.commit()
    assert (made.state, made.name) == (SessionState.PLANNED, f"倾听技巧 {made.starts_at + timedelta(hours=8):%Y-%m-%d}")


@pytest.mark.clause("TRN-2")
@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}, "session_ends_after_it_starts"),
        ({"place": " "}, "place_is_stated"),
        ({"capacity": 0}, "session_has_places"),
    ],
)
def test_session_says_when_and_where(session: Session, at: School, values: dict[str, object], rule: str) -> None:
    with refused(session, f"training_session.{rule}"):
        session.add(planned(at, **values))


@pytest.mark.clause("TRN-2")
def test_retired_course_is_not_taught(session: Session, at: School) -> None:
    at.course.retired = True
    session.commit()
    with refused(session, "training_session.session_is_of_a_course_in_use"):
        session.add(planned(at))


@pytest.mark.clause("TRN-2")
def test_trainer_holds_one_session_at_a_time(session: Session, at: School, training: TrainingSession) -> None:
    with refused(session, "training_session.trainer_is_in_one_place"):
        session.add(planned(at, training.starts_at + timedelta(hours=1)))
    session.add(planned(at, training.ends_at))
    session.commit()


@pytest.mark.clause("TRN-2")
def test_enrolled_person_is_reminded_before_the_start(session: Session, at: School, training: TrainingSession) -> None:
    (enrolment,) = enrolled(session, at, training, at.agent)
    owed = duty(session, "session_start")
    assert (owed.owner_id, owed.due_at) == (at.agent.id, training.starts_at)
    assert enrolment.team_id == at.team.id
    with clock.fixed_at(training.starts_at - timedelta(minutes=50)):
        sweep(session)
    assert {at.agent.id, at.trainer.id} <= set(
        session.scalars(select(Notification.recipient_id).where(Notification.obligation_id == owed.id))
    )


@pytest.mark.clause("TRN-2")
def test_moved_session_moves_reminders_and_tells_everybody(
    session: Session, at: School, training: TrainingSession
) -> None:
    enrolled(session, at, training, at.agent)
    later = training.starts_at + timedelta(days=2)
    with by(at.trainer):
        perform(
            session, training, "reschedule", starts_at=later, ends_at=later + timedelta(hours=2), place="一号会议室"
        )
        session.commit()
    assert duty(session, "session_start").due_at == later
    assert told(session, "training.rescheduled") == [at.agent.id]


@pytest.mark.clause("TRN-2")
def test_date_is_not_changed_by_editing(session: Session, at: School, training: TrainingSession) -> None:
    with by(at.trainer), refused(session, "training_session.date_moves_by_rescheduling"):
        training.starts_at -= timedelta(hours=1)


@pytest.mark.clause("TRN-2")
def test_cancelled_session_leaves_people_waiting_for_another(
    session: Session, at: School, training: TrainingSession
) -> None:
    (enrolment,) = enrolled(session, at, training, at.agent)
    perform(session, training, "cancel", reason="讲师生病")
    session.commit()
    assert (enrolment.state, enrolment.session_id, enrolment.starts_at) == (EnrolmentState.ENROLLED, None, None)
    assert duty(session, "session_start").state is ObligationState.VOID
    assert told(session, "training.cancelled") == [at.agent.id]


def entry(at: School, person: Staff, training: TrainingSession | None = None, **values: object) -> Enrolment:
    given = {
        "department_id": at.department.id,
        "course_id": at.course.id,
        "session_id": training.id if training else None,
        "staff_id": person.id,
        "reason": EnrolmentReason.ASSIGNED,
    }
    return Enrolment(**{**given, **values})


@pytest.mark.clause("TRN-2")
def test_nobody_is_enrolled_twice(session: Session, at: School, training: TrainingSession) -> None:
    enrolled(session, at, training, at.agent)
    with refused(session, "enrolment.nobody_is_enrolled_twice"):
        session.add(entry(at, at.agent))


@pytest.mark.clause("TRN-2")
def test_session_holds_as_many_as_it_has_places(session: Session, at: School) -> None:
    training = planned(at, capacity=1)
    session.add(training)
    session.commit()
    with refused(session, "enrolment.session_has_room"):
        session.add_all([entry(at, person, training) for person in at.agents])
    enrolled(session, at, training, at.agent)
    with refused(session, "enrolment.session_has_room"):
        session.add(entry(at, at.agents[1], training))


@pytest.mark.clause("TRN-2")
def test_place_is_in_a_coming_session_of_the_course(session: Session, at: School, training: TrainingSession) -> None:
    other = course(session, at.department, "typing")
    with refused(session, "enrolment.session_is_of_the_course"):
        session.add(entry(at, at.agent, training, course_id=other.id))
    perform(session, training, "cancel", reason="改期")
    session.commit()
    with refused(session, "enrolment.session_is_still_to_come"):
        session.add(entry(at, at.agent, training))


@pytest.mark.clause("TRN-2")
def test_person_attends_one_session_at_a_time(session: Session, at: School, training: TrainingSession) -> None:
    other = course(session, at.department, "typing")
    parallel = planned(at, training.starts_at, course_id=other.id, trainer_id=at.manager.id)
    session.add(parallel)
    session.flush()
    enrolled(session, at, training, at.agent)
    with refused(session, "enrolment.person_is_in_one_place"):
        session.add(entry(at, at.agent, parallel, course_id=other.id))


@pytest.mark.clause("TRN-2")
def test_only_those_who_are_here_are_enrolled_in_what_is_taught(session: Session, at: School) -> None:
    gone = staff(session, at.department, of=at.team, superior=at.lead)
    perform(session, gone, "leave", reason="离职")
    assert gone.status is StaffStatus.LEFT
    with refused(session, "enrolment.enrolled_person_is_here"):
        session.add(entry(at, gone))
    at.course.retired = True
    session.commit()
    with refused(session, "enrolment.enrolment_is_in_a_course_in_use"):
        session.add(entry(at, at.agent))


@pytest.mark.clause("TRN-2")
def test_own_wish_waits_for_somebody_to_agree(session: Session, at: School, training: TrainingSession) -> None:
    with by(at.agent):
        with refused(session, "enrolment.own_wish_is_ones_own"):
            session.add(entry(at, at.agent))
        wish = entry(at, at.agent, reason=EnrolmentReason.OWN_WISH)
        session.add(wish)
        session.commit()
        with pytest.raises(NotAllowedError):
            perform(session, wish, "admit")
    assert wish.state is EnrolmentState.PROPOSED
    with by(at.lead):
        perform(session, wish, "admit", session_id=training.id)
        session.commit()
    assert (wish.state, wish.starts_at) == (EnrolmentState.ENROLLED, training.starts_at)
    assert told(session, "training.placed") == [at.agent.id]


@pytest.mark.clause("TRN-4")
def test_excuse_needs_a_reason_and_somebody_who_approves_it(
    session: Session, at: School, training: TrainingSession
) -> None:
    (enrolment,) = enrolled(session, at, training, at.agent)
    with by(at.agent):
        assert objections(session, enrolment, "ask_excuse", excuse=" ") == [
            "enrolment.ask_excuse.asks_excuse",
            "enrolment.excuse_is_stated",
        ]
        perform(session, enrolment, "ask_excuse", excuse="当天体检")
        session.commit()
        with pytest.raises(NotAllowedError):
            perform(session, enrolment, "excuse", verdict="自批")
    assert duty(session, "training_excuse").due_at == training.starts_at
    with by(at.lead):
        perform(session, enrolment, "excuse", verdict="同意，参加下一期")
        session.commit()
    assert (enrolment.state, enrolment.decided_by_id) == (EnrolmentState.EXCUSED, at.lead.id)
    assert duty(session, "training_excuse").state is ObligationState.MET
    assert duty(session, "session_start").state is ObligationState.VOID


@pytest.mark.clause("TRN-4")
def test_nobody_declines_for_another(session: Session, at: School, training: TrainingSession) -> None:
    (enrolment,) = enrolled(session, at, training, at.agent)
    for person in (at.agents[1], at.lead, at.trainer):
        with by(person), pytest.raises(NotAllowedError):
            perform(session, enrolment, "ask_excuse", excuse="替他请假")


@pytest.mark.clause("TRN-4")
def test_nobody_decides_about_their_own_training(session: Session, at: School, training: TrainingSession) -> None:
    (enrolment,) = enrolled(session, at, training, at.lead)
    with by(at.lead):
        perform(session, enrolment, "ask_excuse", excuse="值班")
        assert objections(session, enrolment, "excuse", verdict="自批") == ["enrolment.somebody_else_decides"]


@pytest.mark.clause("TRN-4")
def test_refused_excuse_leaves_the_duty_to_attend(session: Session, at: School, training: TrainingSession) -> None:
    (enrolment,) = enrolled(session, at, training, at.agent)
    perform(session, enrolment, "ask_excuse", excuse="想休息")
    perform(session, enrolment, "refuse_excuse", verdict="理由不充分")
    session.commit()
    assert enrolment.state is EnrolmentState.ENROLLED
    assert duty(session, "session_start").state is ObligationState.OPEN
    assert told(session, "training.excuse_refused") == [at.agent.id]


@pytest.mark.clause("TRN-4")
def test_attendance_is_taken_while_the_session_is_held(session: Session, at: School, training: TrainingSession) -> None:
    (enrolment,) = enrolled(session, at, training, at.agent)
    with by(at.trainer):
        assert objections(session, training, "hold") == ["training_session.session_has_begun"]
        assert objections(session, enrolment, "attend") == ["enrolment.session_is_held"]


@pytest.mark.clause("TRN-4")
def test_unexcused_absence_is_recorded_and_made_up_for(session: Session, at: School) -> None:
    training = under_way(session, at, *at.agents)
    present, missing = (enrolment_of(session, person, at.course.id) for person in at.agents)
    with by(at.trainer):
        perform(session, present, "attend")
        assert objections(session, training, "close") == ["training_session.attendance_is_taken"]
        perform(session, missing, "miss")
        perform(session, training, "close", summary="讲了倾听")
        session.commit()
    assert (present.state, present.objective_met) == (EnrolmentState.COMPLETED, True)
    assert missing.state is EnrolmentState.ABSENT
    assert told(session, "training.absent") == [at.agents[1].id]
    again = enrolment_of(session, at.agents[1], at.course.id)
    assert (again.id != missing.id, again.state, again.session_id) == (True, EnrolmentState.ENROLLED, None)


@pytest.mark.clause("TRN-2")
def test_course_with_an_exam_is_not_completed_by_attending(session: Session, at: School) -> None:
    at.course.needs_exam = True
    session.commit()
    training = under_way(session, at, at.agent)
    enrolment = enrolment_of(session, at.agent, at.course.id)
    perform(session, enrolment, "attend")
    perform(session, training, "close")
    session.commit()
    assert (enrolment.state, enrolment.objective_met) == (EnrolmentState.ATTENDED, False)
