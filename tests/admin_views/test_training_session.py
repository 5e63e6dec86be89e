import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import clock
from engine.acting import Role
from engine.transitions.performing import perform
from models.audit import AuditEntry
from models.course import Course
from models.organisation import Staff
from models.training_session import (
    Enrolment,
    EnrolmentReason,
    EnrolmentState,
    SessionState,
    TrainingFeedback,
    TrainingSession,
)
from tests.factories.browsing import post
from tests.factories.classroom import Classroom
from tests.factories.exams import exam
from tests.factories.pages import in_english, read, text_of
from tests.factories.training import course, planned
from tests.fixtures.client import ClientAs


def enrolment_of(room: Classroom, person: Staff, training: int | None = None) -> Enrolment:
    with room.session() as session:
        found = select(Enrolment).where(
            Enrolment.staff_id == person.id, Enrolment.session_id == (training or room.training)
        )
        row = session.scalars(found).one()
        session.refresh(row)
        session.expunge(row)
    return row


def coming(room: Classroom) -> int:
    with room.session() as session:
        made = planned(room.school)
        session.add(made)
        session.flush()
        return made.id


@pytest.mark.clause("TRN-4")
def test_trainer_takes_attendance_on_one_page(room: Classroom, client_as: ClientAs) -> None:
    trainer = in_english(client_as(room.school.trainer))
    first, second = (enrolment_of(room, person) for person in room.school.agents)
    mark = f"/training_session/mark/?id={room.training}"
    assert "All 2 left are present" in read(trainer, f"/training_session/attendance/?id={room.training}")
    assert post(trainer, mark, {"mark": "miss", "enrolment": str(first.id)}).status_code == 303
    assert post(trainer, mark, {"mark": "all"}).status_code == 303
    assert post(trainer, mark, {"mark": "grade", "enrolment": str(second.id), "score": "88.5"}).status_code == 303
    assert [enrolment_of(room, person).state for person in room.school.agents] == [
        EnrolmentState.ABSENT,
        EnrolmentState.ATTENDED,
    ]
    refused = post(trainer, mark, {"mark": "grade", "enrolment": str(second.id), "score": "188"})
    assert (refused.status_code, "between 0 and 100" in text_of(refused)) == (422, True)
    assert "Close the session" in read(trainer, f"/training_session/attendance/?id={room.training}")


@pytest.mark.clause("TRN-4")
def test_attendance_is_not_for_participants(room: Classroom, client_as: ClientAs) -> None:
    agent = client_as(room.school.agent)
    assert agent.get(f"/training_session/attendance/?id={room.training}").status_code == 403
    assert post(agent, f"/training_session/mark/?id={room.training}", {"mark": "all"}).status_code == 403


def test_session_is_rescheduled_from_its_present_hours_and_room(room: Classroom, client_as: ClientAs) -> None:
    page = client_as(room.school.trainer).get(f"/training_session/move/reschedule/?id={coming(room)}").text
    assert 'value="三号会议室"' in page
    assert 'value="2026-' in page


@pytest.mark.clause("TRN-2")
def test_lead_gives_places_to_their_own_team(room: Classroom, client_as: ClientAs) -> None:
    training = coming(room)
    lead = in_english(client_as(room.school.lead))
    page = read(lead, f"/training_session/enrol/?id={training}")
    assert room.school.trainer.label not in page
    # Both sit in the session under way: they have an open enrolment in this course already.
    assert room.school.agent.label not in page
    refused = post(lead, f"/training_session/enrol/?id={training}", {"person": str(room.school.agent.id)})
    assert "already enrolled" in text_of(refused)


@pytest.mark.clause("TRN-2")
def test_agent_asks_for_a_place_themselves(room: Classroom, client_as: ClientAs) -> None:
    with room.session() as session:
        for each in session.scalars(select(Enrolment)).all():
            perform(session, each, "attend")
    training = coming(room)
    agent = in_english(client_as(room.school.agent))
    assert "I would like to take part" in read(agent, f"/training_session/details/?id={training}")
    form = {"course_id": str(room.school.course.id), "session_id": str(training), "staff_id": str(room.school.lead.id)}
    assert post(agent, "/enrolment/new/", form).status_code == 303
    wish = enrolment_of(room, room.school.agent, training)
    assert (wish.reason, wish.state) == (EnrolmentReason.OWN_WISH, EnrolmentState.PROPOSED)
    assert "Withdraw the wish" in read(agent, f"/training_session/details/?id={training}")
    assert post(agent, f"/enrolment/move/withdraw/?id={wish.id}", {"version": str(wish.version)}).status_code == 303
    assert "I would like to take part" in read(agent, f"/training_session/details/?id={training}")


