from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from engine import clock
from engine.transitions.performing import perform
from models.attachment import Attachment
from models.course import CourseCategory
from models.learning_resource import LearningRecord, LearningResource, LearningState
from models.training_session import Enrolment, EnrolmentReason, EnrolmentState
from tests.factories.browsing import post, version_in
from tests.factories.classroom import Classroom
from tests.factories.pages import in_english, read
from tests.factories.programs import program
from tests.factories.training import course
from tests.fixtures.client import ClientAs


@pytest.fixture
def text(room: Classroom) -> int:
    with room.session() as session:
        made = LearningResource(
            department_id=room.school.department.id,
            name="怎样倾听",
            category=CourseCategory.COMMUNICATION,
            minutes=15,
            body="先听完，再复述。",
        )
        session.add(made)
        session.flush()
        return made.id


@pytest.mark.clause("TRN-9")
def test_text_is_shown_once_it_is_opened_and_the_opening_is_kept(
    room: Classroom, text: int, client_as: ClientAs
) -> None:
    agent = in_english(client_as(room.school.agent))
    address = f"/learning_resource/details/?id={text}"
    assert "先听完" not in read(agent, address)
    for _twice in range(2):
        assert post(agent, f"/learning_resource/open/?id={text}").status_code == 303
    assert "先听完" in read(agent, address)
    assert "I have finished it" in read(agent, address)
    with room.session() as session:
        kept = session.scalars(select(LearningRecord)).one()
        assert (kept.staff_id, kept.state) == (room.school.agent.id, LearningState.OPENED)


@pytest.mark.clause("TRN-9")
def test_list_shows_the_reader_what_they_opened(room: Classroom, text: int, client_as: ClientAs) -> None:
    agent, colleague = (in_english(client_as(person)) for person in room.school.agents)
    post(agent, f"/learning_resource/open/?id={text}")
    assert "Opened, not finished" in read(agent, "/learning_resource/")
    assert "Opened, not finished" not in read(colleague, "/learning_resource/")


@pytest.mark.clause("TRN-6", "TRN-9")
def test_what_was_finished_is_opened_again_for_a_retraining(room: Classroom, text: int, client_as: ClientAs) -> None:
    agent, address = in_english(client_as(room.school.agent)), f"/learning_resource/details/?id={text}"
    post(agent, f"/learning_resource/open/?id={text}")
    with room.session() as session:
        record = session.scalars(select(LearningRecord)).one()
        perform(session, record, "finish")
        online = course(session, room.school.department, "online")
        session.get_one(LearningResource, text).course = online
        session.flush()
        number, course_id = record.id, online.id
    assert "Open again" not in read(agent, address)
    with clock.fixed_at(clock.now() + timedelta(minutes=1)):
        with room.session() as session:
            session.add(
                Enrolment(
                    department_id=room.school.department.id,
                    course_id=course_id,
                    staff_id=room.school.agent.id,
                    reason=EnrolmentReason.RETRAINING,
                    state=EnrolmentState.ENROLLED,
                )
            )
            session.flush()
        assert "Open again" in read(agent, address)
        version = version_in(agent.get(address))
        post(agent, f"/learning_record/move/open_again/?id={number}", {"version": version})
        assert "I have finished it" in read(agent, address)


@pytest.mark.clause("TRN-9")
def test_file_is_read_once_it_is_opened(room: Classroom, text: int, client_as: ClientAs) -> None:
    trainer, agent = client_as(room.school.trainer), client_as(room.school.agent)
    post(trainer, f"/learning_resource/attach/?id={text}", {"file": (BytesIO(b"first listen, then repeat"), "a.txt")})
    with room.session() as session:
        file = session.scalars(select(Attachment.id)).one()
    address = f"/learning_resource/attachment/?id={text}&file={file}"
    assert (trainer.get(address, buffered=True).status_code, agent.get(address).status_code) == (200, 404)
    post(agent, f"/learning_resource/open/?id={text}")
    assert agent.get(address, buffered=True).status_code == 200


@pytest.mark.clause("TRN-9")
def test_programs_of_readers_are_not_told_what_they_would_have_to_open(app: Flask, room: Classroom, text: int) -> None:
    theirs, mine = program(app, room.school.trainer), program(app, room.school.agent)
    assert theirs.get(f"/learning_resource/{text}").get_json()["body"] == "先听完，再复述。"
    assert not {"body", "link"} & set(mine.get(f"/learning_resource/{text}").get_json())
