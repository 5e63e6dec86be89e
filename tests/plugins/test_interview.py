from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import seeing_all
from engine.errors import NotAllowedError, PolicyError
from engine.notices.wording import read_out
from engine.transitions.performing import perform
from models.candidate import Candidate, ClosedCause, Stage
from models.interview import Advice, InterviewState, Round
from models.notification import Notification
from models.organisation import StaffStatus
from tests.factories.hiring import GOOD, Hiring, brought_to, hiring, interview
from tests.factories.organisation import staff
from tests.factories.quality import by
from tests.factories.refusals import objections, refused


@pytest.fixture
def at(session: Session) -> Hiring:
    return hiring(session)


@pytest.mark.clause("HIRE-3")
def test_interviewer_scores_each_item(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    sheet = interview(session, at, made, Round.FIRST)
    session.commit()
    assert session.scalars(select(Notification.recipient_id).where(Notification.code == "interview.planned")).all() == [
        at.lead.id
    ]
    # Whoever plans it does not know in which language it is read.
    told = session.scalars(select(Notification).where(Notification.code == "interview.planned")).one()
    assert told.data["round"]["en"] == "First interview"
    assert read_out(told, "en").text.startswith("First interview with 热线客服（夏季）")
    with by(at.lead):
        perform(session, sheet, "hand_in", scores=GOOD, advice=Advice.TAKE, remark="沉稳")
        session.commit()
    assert (sheet.mean, sheet.state, sheet.remark) == (Decimal(80), InterviewState.SCORED, "沉稳")


@pytest.mark.clause("HIRE-3")
@pytest.mark.parametrize(
    "scores",
    [
        {},
        {"communication": 80},
        GOOD | {"looks": 90},
        GOOD | {"communication": 101},
        GOOD | {"communication": -1},
        GOOD | {"communication": "80"},
        GOOD | {"communication": True},
    ],
)
def test_sheet_without_every_item_is_refused(session: Session, at: Hiring, scores: Mapping[str, object]) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    sheet = interview(session, at, made, Round.FIRST)
    with by(at.lead):
        assert objections(session, sheet, "hand_in", scores=scores, advice=Advice.TAKE) == [
            "interview.every_item_is_scored"
        ]


@pytest.mark.clause("HIRE-3")
def test_nobody_fills_in_another_interviewers_sheet(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    sheet = interview(session, at, made, Round.FIRST)
    with by(at.hr), pytest.raises(NotAllowedError):
        perform(session, sheet, "hand_in", scores=GOOD, advice=Advice.TAKE)


@pytest.mark.clause("HIRE-3")
def test_interviewer_has_one_sheet_of_a_round(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    interview(session, at, made, Round.FIRST)
    interview(session, at, made, Round.FIRST, at.manager)
    session.commit()
    with by(at.hr), pytest.raises(PolicyError) as error:
        interview(session, at, made, Round.FIRST)
    (broken,) = error.value.violations
    assert (broken.rule, broken.field) == ("interview.interviewer_has_one_sheet", "interviewer_id")
    values = broken.values
    assert (values["person"], values["round"]) == (at.lead.label, Round.FIRST.label)


@pytest.mark.clause("HIRE-3")
def test_agent_interviews_nobody(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    with by(at.hr), refused(session, "interview.interviewer_is_on_post"):
        interview(session, at, made, Round.FIRST, at.agent)


@pytest.mark.clause("HIRE-3")
def test_handed_in_sheet_stays(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.SECOND_INTERVIEW)
    with by(at.hr), refused(session, "interview.sheet_stays"):
        made.interviews[0].scores = dict.fromkeys(GOOD, 100)


@pytest.mark.clause("HIRE-2")
def test_round_is_held_at_its_stage(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    with by(at.hr), refused(session, "interview.round_fits_the_stage"):
        interview(session, at, made, Round.SECOND)


def test_interviewer_is_on_post(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    gone = staff(session, at.department, of=at.team, superior=at.lead)
    perform(session, gone, "leave", reason="离职")
    session.commit()
    assert gone.status is StaffStatus.LEFT
    with by(at.hr), refused(session, "interview.interviewer_is_on_post"):
        interview(session, at, made, Round.FIRST, gone)


@pytest.mark.clause("HIRE-3")
def test_interviewer_knows_the_candidate_for_as_long_as_the_interview_stands(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    sheet = interview(session, at, made, Round.FIRST)
    session.commit()
    with by(at.lead):
        assert session.scalars(select(Candidate.id)).all() == [made.id]
    with by(at.hr):
        perform(session, sheet, "cancel", reason="换人面试")
        session.commit()
    with by(at.lead):
        assert session.scalars(select(Candidate.id)).all() == []


def told(session: Session, code: str) -> list[int]:
    with seeing_all():
        return list(session.scalars(select(Notification.recipient_id).where(Notification.code == code)))


@pytest.mark.clause("HIRE-3")
def test_exchanged_interviewers_hear_of_it(session: Session, at: Hiring) -> None:
    sheet = interview(session, at, brought_to(session, at, Stage.FIRST_INTERVIEW), Round.FIRST)
    session.commit()
    for person in (at.manager, at.lead):
        with by(at.hr):
            sheet.interviewer_id = person.id
            session.commit()
            sheet.place = "三号会议室"
            session.commit()
    assert told(session, "interview.planned") == [at.lead.id, at.manager.id, at.lead.id]
    assert told(session, "interview.handed_on") == [at.lead.id, at.manager.id]


@pytest.mark.clause("HIRE-3")
def test_interviewer_hears_that_it_is_cancelled_and_planned_again(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    sheet = interview(session, at, made, Round.FIRST)
    with by(at.hr):
        perform(session, sheet, "cancel", reason="面试官出差")
        assert (told(session, "interview.cancelled"), told(session, "interview.moved")) == ([at.lead.id], [])
        for days in (1, 2):
            perform(session, sheet, "plan_again", planned_at=sheet.planned_at + timedelta(days=days))
        session.commit()
    assert sheet.state is InterviewState.PLANNED
    assert told(session, "interview.moved") == [at.lead.id] * 2


@pytest.mark.clause("HIRE-3")
def test_time_is_changed_by_planning_again_only(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    sheet = interview(session, at, made, Round.FIRST)
    with by(at.hr):
        sheet.place = "二楼"
        session.commit()
        with refused(session, "interview.time_moves_by_planning_again"):
            sheet.planned_at += timedelta(days=1)


@pytest.mark.clause("HIRE-3")
def test_interview_is_scored_on_its_day_and_not_before(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    sheet = interview(session, at, made, Round.FIRST)
    with by(at.hr):
        perform(session, sheet, "plan_again", planned_at=sheet.planned_at + timedelta(days=1))
    with by(at.lead):
        assert objections(session, sheet, "hand_in", scores=GOOD, advice=Advice.TAKE) == [
            "interview.interview_was_held"
        ]
        with clock.fixed_at(sheet.planned_at):
            perform(session, sheet, "hand_in", scores=GOOD, advice=Advice.TAKE)
    assert sheet.state is InterviewState.SCORED


@pytest.mark.clause("HIRE-2")
def test_nobody_is_interviewed_before_they_apply(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    sheet = interview(session, at, made, Round.FIRST)
    with by(at.hr):
        perform(session, sheet, "plan_again", planned_at=clock.now())
        session.commit()
        with refused(session, "interview.application_comes_first"):
            perform(session, sheet, "plan_again", planned_at=clock.now() - timedelta(days=1))


@pytest.mark.clause("HIRE-2")
def test_nothing_is_written_about_who_is_not_hired(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    sheet = interview(session, at, made, Round.FIRST)
    with by(at.hr):
        perform(session, made, "reject", closed_cause=ClosedCause.INTERVIEW, closed_reason="未到场")
        session.commit()
        assert sheet.state is InterviewState.CANCELLED
        assert told(session, "interview.cancelled") == [at.lead.id]
        assert objections(session, sheet, "plan_again", planned_at=sheet.planned_at) == [
            "interview.candidate_is_under_way"
        ]