@pytest.mark.clause("TRN-7")
def test_participant_answers_and_trainer_sees_no_name(room: Classroom, client_as: ClientAs) -> None:
    with room.session() as session:
        for each in session.scalars(select(Enrolment)).all():
            perform(session, each, "attend")
        training = each.session
        assert training is not None
        perform(session, training, "close")
        asked = session.scalars(
            select(TrainingFeedback.id).where(TrainingFeedback.staff_id == room.school.agent.id)
        ).one()
    agent = in_english(client_as(room.school.agent))
    assert "Answer the questionnaire" in read(agent, f"/training_session/details/?id={room.training}")
    address = f"/training_feedback/move/answer/?id={asked}"
    assert "without names" in read(agent, address)
    given = {"ask_content": "4", "ask_teaching": "3", "ask_usefulness": "2", "ask_comment": "请多练习", "version": "1"}
    assert post(agent, address, given).status_code == 303
    page = read(in_english(client_as(room.school.trainer)), f"/training_session/details/?id={room.training}")
    assert "请多练习" in page
    assert "Satisfaction · target 4" in page
    assert "A target is missed" in page
    with room.session() as session:
        assert session.get_one(type(training), room.training).state is SessionState.CLOSED
        entry = session.scalars(
            select(AuditEntry.id).where(AuditEntry.entity == "training_feedback", AuditEntry.action == "answer")
        ).one()
    audit = [f"/audit_entry/details/?id={entry}", "/audit_entry/"]
    own = f"/training_feedback/details/?id={asked}"
    for person, role, pages in (
        (room.school.manager, Role.ADMINISTRATOR, audit),
        (room.school.lead, Role.AUDITOR, [*audit, own]),
    ):
        reader = in_english(client_as(person, role, Role.AGENT))
        told = {page: read(reader, page) for page in pages}
        assert "Questionnaire" in told[audit[0]]
        assert [page for page, said in told.items() if "请多练习" in said or "teaching" in said.casefold()] == []


@pytest.mark.clause("TRN-10")
def test_notes_are_shown_to_the_trainer(room: Classroom, client_as: ClientAs) -> None:
    agent = client_as(room.school.agent)
    form = {"session_id": str(room.training), "body": "先复述，再回答"}
    assert post(agent, "/training_note/new/", form).status_code == 303
    shown = f"/training_session/details/?id={room.training}"
    assert "先复述，再回答" in read(client_as(room.school.trainer), shown)
    assert "先复述，再回答" in read(agent, shown)
    assert "先复述，再回答" not in read(client_as(room.school.agents[1]), shown)


def test_desk_asks_for_a_place_only_where_there_is_none(room: Classroom, client_as: ClientAs) -> None:
    trainer = in_english(client_as(room.school.trainer))
    assert "Give a place" not in read(trainer, "/")
    with room.session() as session:
        perform(session, session.get_one(Enrolment, enrolment_of(room, room.school.agent).id), "lose_place")
    waiting = read(trainer, "/").partition("What waits for me")[2]
    assert "Give a place" in waiting
    assert "Present" not in waiting


@pytest.mark.clause("TRN-2")
def test_trainer_plans_a_session_without_naming_it(room: Classroom, client_as: ClientAs) -> None:
    trainer = in_english(client_as(room.school.trainer, Role.TRAINER))
    form = trainer.get("/training_session/new/").text
    assert re.search(
        rf'name="trainer_id"[^>]*value="{room.school.trainer.id}"|value="{room.school.trainer.id}" selected', form
    )
    given = {
        "course_id": str(room.school.course.id),
        "starts_at": "2031-05-06T09:00",
        "ends_at": "2031-05-06T10:00",
        "trainer_id": str(room.school.trainer.id),
        "place": "三号会议室",
        "is_business_training-shown": "1",
    }
    assert post(trainer, "/training_session/new/", given).status_code == 303
    assert "倾听技巧 2031-05-06" in read(trainer, "/training_session/")


@pytest.mark.clause("TRN-5")
def test_business_training_leads_to_its_exam_until_that_is_set(room: Classroom, client_as: ClientAs) -> None:
    with room.session() as session:
        taught = course(session, room.school.department, "returns", exam=True)
        made = planned(room.school, course_id=taught.id, is_business_training=True)
        session.add(made)
        session.flush()
        number, course_id = made.id, taught.id
    trainer = in_english(client_as(room.school.trainer, Role.TRAINER))
    page = trainer.get(f"/training_session/details/?id={number}").text
    assert f"course_id={course_id}&amp;session_id={number}" in page
    assert "Set its exam" not in read(client_as(room.school.agent), f"/training_session/details/?id={number}")
    with room.session() as session:
        session.add(exam(room.school, session.get_one(Course, course_id), session.get_one(TrainingSession, number)))
    assert "Set its exam" not in read(trainer, f"/training_session/details/?id={number}")


@pytest.mark.clause("TRN-7")
def test_evaluated_session_waits_on_nobodys_desk(room: Classroom, client_as: ClientAs) -> None:
    trainer = in_english(client_as(room.school.trainer))
    with room.session() as session:
        for one in session.scalars(select(Enrolment)).all():
            perform(session, one, "attend")
        perform(session, session.get_one(TrainingSession, room.training), "close")
    owed = read(trainer, f"/training_session/details/?id={room.training}").partition("What is owed")[2]
    assert "Evaluate the training session TRN-7" in owed
    assert "Evaluate" in read(trainer, "/").partition("What waits for me")[2].partition("New notices")[0]
    with clock.fixed_at(clock.now() + timedelta(days=30)), room.session() as session:
        perform(session, session.get_one(TrainingSession, room.training), "evaluate", changes="增加演练")
    assert "Evaluate" not in read(trainer, "/").partition("What waits for me")[2].partition("New notices")[0]


@pytest.mark.clause("TRN-2")
def test_calendar_shows_the_sessions_to_whoever_holds_them(room: Classroom, client_as: ClientAs) -> None:
    training = f"/training_session/details/?id={room.training}"
    month = clock.now().strftime("/calendar/?month=%Y-%m&view=agenda")
    assert training in client_as(room.school.trainer).get(month).text
    assert training not in client_as(room.school.agent).get(month).text
