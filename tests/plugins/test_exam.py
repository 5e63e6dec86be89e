"""TRN-5 and TRN-6 from the drawn paper to the told result, through the gate."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import NotAllowedError, PolicyError
from engine.packs.parameters import value
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.exam import ExamForm, ExamPaper, ExamState
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamAnswer, ExamSitting, SittingState
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from models.organisation import Post
from models.question import Question, QuestionKind
from models.training_session import Enrolment, EnrolmentReason, EnrolmentState, TrainingFeedback
from plugins.exam.items import loaded
from plugins.exam.taking import GRACE, HeldElsewhereError, OverError
from tests.factories.exams import (
    ExamHall,
    answer,
    begun,
    enrolment_of,
    failed,
    hall,
    question,
    recorded,
    result_of,
    sitting_of,
    taken,
)
from tests.factories.organisation import staff
from tests.factories.quality import by
from tests.factories.refusals import refused

KINDS = (QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.SHORT_ANSWER)


@pytest.fixture
def at(session: Session) -> ExamHall:
    return hall(session)


def duty(session: Session, kind: str, owner: int | None = None) -> Obligation:
    rows = session.scalars(select(Obligation).where(Obligation.kind == kind).order_by(Obligation.id))
    return next(row for row in rows if owner is None or row.owner_id == owner)


def told(session: Session, code: str) -> list[int]:
    return list(session.scalars(select(Notification.recipient_id).where(Notification.code == code)))


def objections(error: pytest.ExceptionInfo[PolicyError]) -> list[str]:
    return [violation.rule for violation in error.value.violations]


@pytest.mark.clause("TRN-6")
def test_publishing_draws_the_paper_and_calls_everybody_who_takes_part(session: Session, at: ExamHall) -> None:
    paper = session.scalars(select(ExamPaper)).one()
    assert [item.category for item in sorted(loaded(paper.items), key=lambda item: item.category)] == ["章1", "章2"]
    assert {row.staff_id for row in session.scalars(select(ExamSitting))} == {agent.id for agent in at.agents}
    assert sorted(told(session, "exam.opened")) == sorted(agent.id for agent in at.agents)
    assert duty(session, "exam", at.agent.id).due_at == at.exam.closes_at
    assert duty(session, "exam_results").owner_id == at.trainer.id


@pytest.mark.clause("TRN-6")
def test_bank_with_too_few_questions_is_not_drawn_from(session: Session) -> None:
    at = hall(session, is_published=False)
    at.exam.rules = [{"category": "章1", "difficulty": "easy", "count": 9}]
    session.commit()
    with refused(session, "exam.bank_holds_enough"):
        perform(session, at.exam, "publish")
    at.exam.rules = []
    session.commit()
    with refused(session, "exam.rule_asks_for_questions"):
        perform(session, at.exam, "publish")


@pytest.mark.clause("TRN-6")
def test_published_paper_keeps_the_wording_it_was_asked_with(session: Session, at: ExamHall) -> None:
    paper = session.scalars(select(ExamPaper)).one()
    before = [item.text for item in loaded(paper.items)]
    for each in session.scalars(select(Question)):
        each.text = "改过的题干"
    session.commit()
    session.refresh(paper)
    assert [item.text for item in loaded(paper.items)] == before
    with refused(session, "exam_paper.paper_is_drawn_not_written"):
        paper.items = []


@pytest.mark.clause("TRN-6")
def test_rule_of_a_published_exam_stands(session: Session, at: ExamHall) -> None:
    with refused(session, "exam.published_exam_keeps_its_paper"):
        at.exam.rules = []


def test_exam_is_taken_by_its_candidate_within_its_hours(session: Session, at: ExamHall) -> None:
    sitting = sitting_of(session, at)
    with by(at.trainer), pytest.raises(NotAllowedError):
        perform(session, sitting, "begin")
    with clock.fixed_at(at.exam.closes_at + timedelta(minutes=1)), by(at.agent):
        with pytest.raises(PolicyError) as caught:
            perform(session, sitting, "begin")
        session.rollback()
    assert objections(caught) == ["exam_sitting.exam_is_open_now"]
    with by(at.agent):
        perform(session, sitting, "begin")
        session.commit()
    assert sitting.ends_at == clock.now() + timedelta(minutes=30)


@pytest.mark.clause("TRN-6")
def test_time_ends_with_the_exams_hours(session: Session, at: ExamHall) -> None:
    with clock.fixed_at(at.exam.closes_at - timedelta(minutes=10)):
        assert begun(session, at).ends_at == at.exam.closes_at


def test_answers_are_kept_as_they_are_given(session: Session, at: ExamHall) -> None:
    sitting = begun(session, at)
    answer(session, sitting, 1, "A", turn=1)
    answer(session, sitting, 1, "C", turn=3)
    answer(session, sitting, 1, "B", turn=2)
    assert [(row.item, row.answer) for row in session.scalars(select(ExamAnswer))] == [(1, ["C"])]


@pytest.mark.parametrize(("item", "said"), [(1, ["Z"]), (1, ["A", "B"]), (9, ["A"])])
def test_what_is_no_answer_is_not_kept(session: Session, at: ExamHall, item: int, said: list[str]) -> None:
    sitting = begun(session, at)
    with pytest.raises(ValueError):  # noqa: PT011 the message is the answer
        answer(session, sitting, item, *said)


def test_second_device_takes_over_and_the_first_is_told(session: Session, at: ExamHall) -> None:
    from plugins.exam.taking import take_over

    sitting = begun(session, at)
    take_over(session, sitting, "there")
    with pytest.raises(HeldElsewhereError):
        answer(session, sitting, 1, "A")
    answer(session, sitting, 1, "B", holder="there")


def test_nothing_is_taken_after_the_end(session: Session, at: ExamHall) -> None:
    sitting = begun(session, at)
    end = clock.now() + timedelta(minutes=30)
    with clock.fixed_at(end + GRACE):
        answer(session, sitting, 1, "B")
    with clock.fixed_at(end + GRACE + timedelta(seconds=1)), pytest.raises(OverError):
        answer(session, sitting, 1, "A", turn=2)


@pytest.mark.clause("TRN-6")
def test_time_over_is_handed_in_by_the_clock(session: Session, at: ExamHall) -> None:
    sitting = begun(session, at)
    answer(session, sitting, 1, "B")
    with clock.fixed_at(clock.now() + timedelta(minutes=31)):
        assert sweep(session).done == 1
        assert sweep(session).done == 0
    result = result_of(session, at)
    assert (sitting.state, sitting.by_clock, result.score) == (SittingState.HANDED_IN, True, Decimal("50.00"))
    assert duty(session, "exam", at.agent.id).state is ObligationState.MET


@pytest.mark.clause("TRN-5")
def test_exam_that_is_not_taken_is_missed_and_told(session: Session, at: ExamHall) -> None:
    with clock.fixed_at(at.exam.closes_at + timedelta(minutes=1)):
        sweep(session)
        assert [row.state for row in session.scalars(select(ExamSitting))] == [SittingState.MISSED] * 2
        assert set(told(session, "exam.missed")) == {*(a.id for a in at.agents), at.school.lead.id, at.trainer.id}
        perform(session, at.exam, "tell")
        session.commit()
    assert result_of(session, at).score == 0
    assert sitting_of(session, at, attempt=2).state is SittingState.ASSIGNED


@pytest.mark.clause("TRN-6")
def test_hand_in_marks_what_the_key_decides_and_leaves_the_rest_to_the_trainer(session: Session) -> None:
    at = hall(session, kinds=KINDS)
    sitting = begun(session, at)
    items = {item.kind: item.number for item in loaded(session.scalars(select(ExamPaper)).one().items)}
    answer(session, sitting, items[QuestionKind.SINGLE], "B")
    answer(session, sitting, items[QuestionKind.MULTIPLE], "A")
    answer(session, sitting, items[QuestionKind.SHORT_ANSWER], "自签收次日起")
    perform(session, sitting, "hand_in")
    session.commit()
    result = result_of(session, at)
    assert (result.state, result.score, result.passed) == (ResultState.TO_MARK, None, None)
    with by(at.trainer), refused(session, "exam_result.every_answer_is_marked"):
        perform(session, result, "finish_marking")
    with by(at.trainer):
        mark(result, items[QuestionKind.SHORT_ANSWER], "1.5")
        session.commit()
        perform(session, result, "finish_marking")
        session.commit()
    assert (result.state, result.score, result.marked_by_id) == (
        ResultState.RECORDED,
        Decimal("75.00"),
        at.trainer.id,
    )


def mark(result: ExamResult, number: int, points: str) -> None:
    from plugins.exam.results import set_mark

    set_mark(result, number, Decimal(points), "")


@pytest.mark.clause("TRN-6")
def test_no_answer_brings_more_than_full_marks(session: Session) -> None:
    at = hall(session, kinds=(QuestionKind.SHORT_ANSWER,))
    sitting = begun(session, at)
    answer(session, sitting, 1, "签收")
    perform(session, sitting, "hand_in")
    session.commit()
    with (
        by(at.trainer),
        refused(session, "exam_result.points_fit_the_question", "exam_result.score_is_out_of_a_hundred"),
    ):
        mark(result_of(session, at), 1, "2.5")


@pytest.mark.clause("TRN-6")
def test_practical_goes_to_the_trainer_at_once_and_has_a_score_of_its_own(session: Session) -> None:
    at = hall(session, kinds=(QuestionKind.PRACTICAL,))
    assert sitting_of(session, at).state is SittingState.HANDED_IN
    result = result_of(session, at)
    mark(result, 1, "2")
    session.commit()
    perform(session, result, "finish_marking")
    session.commit()
    assert (result.score, result.practical_score) == (Decimal(100), Decimal(100))


@pytest.mark.clause("TRN-6")
@pytest.mark.parametrize(("score", "passed"), [("80", True), ("79.99", False)])
def test_pass_mark_in_force_decides(session: Session, at: ExamHall, score: str, passed: bool) -> None:
    result = recorded(session, at, score)
    assert (result.pass_mark, result.passed, result.team_id) == (80, passed, at.agent.team_id)
    assert value(session, at.school.department.id, "pass_mark", result.taken_on) == 80
    assert sitting_of(session, at).state is SittingState.HANDED_IN


@pytest.mark.clause("TRN-6")
def test_own_pass_mark_and_more_time_are_arranged_with_a_reason(session: Session, at: ExamHall) -> None:
    sitting = sitting_of(session, at)
    with by(at.trainer):
        with refused(session, "exam_sitting.arrange.asks_arrangement"):
            perform(session, sitting, "arrange", own_pass_mark=60)
        perform(session, sitting, "arrange", own_pass_mark=60, extra_minutes=15, arrangement="左手骨折")
        session.commit()
    assert begun(session, at).ends_at == clock.now() + timedelta(minutes=45)
    assert recorded(session, at, "60").passed


@pytest.mark.clause("TRN-6")
def test_failed_exam_opens_a_resit_due_within_the_days_set(session: Session, at: ExamHall) -> None:
    failed(session, at)
    resit = sitting_of(session, at, attempt=2)
    assert resit.closes_at == datetime(2026, 5, 18, 16, tzinfo=UTC)
    assert duty(session, "resit").owner_id == at.agent.id
    assert told(session, "exam.resit") == [at.agent.id]
    papers = session.scalars(select(ExamPaper).order_by(ExamPaper.attempt)).all()
    first, second = ({item.question_id for item in loaded(paper.items)} for paper in papers)
    assert not first & second
    with clock.fixed_at(resit.closes_at + timedelta(days=1, hours=1)):
        sweep(session)
    assert duty(session, "resit").state is ObligationState.OVERDUE
    assert (
        at.trainer.id
        in session.scalars(
            select(Notification.recipient_id).where(Notification.obligation_id == duty(session, "resit").id)
        ).all()
    )


@pytest.mark.clause("TRN-6")
def test_resit_that_is_overdue_may_still_be_taken(session: Session, at: ExamHall) -> None:
    failed(session, at)
    with clock.fixed_at(datetime(2026, 6, 1, 2, tzinfo=UTC)):
        sitting = begun(session, at, attempt=2)
        assert sitting.ends_at == clock.now() + timedelta(minutes=30)


@pytest.mark.clause("TRN-6")
def test_passed_exam_opens_no_resit_and_meets_the_objective(session: Session, at: ExamHall) -> None:
    perform(session, enrolment_of(session, at), "attend")
    result = taken(session, at, right=True)
    assert not enrolment_of(session, at).objective_met
    perform(session, result, "tell")
    session.commit()
    enrolment = enrolment_of(session, at)
    assert (enrolment.state, enrolment.objective_met) == (EnrolmentState.COMPLETED, True)
    assert session.scalars(select(ExamSitting).where(ExamSitting.attempt > 1)).all() == []
    assert told(session, "exam.passed") == [at.agent.id]


@pytest.mark.clause("TRN-6")
def test_attendance_recorded_after_passing_meets_the_objective(session: Session, at: ExamHall) -> None:
    perform(session, taken(session, at, right=True), "tell")
    session.commit()
    perform(session, enrolment_of(session, at), "attend")
    session.commit()
    assert enrolment_of(session, at).objective_met


@pytest.mark.clause("TRN-6")
def test_last_failed_resit_opens_a_retraining(session: Session, at: ExamHall) -> None:
    perform(session, enrolment_of(session, at), "attend")
    failed(session, at)
    failed(session, at, attempt=2)
    again = session.scalars(select(Enrolment).where(Enrolment.reason == EnrolmentReason.RETRAINING)).one()
    assert (again.staff_id, again.course_id, again.state) == (at.agent.id, at.course.id, EnrolmentState.ENROLLED)
    assert duty(session, "retraining").due_at == datetime(2026, 6, 3, 16, tzinfo=UTC)
    assert told(session, "exam.retraining") == [at.agent.id]
    assert not enrolment_of(session, at).objective_met
    assert session.scalars(select(ExamSitting).where(ExamSitting.attempt > 2)).all() == []


@pytest.mark.clause("TRN-6")
def test_retraining_waits_for_the_attendance_that_is_not_recorded_yet(session: Session, at: ExamHall) -> None:
    failed(session, at)
    failed(session, at, attempt=2)
    retraining = select(Enrolment).where(Enrolment.reason == EnrolmentReason.RETRAINING)
    assert session.scalars(retraining).all() == []
    perform(session, enrolment_of(session, at), "attend")
    session.commit()
    assert [row.staff_id for row in session.scalars(retraining)] == [at.agent.id]


@pytest.mark.clause("TRN-6")
def test_attempt_without_a_failed_one_before_it_is_refused(session: Session, at: ExamHall) -> None:
    with refused(session, "exam_result.attempt_follows_a_failed_one"):
        recorded(session, at, "90", attempt=2)


@pytest.mark.clause("TRN-6")
def test_corrected_score_brings_what_follows_from_it(session: Session, at: ExamHall) -> None:
    result = failed(session, at)
    with by(at.trainer):
        perform(session, result, "correct", score=Decimal(85), reason="第二题有争议")
        session.commit()
    assert (result.passed, sitting_of(session, at, attempt=2).state) == (True, SittingState.CANCELLED)


@pytest.mark.clause("TRN-6")
def test_pass_that_was_none_takes_back_what_it_met(session: Session, at: ExamHall) -> None:
    enrolment = enrolment_of(session, at)
    perform(session, enrolment, "attend")
    result = taken(session, at, right=True)
    with by(at.trainer):
        perform(session, result, "tell")
        session.commit()
        assert enrolment.objective_met
        perform(session, result, "correct", score=Decimal(10), reason="答案录错")
        session.commit()
    assert (enrolment.state, enrolment.objective_met, enrolment.completed_at) == (EnrolmentState.ATTENDED, False, None)
    assert sitting_of(session, at, attempt=2).state is SittingState.ASSIGNED


@pytest.mark.clause("TRN-6")
def test_candidate_does_not_tell_the_results_of_the_exam(session: Session, at: ExamHall) -> None:
    another = staff(session, at.school.department, Post.TRAINER, superior=at.school.manager)
    session.add(ExamSitting(department_id=at.school.department.id, exam_id=at.exam.id, staff_id=at.trainer.id))
    session.commit()
    for person in (*at.agents, at.trainer):
        taken(session, at, person, right=True)
    with by(at.trainer), refused(session, "exam.teller_is_no_candidate"):
        perform(session, at.exam, "tell")
    with by(another):
        perform(session, at.exam, "tell")
        session.commit()
    assert at.exam.state is ExamState.DONE


@pytest.mark.clause("TRN-6")
def test_nobody_marks_or_tells_their_own_result(session: Session, at: ExamHall) -> None:
    session.add(ExamSitting(department_id=at.school.department.id, exam_id=at.exam.id, staff_id=at.trainer.id))
    session.commit()
    result = taken(session, at, at.trainer, right=True)
    with by(at.trainer), refused(session, "exam_result.somebody_else_marks"):
        perform(session, result, "tell")
    with by(at.trainer), refused(session, "exam_result.nobody_scores_themselves"):
        mark(result, 1, "2")


@pytest.mark.clause("TRN-6")
def test_results_are_told_once_everybody_is_done(session: Session, at: ExamHall) -> None:
    taken(session, at, right=True)
    with refused(session, "exam.everybody_is_done"):
        perform(session, at.exam, "tell")
    taken(session, at, at.agents[1], right=False)
    perform(session, at.exam, "tell")
    session.commit()
    assert at.exam.state is ExamState.DONE
    assert {row.passed for row in session.scalars(select(ExamResult))} == {True, False}
    assert duty(session, "exam_results").state is ObligationState.MET


@pytest.mark.clause("TRN-6")
def test_results_are_told_once_everything_is_marked(session: Session) -> None:
    at = hall(session, kinds=(QuestionKind.SHORT_ANSWER,))
    for person in at.agents:
        sitting = begun(session, at, person)
        answer(session, sitting, 1, "自签收次日起")
        perform(session, sitting, "hand_in")
        session.commit()
    with refused(session, "exam.everything_is_marked"):
        perform(session, at.exam, "tell")
    for result in session.scalars(select(ExamResult)).all():
        mark(result, 1, "2")
        session.commit()
        perform(session, result, "finish_marking")
    perform(session, at.exam, "tell")
    session.commit()
    assert at.exam.state is ExamState.DONE


@pytest.mark.clause("TRN-5")
def test_business_training_is_not_closed_without_an_exam(session: Session) -> None:
    at = hall(session, is_published=False)
    for agent in at.agents:
        perform(session, enrolment_of(session, at, agent), "attend")
    perform(session, at.exam, "cancel", reason="另行安排")
    session.commit()
    with refused(session, "training_session.business_training_ends_with_an_exam"):
        perform(session, at.training, "close")


@pytest.mark.clause("TRN-5")
def test_business_training_is_closed_once_results_are_told_and_whoever_passed_is_asked_too(
    session: Session, at: ExamHall
) -> None:
    for agent in at.agents:
        perform(session, enrolment_of(session, at, agent), "attend")
        taken(session, at, agent, right=True)
    with refused(session, "training_session.business_training_ends_with_an_exam"):
        perform(session, at.training, "close")
    perform(session, at.exam, "tell")
    perform(session, at.training, "close")
    session.commit()
    assert at.training.state == "closed"
    assert len(session.scalars(select(TrainingFeedback)).all()) == len(at.agents)


def test_exam_held_elsewhere_has_no_paper_and_its_results_are_recorded(session: Session) -> None:
    at = hall(session, form=ExamForm.ELSEWHERE)
    assert session.scalars(select(ExamPaper)).all() == []
    with by(at.agent), refused(session, "exam_sitting.exam_is_taken_here"):
        perform(session, sitting_of(session, at), "begin")
    perform(session, recorded(session, at, "60"), "tell")
    session.commit()
    assert sitting_of(session, at, attempt=2).state is SittingState.ASSIGNED


def test_rescheduled_exam_moves_those_who_have_not_begun(session: Session, at: ExamHall) -> None:
    begun(session, at)
    opens, closes = clock.now() + timedelta(days=2), clock.now() + timedelta(days=3)
    with by(at.trainer):
        perform(session, at.exam, "reschedule", opens_at=opens, closes_at=closes)
        session.commit()
    assert sitting_of(session, at).closes_at != closes
    assert sitting_of(session, at, at.agents[1]).closes_at == closes
    assert duty(session, "exam", at.agents[1].id).due_at == closes
    assert told(session, "exam.moved") == [at.agents[1].id]


@pytest.mark.clause("TRN-6")
def test_hours_of_a_published_exam_change_for_everybody_or_not_at_all(session: Session, at: ExamHall) -> None:
    with by(at.trainer), refused(session, "exam.published_exam_keeps_its_paper"):
        at.exam.closes_at += timedelta(days=1)


@pytest.mark.clause("TRN-6")
def test_hours_are_not_moved_into_the_past(session: Session, at: ExamHall) -> None:
    past = clock.now() - timedelta(minutes=1)
    hours = {"opens_at": past - timedelta(hours=1), "closes_at": past}
    with by(at.trainer):
        with refused(session, "exam.new_closing_lies_ahead"):
            perform(session, at.exam, "reschedule", **hours)
        with refused(session, "exam_sitting.there_is_time_left"):
            perform(session, sitting_of(session, at), "arrange", arrangement="手伤", extra_minutes=5, **hours)


@pytest.mark.clause("TRN-6")
def test_whoever_missed_it_is_given_hours_that_lie_ahead(session: Session, at: ExamHall) -> None:
    with clock.fixed_at(at.exam.closes_at + timedelta(minutes=1)):
        sweep(session)
        sitting = sitting_of(session, at)
        with by(at.trainer):
            with refused(session, "exam_sitting.there_is_time_left"):
                perform(session, sitting, "arrange", arrangement="病假")
            perform(session, sitting, "arrange", arrangement="病假", closes_at=clock.now() + timedelta(days=1))
        assert sitting.state is SittingState.ASSIGNED


@pytest.mark.clause("TRN-6")
def test_nobody_arranges_for_themselves_or_after_the_results(session: Session, at: ExamHall) -> None:
    session.add(ExamSitting(department_id=at.school.department.id, exam_id=at.exam.id, staff_id=at.trainer.id))
    session.commit()
    own, other = sitting_of(session, at, at.trainer), sitting_of(session, at)
    with by(at.trainer):
        for move, given in (("arrange", {"own_pass_mark": 1, "arrangement": "忙"}), ("cancel", {"reason": "忙"})):
            with refused(session, "exam_sitting.somebody_else_arranges"):
                perform(session, own, move, **given)
        perform(session, other, "arrange", extra_minutes=10, arrangement="手伤")
        session.commit()
    with clock.fixed_at(at.exam.closes_at + timedelta(minutes=1)):
        sweep(session)
        perform(session, at.exam, "tell")
        session.commit()
        with by(at.trainer), refused(session, "exam_sitting.results_are_not_told"):
            perform(session, other, "arrange", arrangement="补")


@pytest.mark.clause("TRN-6")
def test_whoever_is_taken_off_the_list_hears_why(session: Session, at: ExamHall) -> None:
    with by(at.trainer):
        perform(session, sitting_of(session, at), "cancel", reason="调岗")
        session.commit()
    assert told(session, "exam.taken_off") == [at.agent.id]


@pytest.mark.clause("TRN-6")
def test_whoever_left_takes_no_exam_any_more(session: Session, at: ExamHall) -> None:
    perform(session, at.agent, "leave", reason="离职", departed_on=clock.now().date())
    session.commit()
    assert sitting_of(session, at).state is SittingState.CANCELLED
    assert told(session, "exam.taken_off") == []


@pytest.mark.clause("TRN-6")
def test_last_failed_attempt_of_a_leaver_is_told_without_a_retraining(session: Session, at: ExamHall) -> None:
    failed(session, at)
    result = taken(session, at, right=False, attempt=2)
    perform(session, at.agent, "leave", reason="离职", departed_on=clock.now().date())
    perform(session, result, "tell")
    session.commit()
    reasons = session.scalars(select(Enrolment.reason).where(Enrolment.staff_id == at.agent.id)).all()
    assert EnrolmentReason.RETRAINING not in reasons


def test_question_added_later_is_not_on_the_paper(session: Session, at: ExamHall) -> None:
    session.add(question(at.school, at.course, "NEW", category="章1"))
    session.commit()
    assert "NEW" not in [item.code for item in loaded(session.scalars(select(ExamPaper)).one().items)]


@pytest.mark.clause("TRN-5")
def test_whoever_joins_the_training_late_is_called_to_its_exam(session: Session, at: ExamHall) -> None:
    late = staff(session, at.school.department, of=at.school.team, superior=at.school.lead)
    session.add(
        Enrolment(department_id=at.school.department.id, course_id=at.course.id, staff_id=late.id, reason="assigned")
    )
    session.commit()
    enrolment = session.scalars(select(Enrolment).where(Enrolment.staff_id == late.id)).one()
    assert session.scalars(select(ExamSitting).where(ExamSitting.staff_id == late.id)).all() == []
    enrolment.session_id = at.training.id
    perform(session, enrolment, "attend")
    session.commit()
    assert sitting_of(session, at, late).enrolment_id == enrolment.id


@pytest.mark.clause("TRN-6")
def test_people_are_called_once(session: Session, at: ExamHall) -> None:
    from plugins.exam.calling import call, enrolled_in_the_course

    people = enrolled_in_the_course(session, at.exam)
    assert sorted(people) == sorted(agent.id for agent in at.agents)
    assert call(session, at.exam, [*people, at.school.lead.id, at.school.lead.id]) == 1
    session.commit()
    assert sitting_of(session, at, at.school.lead).state is SittingState.ASSIGNED


@pytest.mark.clause("TRN-6")
def test_practicals_score_stands_with_the_enrolment_once_told(session: Session) -> None:
    at = hall(session, kinds=(QuestionKind.PRACTICAL,))
    perform(session, enrolment_of(session, at), "attend")
    result = result_of(session, at)
    mark(result, 1, "1.8")
    perform(session, result, "finish_marking")
    assert enrolment_of(session, at).practical_score is None
    perform(session, result, "tell")
    session.commit()
    enrolment = enrolment_of(session, at)
    assert (enrolment.practical_score, enrolment.objective_met) == (Decimal("90.00"), True)
