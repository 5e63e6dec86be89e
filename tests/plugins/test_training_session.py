from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.errors import NotAllowedError
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.course import Course
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from models.organisation import Post, Staff, StaffStatus
from models.qa_inspection import Severity
from models.service_record import RecordState
from models.training_session import (
    Enrolment,
    EnrolmentReason,
    EnrolmentState,
    SessionState,
    TrainingFeedback,
    TrainingNote,
    TrainingSession,
)
from plugins.training_session.evaluation import below, figures_of, targets_of
from plugins.training_session.proposals import SATISFACTION
from tests.factories.granting import granted
from tests.factories.organisation import staff
from tests.factories.quality import House, by, contact, drawn, house
from tests.factories.quality import told as result
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


@pytest.mark.clause("TRN-5")
def test_business_training_is_of_a_course_that_ends_with_an_exam(session: Session, at: School) -> None:
    with refused(session, "training_session.business_training_is_of_a_course_with_an_exam"):
        session.add(planned(at, is_business_training=True))
    at.course.needs_exam = True
    session.commit()
    session.add(planned(at, is_business_training=True))
    session.commit()


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
    assert training.name.endswith(f"{later + timedelta(hours=8):%Y-%m-%d}")


def test_name_that_somebody_gave_stays_when_the_session_moves(session: Session, at: School) -> None:
    training = planned(at, name="新人第一课")
    session.add(training)
    session.commit()
    later = training.starts_at + timedelta(days=2)
    perform(session, training, "reschedule", starts_at=later, ends_at=later + timedelta(hours=2), place="一号会议室")
    assert training.name == "新人第一课"


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
def test_whoever_leaves_is_no_longer_waited_for(session: Session, at: School, training: TrainingSession) -> None:
    (enrolment,) = enrolled(session, at, training, at.agent)
    perform(session, at.agent, "leave", reason="离职")
    session.commit()
    assert enrolment.state is EnrolmentState.DROPPED
    assert duty(session, "session_start").state is ObligationState.VOID


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


def wished(session: Session, at: School, training: TrainingSession) -> Enrolment:
    with by(at.agent):
        wish = entry(at, at.agent, reason=EnrolmentReason.OWN_WISH, session_id=training.id)
        session.add(wish)
        session.commit()
    return wish


@pytest.mark.clause("TRN-2")
def test_own_wish_is_withdrawn_and_may_come_back(session: Session, at: School, training: TrainingSession) -> None:
    wish = wished(session, at, training)
    with by(at.agents[1]), pytest.raises(NotAllowedError):
        perform(session, wish, "withdraw")
    with by(at.agent):
        perform(session, wish, "withdraw")
        session.commit()
    assert (wish.state, wish.session_id) == (EnrolmentState.DROPPED, None)
    assert wished(session, at, training).state is EnrolmentState.PROPOSED


@pytest.mark.clause("TRN-4")
def test_what_others_proposed_is_not_withdrawn(session: Session, at: School) -> None:
    proposal = entry(at, at.agent, reason=EnrolmentReason.WEAK_CATEGORY)
    session.add(proposal)
    session.commit()
    with by(at.agent):
        assert objections(session, proposal, "withdraw") == ["enrolment.wish_is_ones_own"]


@pytest.mark.clause("TRN-2")
def test_whoever_wished_hears_why_not(session: Session, at: School, training: TrainingSession) -> None:
    wish = wished(session, at, training)
    with by(at.lead):
        perform(session, wish, "drop", reason_dropped="名额已满")
        session.commit()
    assert told(session, "training.not_taken_up") == [at.agent.id]
    (enrolment,) = enrolled(session, at, training, at.agent)
    assert enrolment.state is EnrolmentState.ENROLLED


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


def closed(session: Session, at: School, *, practical: int | None = None) -> TrainingSession:
    """A session that both agents attended."""
    training = under_way(session, at, *at.agents)
    for person in at.agents:
        enrolment = enrolment_of(session, person, at.course.id)
        perform(session, enrolment, "attend")
        if practical is not None:
            perform(session, enrolment, "grade", practical_score=Decimal(practical))
    perform(session, training, "close")
    session.commit()
    return training


def answer(session: Session, training: TrainingSession, person: Staff, mark: int) -> None:
    asked = select(TrainingFeedback).where(
        TrainingFeedback.session_id == training.id, TrainingFeedback.staff_id == person.id
    )
    with by(person):
        mine = session.scalars(asked).one()
        perform(session, mine, "answer", content=mark, teaching=mark, usefulness=mark)
        session.commit()


@pytest.mark.clause("TRN-7")
def test_participants_are_asked_and_the_trainer_evaluates(session: Session, at: School) -> None:
    training = closed(session, at, practical=90)
    owed = session.scalars(select(Obligation.owner_id).where(Obligation.kind == "questionnaire")).all()
    assert sorted(owed) == sorted(person.id for person in at.agents)
    for person in at.agents:
        answer(session, training, person, 5)
    with by(at.trainer):
        assert session.scalars(select(TrainingFeedback)).all() == []
        perform(session, training, "evaluate")
        session.commit()
    assert training.figures is not None
    assert {name: training.figures[name] for name in ("attended", "answered", "satisfaction", "practical")} == {
        "attended": 2,
        "answered": 2,
        "satisfaction": "5.00",
        "practical": "90.0",
    }
    assert duty(session, "training_evaluation").state is ObligationState.MET


@pytest.mark.clause("TRN-7")
@pytest.mark.parametrize(("mark", "practical"), [(3, 90), (5, 60)])
def test_missed_target_asks_for_changes(session: Session, at: School, mark: int, practical: int) -> None:
    training = closed(session, at, practical=practical)
    for person in at.agents:
        answer(session, training, person, mark)
    with by(at.trainer):
        assert objections(session, training, "evaluate") == ["training_session.changes_follow_from_missed_targets"]
        perform(session, training, "evaluate", changes="增加演练时间")
        session.commit()
    assert training.changes == "增加演练时间"


@pytest.mark.clause("TRN-7")
def test_pass_rate_counts_those_who_met_the_objective(session: Session, at: School) -> None:
    at.course.needs_exam = True
    session.commit()
    training = closed(session, at)
    perform(session, enrolment_of(session, at.agent, at.course.id), "complete")
    session.commit()
    figures = figures_of(session, training)
    assert (figures["passed"], figures["pass_rate"]) == (1, 50)
    assert below(figures, targets_of(session, training)) == ["pass_rate"]


@pytest.mark.clause("TRN-7")
def test_session_is_evaluated_once_answers_are_in_or_overdue(session: Session, at: School) -> None:
    training = closed(session, at)
    assert objections(session, training, "evaluate") == ["training_session.answers_are_in"]
    with clock.fixed_at(clock.now() + timedelta(days=5)), by(at.trainer):
        perform(session, training, "evaluate")
        session.commit()
    assert duty(session, "training_evaluation").state is ObligationState.MET


@pytest.mark.clause("TRN-7")
def test_marks_are_from_one_to_five(session: Session, at: School) -> None:
    closed(session, at)
    mine = session.scalars(select(TrainingFeedback).where(TrainingFeedback.staff_id == at.agent.id)).one()
    marks = {"content": 6, "teaching": 1, "usefulness": 5}
    with by(at.agent):
        assert objections(session, mine, "answer", **marks) == ["training_feedback.marks_are_from_one_to_five"]


@pytest.mark.clause("TRN-7")
def test_questionnaire_is_given_out_by_its_session(session: Session, at: School, training: TrainingSession) -> None:
    grant = granted("training_feedback", "create", Role.TRAINER)
    with grant, by(at.trainer), refused(session, "training_feedback.questionnaire_comes_from_its_session"):
        session.add(TrainingFeedback(session_id=training.id, staff_id=at.agent.id, due_at=clock.now()))


@pytest.mark.clause("TRN-7")
def test_practical_score_is_out_of_100(session: Session, at: School) -> None:
    under_way(session, at, at.agent)
    enrolment = enrolment_of(session, at.agent, at.course.id)
    with by(at.trainer):
        perform(session, enrolment, "attend")
        given = {"practical_score": Decimal(101)}
        assert objections(session, enrolment, "grade", **given) == ["enrolment.practical_score_is_out_of_100"]


@pytest.mark.clause("TRN-4")
def test_leaver_who_missed_a_session_keeps_nobody_from_closing_it(session: Session, at: School) -> None:
    training = under_way(session, at, *at.agents)
    with by(at.trainer):
        perform(session, enrolment_of(session, at.agent, at.course.id), "miss")
        perform(session, enrolment_of(session, at.agents[1], at.course.id), "attend")
        session.commit()
    perform(session, at.agent, "leave", reason="离职", departed_on=clock.now().date())
    with by(at.trainer):
        perform(session, training, "close")
        session.commit()
    assert enrolment_of(session, at.agent, at.course.id).state is EnrolmentState.ABSENT


@pytest.mark.clause("TRN-2")
def test_whoever_is_excused_leaves_the_place_to_somebody_else(session: Session, at: School) -> None:
    training = under_way(session, at, at.agent, capacity=1)
    with refused(session, "enrolment.session_has_room"):
        enrolled(session, at, training, at.agents[1])
    with by(at.agent):
        perform(session, enrolment_of(session, at.agent, at.course.id), "ask_excuse", excuse="体检")
        session.commit()
    with by(at.lead):
        perform(session, enrolment_of(session, at.agent, at.course.id), "excuse", verdict="同意")
        session.commit()
    enrolled(session, at, training, at.agents[1])
    session.commit()


@pytest.mark.clause("TRN-10")
def test_trainee_keeps_notes_that_the_trainer_reads(session: Session, at: School) -> None:
    training = under_way(session, at, at.agent)
    with by(at.agent):
        session.add(TrainingNote(session_id=training.id, staff_id=at.agent.id, body="先听完再说"))
        session.commit()
        with refused(session, "training_note.note_says_something"):
            session.scalars(select(TrainingNote)).one().body = " "
    another = staff(session, at.department, Post.TRAINER, superior=at.manager)
    session.commit()
    for reader, count in ((at.trainer, 1), (another, 0), (at.agents[1], 0), (at.lead, 0), (at.manager, 0)):
        with by(reader):
            assert len(session.scalars(select(TrainingNote)).all()) == count
    with by(at.trainer), refused(session, "training_note.note_is_ones_own"):
        session.scalars(select(TrainingNote)).one().body = "改写"
    with by(at.agents[1]), refused(session, "training_note.note_taker_takes_part"):
        session.add(TrainingNote(session_id=training.id, staff_id=at.agents[1].id, body="没有参加"))


@pytest.fixture
def quality(session: Session) -> House:
    made = house(session)
    drawn(session, made)
    return made


def matching(session: Session, quality: House, *categories: str) -> Course:
    made = course(session, quality.department, "courtesy", qa_categories=list(categories))
    session.commit()
    return made


@pytest.mark.clause("TRN-8", "DAT-4")
def test_weak_category_proposes_the_matching_course(session: Session, quality: House) -> None:
    made = matching(session, quality, quality.item().category)
    result(session, quality, Severity.SEVERE, "10")
    proposed = session.scalars(select(Enrolment)).one()
    assert (proposed.staff_id, proposed.course_id, proposed.state, proposed.reason) == (
        quality.agent.id,
        made.id,
        EnrolmentState.PROPOSED,
        EnrolmentReason.WEAK_CATEGORY,
    )
    assert "80" in (proposed.grounds or "")
    assert told(session, "training.proposed") == [quality.lead.id]
    notice = session.scalars(select(Notification).where(Notification.code == "training.proposed")).one()
    assert notice.data["course"] == made.name
    assert duty(session, "training_proposal").owner_id == quality.lead.id
    with by(quality.lead):
        perform(session, proposed, "drop", reason_dropped="已单独辅导")
        session.commit()
    assert duty(session, "training_proposal").state is ObligationState.MET
    sweep(session)
    assert session.scalars(select(Enrolment.id)).all() == [proposed.id]


@pytest.mark.clause("TRN-8")
def test_category_above_the_line_proposes_nothing(session: Session, quality: House) -> None:
    matching(session, quality, quality.item().category)
    result(session, quality, Severity.MINOR, "1")
    assert session.scalars(select(Enrolment)).all() == []


@pytest.mark.clause("TRN-8")
def test_unsatisfied_customers_propose_a_course_once_a_day(session: Session, quality: House) -> None:
    made = matching(session, quality, SATISFACTION)
    rated = [
        contact(quality, f"R{number}", state=RecordState.EVALUATED, satisfaction=mark, resolved=True)
        for number, mark in enumerate((5, 3, 3, 4, 3))
    ]
    session.add_all(rated)
    session.commit()
    sweep(session)
    sweep(session)
    proposed = session.scalars(select(Enrolment)).one()
    assert proposed.course_id == made.id
    assert [each in (proposed.grounds or "") for each in ("3.60", "4.0", "5")] == [True] * 3
